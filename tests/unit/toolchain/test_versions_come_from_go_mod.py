"""The versions that programs report, and the Go they need, are read from the go.mod files alone."""

import pytest

from lab.toolchain.go_build import MODULES, link_flags, module_version, required_go

GO_MOD = "module m\n\ngo 1.26.0\n\nrequire (\n\tk8s.io/kubernetes v1.36.3\n\tx.y/z v0.1.0 // indirect\n)\n"


def test_version_of_a_module() -> None:
    assert module_version(GO_MOD, "k8s.io/kubernetes") == "v1.36.3"


def test_unknown_module() -> None:
    with pytest.raises(KeyError):
        module_version(GO_MOD, "k8s.io/kube")


def test_kubernetes_reports_its_version() -> None:
    flags = link_flags("kubernetes", GO_MOD)
    assert "version.gitVersion=v1.36.3" in flags
    assert "version.gitMajor=1" in flags
    assert "version.gitMinor=36" in flags


def test_pulumi_reports_its_version() -> None:
    text = (MODULES / "pulumi" / "go.mod").read_text()
    version = module_version(text, "github.com/pulumi/pulumi/pkg/v3")
    assert link_flags("pulumi", text).endswith(f"version.Version={version}")


def test_yaml_language_host_reports_its_version() -> None:
    text = (MODULES / "pulumi-yaml" / "go.mod").read_text()
    version = module_version(text, "github.com/pulumi/pulumi-yaml")
    assert link_flags("pulumi-yaml", text).endswith(f"pulumi-yaml/pkg/version.Version={version}")


def test_promtool_is_the_newest_that_the_required_go_builds() -> None:
    text = (MODULES / "promtool" / "go.mod").read_text()
    assert module_version(text, "github.com/prometheus/prometheus") == "v0.315.1"
    assert link_flags("promtool", text) == "-s -w"


def test_newest_go_of_all_modules_is_required() -> None:
    assert required_go() == "1.26.0"


def test_kubernetes_parts_are_of_one_release() -> None:
    text = (MODULES / "kubernetes" / "go.mod").read_text()
    release = module_version(text, "k8s.io/kubernetes").replace("v1.", "v0.", 1)
    replaced = [line.split()[-1] for line in text.splitlines() if " => k8s.io/" in line]
    assert replaced
    assert set(replaced) == {release}
