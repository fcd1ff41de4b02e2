"""A file or stack that fails the check ends the pipeline for every stack: the comment of each says which."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror.forge.report import of_pull_request, read_report
from tests.unit.commands.ci_project import STACK, change, git, project_in_git
from tests.unit.support.command_line import Run, runner


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return project_in_git(tmp_path, monkeypatch)


CHECK = ("ci", "check", "--base", "main", "--reports", "reports", "--markdown")


def test_another_stack_file_with_a_problem(run: Run, project: Path) -> None:
    """The comment said that the preview was cancelled, failed before, or does not exist."""
    git(project, "switch", "--quiet", "main")
    change(project, "staging", STACK.replace("topics:", "topcis:"))
    git(project, "switch", "--quiet", "--create", "other", "main")
    change(project, "prod-west", STACK.replace("[orders]", "[orders, returns]"))
    assert run(*CHECK) == 1
    report = read_report(project / "reports", "prod-west")
    assert [(part.name, part.passed) for part in report.parts] == [("settings", False)]
    assert "`stacks/Pulumi.staging.yaml`" in report.parts[0].text


def test_another_stack_that_the_policy_refuses(run: Run, project: Path) -> None:
    (project / "policy.yaml").write_text("environments: {one: [staging], other: [prod-west]}\n")
    (project / "stacks" / "Pulumi.staging.yaml").write_text(STACK.replace("[orders]", '[".*"]'))
    (project / "stacks" / "Pulumi.prod-west.yaml").write_text(STACK.replace("[orders]", "[returns]"))
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "y")
    assert run(*CHECK) == 1
    assert not read_report(project / "reports", "staging").passed
    report = of_pull_request(read_report(project / "reports", "prod-west"))
    told = [part.text for part in report.parts if part.name == "preview"]
    assert told == ["No stack is previewed, because the check of staging failed.\n"]
    assert not report.passed
