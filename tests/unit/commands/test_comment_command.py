"""`comment`, `ci approved` and `ci newest` in a job, against a forge that records its requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirror.forge.approvals import approved_by, approved_deployment
from mirror.forge.report import Part, write_part
from tests.unit.commands.ci_project import project_in_git, reports
from tests.unit.support.command_line import Run, runner
from tests.unit.support.forge_server import ForgeServer, serving


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForgeServer]:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7, "head": {"sha": "b" * 40}}}))
    with serving() as server:
        for name, value in {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": server.url,
            "GITHUB_REPOSITORY": "team/mirrors",
            "GITHUB_RUN_ID": "42",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_TOKEN": "ghs_0123456789",
        }.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return project_in_git(tmp_path, monkeypatch)


def test_comments_follow_the_reports(run: Run, project: Path, job: ForgeServer, capsys: Any) -> None:
    reports(project, "prod-west")
    concerned = json.dumps({"stacks": [{"stack": "prod-west", "environment": "production"}], "deleted": []})
    assert run("comment", "--stacks", concerned) == 0
    assert capsys.readouterr().out == "prod-west: created\n"
    assert "east-to-west" in job.bodies[0]
    assert run("comment", "--stacks", "[]") == 0
    assert capsys.readouterr().out == "prod-west: deleted\n"
    assert job.bodies == []


def test_a_preview_that_never_ran_has_not_passed(run: Run, project: Path, job: ForgeServer) -> None:
    """What `check` has judged without a cluster is there also where the job of the preview failed early, or
    where the pipeline does not know a new stack.
    """
    for name in ("settings", "policy"):
        write_part(Path("reports"), "prod-west", Part(name, "### fine", True, 0))
    assert run("comment", "--stacks", '["prod-west"]') == 0
    assert "Stack `prod-west`: **failed**" in job.bodies[0]
    assert "did not end" in job.bodies[0]
    write_part(Path("reports"), "prod-west", Part("preview", "Previewing", False, 0))
    assert run("comment", "--stacks", '["prod-west"]') == 0
    assert "Stack `prod-west`: passed" in job.bodies[0]


def test_a_setting_that_is_refused_needs_no_preview(run: Run, project: Path, job: ForgeServer) -> None:
    write_part(Path("reports"), "prod-west", Part("settings", "### refused", True, 1))
    assert run("comment", "--stacks", '["prod-west"]') == 0
    assert "preview" not in job.bodies[0]


def test_a_check_that_failed_early_marks_the_comments_as_stale(
    run: Run, project: Path, job: ForgeServer, capsys: Any
) -> None:
    reports(project, "prod-west")
    assert run("comment", "--stacks", '["prod-west"]') == 0
    assert run("comment", "--stale") == 0
    assert "Stale" not in job.bodies[0], "it is about this commit"
    job.comments[0]["body"] = job.bodies[0].replace("b" * 40, "a" * 40)
    assert run("comment", "--stale") == 0
    assert "Stale: this reports commit `aaaaaaaaaaaa`" in job.bodies[0]
    assert run("comment", "--stale", "--stacks", "[]") == 2
    assert capsys.readouterr().out == "prod-west: created\nprod-west: unchanged\nprod-west: marked as stale\n"


@pytest.mark.parametrize("text", ["", "{}", "1", '["a b"]', '[{"name": 1}]', "[1]", '["../x"]'])
def test_stacks_are_names(run: Run, project: Path, job: ForgeServer, text: str) -> None:
    assert run("comment", "--stacks", text) == 2
    assert job.requests == []


def test_a_refusal_is_one_message(run: Run, project: Path, job: ForgeServer, capsys: Any) -> None:
    job.before = lambda method, _: (403, {"message": "no"}, {}) if method == "POST" else None
    assert run("comment", "--stacks", '["prod-west"]') == 2
    printed = capsys.readouterr().err
    assert printed.startswith("could not run: commenting pull request 7 of team/mirrors: refused (403: no)\n")
    assert "ghs_" not in printed


def review(state: str, environment: str = "production-move") -> dict[str, Any]:
    return {"state": state, "environments": [{"name": environment}], "user": {"login": "alice"}}


def test_an_approval_is_that_of_the_environment(
    run: Run, project: Path, job: ForgeServer, capsys: Any
) -> None:
    assert run("ci", "approved", "production-move") == 2
    assert "nobody approved this run" in capsys.readouterr().err
    job.approvals = [review("approved")]
    assert run("ci", "approved", "production-move") == 0
    assert capsys.readouterr().out == "approved by alice\n"
    assert run("ci", "approved", "staging-move") == 2


def test_a_rejection_is_no_approval() -> None:
    assert approved_by([review("approved"), review("rejected")], "production-move") == ""
    assert approved_by([review("approved", "other")], "production-move") == ""
    assert approved_by([review("approved")], "production-move") == "alice"


@pytest.mark.parametrize("branch", ["main", "release/1.0"])
def test_a_run_that_is_run_again_deploys_no_older_commit(
    run: Run, job: ForgeServer, monkeypatch: pytest.MonkeyPatch, capsys: Any, branch: str
) -> None:
    monkeypatch.setenv("GITHUB_SHA", "a" * 40)
    job.branches = {branch: "b" * 40}
    assert run("ci", "newest", branch) == 2
    printed = capsys.readouterr().err
    assert "it is at bbbbbbbbbbbb now" in printed
    assert "start the workflow by hand" in printed
    job.branches = {branch: "a" * 40}
    assert run("ci", "newest", branch) == 0


def deployment(number: int, job: int, *statuses: str, pending: int = 0, name: str = "production-move") -> Any:
    """A deployment of GitLab; `pending_approval_count` and `approvals` are in the answer for one alone."""
    return {
        "id": number,
        "deployable": {"id": job},
        "environment": {"name": name},
        "pending_approval_count": pending,
        "approvals": [{"user": {"username": "alice"}, "status": one} for one in statuses],
    }


def test_a_deployment_of_gitlab_needs_an_approval_too(
    run: Run, project: Path, job: ForgeServer, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")
    for name, value in {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": job.url,
        "CI_PROJECT_ID": "3",
        "CI_JOB_ID": "17",
        "CI_JOB_TOKEN": "glcbt-0123456789",
    }.items():
        monkeypatch.setenv(name, value)
    job.deployments = [deployment(2, 18, "approved"), deployment(1, 17)]
    assert run("ci", "approved", "production-move") == 2
    printed = capsys.readouterr().err
    assert "nobody approved this run" in printed
    assert "protect environment production-move" in printed
    assert "glcbt" not in printed
    job.deployments[1] = deployment(1, 17, "approved")
    assert run("ci", "approved", "production-move") == 0
    assert capsys.readouterr().out == "approved by alice\n"
    assert run("ci", "approved", "staging-move") == 2
    assert {"JOB-TOKEN": "glcbt-0123456789"}.items() <= {
        key.upper(): value for key, value in job.headers[-1].items()
    }.items()


def test_an_approval_that_is_missing_or_refused_is_none() -> None:
    assert approved_deployment({}) == ""
    assert approved_deployment({"status": "running"}) == "", "GitLab Free has no approvals"
    assert approved_deployment(deployment(1, 17, "approved", pending=1)) == ""
    assert approved_deployment(deployment(1, 17, "approved", "rejected")) == ""
    assert approved_deployment(deployment(1, 17, "approved", "approved")) == "alice"
