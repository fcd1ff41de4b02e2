"""The newest Pulumi CLI: no part of the set-up, used where REGION_MIRROR_PULUMI asks for it."""

from pathlib import Path

import pytest

from lab.toolchain.go_build import (
    MODULES,
    NEWEST_PULUMI,
    PRODUCTS,
    module_version,
    required_go,
    version_tuple,
)
from lab.toolchain.host import Host
from lab.toolchain.steps import newest_pulumi, plan
from lab.toolchain.toolchain import Toolchain, ToolchainIncomplete

PKG = "github.com/pulumi/pulumi/pkg/v3"


def test_it_is_no_part_of_the_plan(complete_host: Host, tmp_path: Path) -> None:
    assert NEWEST_PULUMI not in [step.name for step in plan(complete_host, tmp_path, {})]
    assert newest_pulumi(complete_host, tmp_path, {}).name == NEWEST_PULUMI


def test_without_the_variable_it_is_not_used(env: dict[str, str]) -> None:
    assert Toolchain.load(env).pulumi.parent.parent.name == "pulumi"


def test_the_variable_puts_it_first_on_path(complete_host: Host, env: dict[str, str], tmp_path: Path) -> None:
    folder = newest_pulumi(complete_host, tmp_path, {}).product(tmp_path)
    folder.mkdir(parents=True)
    loaded = Toolchain.load({**env, "REGION_MIRROR_PULUMI": "newest"})
    path = loaded.environment({"PATH": "/bin"})["PATH"].split(":")
    assert (path[0], path[-1]) == (str(folder), "/bin")
    assert any("pulumi-resource-kubernetes" in part for part in path)
    assert loaded.pulumi == folder / "pulumi"


def test_the_command_that_builds_it_is_named(env: dict[str, str]) -> None:
    with pytest.raises(ToolchainIncomplete, match=r"run `python -m lab\.toolchain newest-pulumi`"):
        Toolchain.load({**env, "REGION_MIRROR_PULUMI": "newest"})


def test_another_value_is_refused(env: dict[str, str]) -> None:
    with pytest.raises(ToolchainIncomplete, match=r"REGION_MIRROR_PULUMI is '3\.276': set it to `newest`"):
        Toolchain.load({**env, "REGION_MIRROR_PULUMI": "3.276"})


def test_it_is_newer_and_has_a_language_host() -> None:
    newest, usual = (
        version_tuple(module_version((MODULES / name / "go.mod").read_text(), PKG).removeprefix("v"))
        for name in (NEWEST_PULUMI, "pulumi")
    )
    assert newest > usual
    (beside,) = PRODUCTS[NEWEST_PULUMI].beside
    assert beside.module == "pulumi"
    assert [file for file, _ in beside.programs] == ["pulumi-language-python"]


def test_its_go_is_not_required_by_the_set_up() -> None:
    assert version_tuple(required_go(NEWEST_PULUMI)) > version_tuple(required_go())
