"""The stack that Pulumi has selected, as the versions of its CLI write it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mirror.commands.pulumi_selection import selection
from mirror.commands.stack_files import stack_file
from mirror.problems import CouldNotRun
from tests.unit.commands.stack_project import mirror_of, project_with_two_stacks, select


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return project_with_two_stacks(tmp_path, monkeypatch)


def test_the_newest_cli_selects_a_stack_for_each_backend(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Pulumi 3.276 was seen to write it."""
    stacks = {"file:///state": "organization/infra/prod", "https://api.pulumi.com": "acme/infra/dev"}
    select(project, tmp_path, json.dumps({"stacks": stacks}))
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///state")
    assert mirror_of() == "to-prod"
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://api.pulumi.com/")
    assert mirror_of() == "to-dev"
    monkeypatch.delenv("PULUMI_BACKEND_URL")
    login = tmp_path / "pulumi-home" / "credentials.json"
    login.write_text(json.dumps({"current": "file:///state", "accounts": {}}))
    assert mirror_of() == "to-prod"
    (project / "Pulumi.yaml").write_text(
        "{name: infra, stackConfigDir: stacks, backend: {url: 'https://api.pulumi.com'}}"
    )
    assert mirror_of() == "to-dev"


@pytest.mark.parametrize(
    ("workspace", "backend", "expected"),
    [
        ({"stack": "old"}, "s3://state", "old"),
        ({"stack": "old", "stacks": {"s3://state": "new"}}, "s3://state", "new"),
        ({"stack": "old", "stacks": {"s3://other": "new"}}, "s3://state", "old"),
        ({"stacks": {"s3://other": "new"}}, "s3://state", ""),
        ({"stacks": {"s3://other": "new"}}, "", "new"),
        ({"stacks": {"s3://one": "a", "s3://other": "b"}}, "", ""),
        ({"stacks": ["a"]}, "", ""),
        ({"stacks": {"s3://state": 3}}, "s3://state", ""),
    ],
)
def test_the_selection_is_that_of_the_backend(
    workspace: dict[str, object], backend: str, expected: str
) -> None:
    assert selection(workspace, backend) == expected


@pytest.mark.parametrize("text", ["", "[]", '{"current": 3}', '{"encrypted": "x"}'])
def test_an_unknown_login_leaves_the_only_selection(project: Path, tmp_path: Path, text: str) -> None:
    select(project, tmp_path, json.dumps({"stacks": {"s3://state": "organization/infra/prod"}}))
    (tmp_path / "pulumi-home" / "credentials.json").write_text(text)
    assert mirror_of() == "to-prod"


def test_the_newest_cli_follows_links_to_the_project(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    select(project, tmp_path, json.dumps({"stacks": {"s3://state": "organization/infra/prod"}}))
    (tmp_path / "link").symlink_to(project)
    monkeypatch.chdir(tmp_path / "link")
    monkeypatch.setenv("PWD", str(tmp_path / "link"))
    assert mirror_of() == "to-prod"


@pytest.mark.parametrize("text", ["{}", "[]", '{"stack": 3}', "null"])
def test_a_workspace_without_a_selection(project: Path, tmp_path: Path, text: str) -> None:
    select(project, tmp_path, text)
    with pytest.raises(CouldNotRun, match="no stack is named"):
        stack_file("", None)


def test_a_broken_workspace_is_one_message(project: Path, tmp_path: Path) -> None:
    file = select(project, tmp_path, "{")
    with pytest.raises(CouldNotRun, match=f"reading Pulumi's selected stack from {file}.*\n.*--stack NAME"):
        stack_file("", None)
