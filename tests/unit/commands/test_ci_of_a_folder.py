"""A project in a folder of its repository: pipelines at the root are found, others are left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.commands.ci_project import git, project_in_git
from tests.unit.support.command_line import Run, runner


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project is in `infra/mirrors` of the repository."""
    folder = tmp_path / "infra" / "mirrors"
    folder.mkdir(parents=True)
    project_in_git(folder, monkeypatch)
    (folder / ".git").rename(tmp_path / ".git")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "moved")
    return folder


def test_a_pipeline_at_the_root_that_was_not_printed_again_fails(
    run: Run, project: Path, capsys: Any
) -> None:
    """Only the project's folder was searched, where no forge reads a pipeline."""
    there = project.parents[1] / ".github" / "workflows" / "mirror-deploy.yml"
    there.parent.mkdir(parents=True)
    assert run("ci", "github", "deploy") == 0
    text = capsys.readouterr().out
    there.write_text(text)
    assert run("ci", "check") == 0
    there.write_text(text.replace("prod-west", "prod-south"))
    capsys.readouterr()
    assert run("ci", "check") == 1
    told = "`region-mirror ci github deploy > ../../.github/workflows/mirror-deploy.yml`"
    assert told in " ".join(capsys.readouterr().out.split())
    there.write_text(text.replace("prod-west", "prod-south").replace("infra/mirrors", "infra/others"))
    assert run("ci", "check") == 0, "it is of another project"


def test_git_need_not_be_installed(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """Both commands ended with a traceback where it is not; they had not needed it before."""
    monkeypatch.setenv("PATH", str(project))
    assert run("ci", "github", "deploy") == 0
    assert 'working-directory: "infra/mirrors"' in capsys.readouterr().out
    assert run("ci", "check") == 0


def test_a_folder_that_cannot_be_part_of_a_script_is_refused(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    odd = project.rename(project.parent / "$(mirrors)")
    monkeypatch.chdir(odd)
    monkeypatch.setenv("PWD", str(odd))
    assert run("ci", "gitlab") == 2
    assert "infra/$(mirrors)" in capsys.readouterr().err
