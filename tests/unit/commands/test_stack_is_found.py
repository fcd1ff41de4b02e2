"""Which stack file a command reads: the option, PULUMI_STACK, or the stack that Pulumi has selected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mirror.commands.pulumi_project import PulumiProject, find_project, working_folder
from mirror.commands.stack_files import choose, complete_stack, stack_file
from mirror.problems import CouldNotRun
from tests.unit.commands.stack_project import STACK, mirror_of, project_with_two_stacks, select


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return project_with_two_stacks(tmp_path, monkeypatch)


def test_the_nearest_project_upwards_is_read(project: Path) -> None:
    assert mirror_of("prod") == "to-prod"
    assert choose("prod", None).root == project


def test_sections_of_the_project_file_count(project: Path) -> None:
    """As for Pulumi (`pulumi config`, 3.188.0): `verify` knew nothing of users that were copied."""
    (project / "Pulumi.yaml").write_text(
        "name: infra\nruntime: python\nstackConfigDir: stacks\nconfig:\n"
        "  workers: {type: object, default: {replicas: 3}}\n"
        "  infra:users: {value: {copy: [billing]}}\n"
        "  mirror: {type: object, default: {name: common, topics: [all]}}\n"
        "  other:source: {value: {alias: x}}\n"
        "  mirrors: {type: object, default: {}}\n"
    )
    (settings,) = choose("prod", None).mirrors
    assert (settings.workers.replicas, settings.users.copy) == (3, ("billing",))
    assert (settings.mirror.name, settings.mirror.topics) == ("to-prod", ("orders",))


@pytest.mark.parametrize("name", ["acme/infra/prod", "organization/infra/prod"])
def test_full_names_are_pulumis(project: Path, name: str) -> None:
    assert mirror_of(name) == "to-prod"


def test_the_option_beats_the_variable_beats_the_selection(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    select(project, tmp_path, json.dumps({"stack": "organization/infra/prod"}))
    assert mirror_of() == "to-prod"
    monkeypatch.setenv("PULUMI_STACK", "dev")
    assert mirror_of() == "to-dev"
    assert mirror_of("prod") == "to-prod"


def test_nothing_names_a_stack(project: Path) -> None:
    with pytest.raises(CouldNotRun) as caught:
        stack_file("", None)
    message = str(caught.value)
    assert "no stack is named, PULUMI_STACK is not set, and none is selected" in message
    for way_out in ("--stack NAME", "PULUMI_STACK=NAME", "pulumi stack select NAME", "--config-file FILE"):
        assert way_out in message
    assert message.endswith("stacks that have a file: dev, prod")


def test_no_project_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CouldNotRun, match=r"no Pulumi\.yaml in .* or in a folder above it\n.*--config-file"):
        stack_file("prod", None)


def test_a_missing_file_says_who_named_the_stack(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CouldNotRun, match=r"there is no stacks/Pulumi\.test\.yaml in .*infra\n"):
        stack_file("test", None)
    select(project, tmp_path, '{"stack": "gone"}')
    with pytest.raises(CouldNotRun, match=r"\(gone is the selected stack of the Pulumi project\)"):
        stack_file("", None)
    monkeypatch.setenv("PULUMI_STACK", "other")
    with pytest.raises(CouldNotRun, match=r"\(PULUMI_STACK is other\)"):
        stack_file("", None)


@pytest.mark.parametrize("text", ["", "name: 3", "- a", "name: ["])
def test_a_project_file_that_cannot_be_used(tmp_path: Path, text: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text(text)
    with pytest.raises(CouldNotRun, match="reading the Pulumi project"):
        find_project(tmp_path)


@pytest.mark.parametrize(
    ("file", "content", "wanted"),
    [
        ("Pulumi.yaml", "name: x", "Pulumi.dev.yaml"),
        ("Pulumi.yaml", "{name: x, config: old}", "old/Pulumi.dev.yaml"),
        ("Pulumi.yaml", "{name: x, config: {a: {type: string}}}", "Pulumi.dev.yaml"),
        ("Pulumi.yml", "{name: x, stackConfigDir: new}", "new/Pulumi.dev.yml"),
        ("Pulumi.json", '{"name": "x"}', "Pulumi.dev.json"),
    ],
)
def test_stack_files_are_where_pulumi_keeps_them(
    tmp_path: Path, file: str, content: str, wanted: str
) -> None:
    (tmp_path / file).write_text(content)
    found = find_project(tmp_path)
    assert isinstance(found, PulumiProject)
    assert found.stack_file("dev") == tmp_path / wanted


def test_a_given_file_needs_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PWD", str(tmp_path))
    file = tmp_path / "any.yaml"
    file.write_text(STACK.replace("infra:", "region-mirror:").replace("NAME", "given"))
    chosen = choose("", file)
    assert chosen.mirrors[0].mirror.name == "given"
    assert chosen.root == tmp_path


def test_a_given_file_of_a_project_has_its_settings(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    chosen = choose("", project / "stacks" / "Pulumi.dev.yaml")
    assert chosen.mirrors[0].mirror.name == "to-dev"
    assert chosen.root == project


def test_links_in_the_current_folders_name_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pulumi hashes the path as the shell names it."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path / "link")
    assert working_folder({"PWD": str(tmp_path / "link")}) == tmp_path / "link"
    assert working_folder({"PWD": str(tmp_path)}) == (tmp_path / "real").resolve()
    assert working_folder({}) == (tmp_path / "real").resolve()


def test_the_shell_completes_stacks(project: Path) -> None:
    assert complete_stack("") == ["dev", "prod"]
    assert complete_stack("p") == ["prod"]


def test_completion_outside_a_project_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert complete_stack("") == []
    (tmp_path / "Pulumi.yaml").write_text("[")
    assert complete_stack("") == []


@pytest.mark.parametrize(("name", "owner"), [("Pulumi.dev.yaml", "infra/dev/"), ("other.yaml", "None")])
def test_the_owner_is_the_stack_of_the_file(project: Path, name: str, owner: str) -> None:
    file = project / "stacks" / name
    file.write_text((project / "stacks" / "Pulumi.dev.yaml").read_text())
    assert str(choose("", file).owner) == owner


def test_sections_of_another_project_are_named(project: Path) -> None:
    """After the project was renamed, every section was missing."""
    (project / "Pulumi.yaml").write_text("name: mirrors\nruntime: python\nstackConfigDir: stacks\n")
    with pytest.raises(CouldNotRun, match="sections of project infra, and Pulumi's project file calls"):
        choose("prod", None)


def test_sections_that_are_in_esc_are_not_called_missing_alone(project: Path) -> None:
    file = project / "stacks" / "Pulumi.prod.yaml"
    text = file.read_text()
    file.write_text(f"environment: [mirrors/prod]\n{text.replace('infra:source', 'infra:other')}")
    with pytest.raises(CouldNotRun, match="imports environments of Pulumi ESC, which only Pulumi reads"):
        choose("prod", None)
    file.write_text(f"environment: [mirrors/prod]\n{text}")
    assert choose("prod", None).mirrors, "the file has every section"
