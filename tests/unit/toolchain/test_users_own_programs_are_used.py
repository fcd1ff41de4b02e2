"""What the user has is used and not built; what belongs to it is still built."""

from dataclasses import replace
from pathlib import Path

import pytest

from lab.toolchain.host import Host, newest_plugin, observe, parse_go_version
from lab.toolchain.steps import plan, replaced_by_user
from lab.toolchain.toolchain import ToolchainIncomplete, resolve

ALL_PULUMI = {"pulumi", "pulumi-resource-kubernetes"}


def planned(host: Host, root: Path) -> set[str]:
    return {step.name for step in plan(host, root, {})}


def test_bare_machine_builds_everything(complete_host: Host, tmp_path: Path) -> None:
    assert planned(complete_host, tmp_path) >= ALL_PULUMI | {"kafka", "crds", "etcd", "kubectl"}


def test_own_cli_without_plugin_still_builds_the_plugin(complete_host: Host, tmp_path: Path) -> None:
    host = replace(complete_host, pulumi=Path("/p/pulumi"))
    assert planned(host, tmp_path) & ALL_PULUMI == {"pulumi-resource-kubernetes"}


def test_own_cli_and_plugin_build_nothing_of_pulumi(complete_host: Host, tmp_path: Path) -> None:
    host = replace(complete_host, pulumi=Path("/p/pulumi"), kubernetes_plugin=Path("/p/plugin"))
    assert planned(host, tmp_path) & ALL_PULUMI == set()
    assert replaced_by_user(host) == ALL_PULUMI


def test_own_yaml_language_host_is_not_built(complete_host: Host, tmp_path: Path) -> None:
    assert "pulumi-language-yaml" in planned(complete_host, tmp_path)
    host = replace(complete_host, yaml_language_host=Path("/p/pulumi-language-yaml"))
    assert "pulumi-language-yaml" not in planned(host, tmp_path)


def test_toolchain_names_the_users_programs(complete_host: Host, tmp_path: Path) -> None:
    host = replace(
        complete_host,
        kubectl=Path("/k/kubectl"),
        pulumi=Path("/p/pulumi"),
        kubernetes_plugin=Path("/p/plugin"),
        yaml_language_host=Path("/p/pulumi-language-yaml"),
    )
    steps = plan(host, tmp_path, {})
    for step in steps:
        step.product(tmp_path).mkdir(parents=True)
    toolchain = resolve(host, steps, tmp_path)
    assert (toolchain.kubectl, toolchain.pulumi) == (Path("/k/kubectl"), Path("/p/pulumi"))
    assert toolchain.pulumi_path == ()
    assert toolchain.environment({"PATH": "/bin"})["PATH"] == "/bin"


def test_built_parts_come_first_on_path(complete_host: Host, tmp_path: Path) -> None:
    steps = plan(complete_host, tmp_path, {})
    for step in steps:
        step.product(tmp_path).mkdir(parents=True)
    env = resolve(complete_host, steps, tmp_path).environment({"PATH": "/bin", "HOME": "/h"})
    first = env["PATH"].split(":")
    assert [Path(folder).parent.name for folder in first[:-1]] == [
        "pulumi",
        "pulumi-resource-kubernetes",
        "pulumi-language-yaml",
    ]
    assert first[-1] == "/bin"
    assert env["HOME"] == "/h"
    assert env["PULUMI_SKIP_UPDATE_CHECK"] == "true"


def test_incomplete_toolchain_says_what_is_missing(complete_host: Host, tmp_path: Path) -> None:
    steps = plan(complete_host, tmp_path, {})
    for step in steps:
        if step.name != "etcd":
            step.product(tmp_path).mkdir(parents=True)
    with pytest.raises(ToolchainIncomplete, match="lacks etcd: run `make setup`"):
        resolve(complete_host, steps, tmp_path)


def test_cli_counts_only_with_its_language_host(tmp_path: Path) -> None:
    for name in ("pulumi", "pulumi-language-python"):
        program = tmp_path / name
        program.touch()
        program.chmod(0o755)
        found = observe({"PATH": str(tmp_path), "HOME": str(tmp_path)}).pulumi
        assert found == (None if name == "pulumi" else tmp_path / "pulumi")


def test_yaml_language_host_is_found_beside_the_cli(tmp_path: Path) -> None:
    shipped, on_path = tmp_path / "shipped", tmp_path / "bin"
    for folder in (shipped, on_path):
        folder.mkdir()
    for name in ("pulumi", "pulumi-language-python", "pulumi-language-yaml"):
        (shipped / name).touch(mode=0o755)
    (on_path / "pulumi").symlink_to(shipped / "pulumi")
    found = observe({"PATH": str(on_path), "HOME": str(tmp_path)}).yaml_language_host
    assert found == shipped / "pulumi-language-yaml"


def test_newest_plugin_by_number() -> None:
    names = ["resource-kubernetes-v4.9.0", "resource-kubernetes-v4.34.2", "resource-kubernetes-v4.34.2.lock"]
    assert newest_plugin(names) == "resource-kubernetes-v4.34.2"
    assert newest_plugin([]) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("go version go1.26.8 linux/amd64\n", ("1.26.8", "linux/amd64")),
        ("go version go1.26.8 X:nodwarf5 darwin/arm64", ("1.26.8", "darwin/arm64")),
        ("zsh: command not found: go", None),
    ],
)
def test_go_version(text: str, expected: tuple[str, str] | None) -> None:
    assert parse_go_version(text) == expected
