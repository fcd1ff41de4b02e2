"""`ci` and `comment`: exit codes, messages, and what they print, in a project with git and a recording
forge.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mirror import cli
from mirror.forge.approvals import approved_by
from tests.unit.support.forge_server import ForgeServer, serving

STACK = """
config:
  region-mirror:source: {alias: east, cluster: east, namespace: kafka, listener: scram,
                         authentication: scram-sha-512, user: mirror-source}
  region-mirror:target: {alias: west, cluster: west, namespace: kafka, listener: mtls, authentication: tls}
  region-mirror:mirror: {name: east-to-west, topics: [orders]}
"""
ORDER = """
environments:
  - {name: staging, stacks: [staging]}
  - {name: production, stacks: [prod-west]}
"""
Run = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    def start(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["mirror", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        return int(caught.value.code or 0)

    return start


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: region-mirror\nstackConfigDir: stacks\n")
    for name in ("staging", "prod-west"):
        stack_file(tmp_path, name).write_text(STACK)
    (tmp_path / "stacks" / "environments.yaml").write_text(ORDER)
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "x")
    git(tmp_path, "switch", "--quiet", "--create", "change")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PWD", str(tmp_path))
    return tmp_path


def stack_file(project: Path, name: str) -> Path:
    return project / "stacks" / f"Pulumi.{name}.yaml"


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def change(project: Path, name: str, text: str) -> None:
    stack_file(project, name).write_text(text)
    git(project, "commit", "--quiet", "--all", "--message", "y")


def test_concerned_stacks_are_one_line_of_json(run: Run, project: Path, capsys: Any) -> None:
    change(project, "prod-west", STACK.replace("orders", "orders, returns"))
    assert run("ci", "concerned", "--base", "main", "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    because = ["stacks/Pulumi.prod-west.yaml"]
    assert json.loads(line) == {
        "stacks": [{"stack": "prod-west", "environment": "production", "because": because}],
        "deleted": [],
    }


def test_only_asks_by_the_exit_code(run: Run, project: Path) -> None:
    change(project, "prod-west", STACK + "\n")
    assert run("ci", "concerned", "--base", "main", "--only", "prod-west") == 0
    assert run("ci", "concerned", "--base", "main", "--only", "staging") == 1
    assert run("ci", "concerned", "--base", "unknown", "--only", "staging") == 2


def test_check_names_every_problem_of_every_file(run: Run, project: Path, capsys: Any) -> None:
    assert run("ci", "check") == 0
    change(project, "prod-west", STACK.replace("topics:", "topcis:"))
    (project / "stacks" / "environments.yaml").write_text("environments: []\n")
    capsys.readouterr()
    assert run("ci", "check", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    problems = {one["file"]: one["problems"] for one in found["files"]}
    assert problems["stacks/Pulumi.staging.yaml"] == []
    assert any("topcis" in one for one in problems["stacks/Pulumi.prod-west.yaml"])
    assert problems["stacks/environments.yaml"]
    assert run("ci", "check", "--reports", "reports") == 2


def test_check_writes_what_the_next_jobs_read(run: Run, project: Path) -> None:
    change(project, "prod-west", STACK.replace("topics:", "topcis:"))
    assert run("ci", "check", "--base", "main", "--reports", "reports", "--markdown") == 1
    folder = project / "reports"
    assert (folder / "stacks.txt").read_text() == "prod-west\n"
    assert json.loads((folder / "concerned.json").read_text())["stacks"][0]["stack"] == "prod-west"
    assert "topcis" in (folder / "prod-west" / "settings.md").read_text()
    assert (folder / "prod-west" / "settings.exit").read_text() == "1\n"
    assert run("ci", "summary", "prod-west") == 1


def test_a_deleted_stack_file_is_reported(run: Run, project: Path, capsys: Any) -> None:
    stack_file(project, "staging").unlink()
    order = "environments: [{name: production, stacks: [prod-west]}]"
    (project / "stacks" / "environments.yaml").write_text(order)
    git(project, "commit", "--quiet", "--all", "--message", "y")
    assert run("ci", "check", "--base", "main", "--markdown") == 0
    assert "The stack file of staging is deleted" in capsys.readouterr().out


def test_without_an_order_a_file_is_proposed(run: Run, project: Path, capsys: Any) -> None:
    (project / "stacks" / "environments.yaml").unlink()
    for arguments in (["github", "deploy"], ["gitlab"], ["concerned", "--base", "main"]):
        assert run("ci", *arguments) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "there is no stacks/environments.yaml" in printed.err
        assert "- {name: prod-west, stacks: [prod-west]}" in printed.err


def reports(project: Path, stack: str, code: int = 0) -> None:
    folder = project / "reports" / stack
    folder.mkdir(parents=True)
    (folder / "plan.md").write_text("### Mirror `east-to-west`\n")
    (folder / "plan.exit").write_text("0\n")
    (folder / "preview.txt").write_text("Previewing\n")
    (folder / "preview.exit").write_text(f"{code}\n")


def test_a_summary_ends_with_the_outcome(run: Run, project: Path, capsys: Any) -> None:
    reports(project, "prod-west")
    reports(project, "staging", 255)
    assert run("ci", "summary", "prod-west") == 0
    assert "east-to-west" in capsys.readouterr().out
    assert run("ci", "summary", "staging") == 1
    assert run("ci", "summary", "nothing") == 1


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


def test_comments_follow_the_reports(run: Run, project: Path, job: ForgeServer, capsys: Any) -> None:
    reports(project, "prod-west")
    concerned = json.dumps({"stacks": [{"stack": "prod-west", "environment": "production"}], "deleted": []})
    assert run("comment", "--stacks", concerned) == 0
    assert capsys.readouterr().out == "prod-west: created\n"
    assert "east-to-west" in job.bodies[0]
    assert run("comment", "--stacks", "[]") == 0
    assert capsys.readouterr().out == "prod-west: deleted\n"
    assert job.bodies == []


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


def test_check_judges_the_stacks_that_a_change_concerns(run: Run, project: Path, capsys: Any) -> None:
    change(project, "prod-west", STACK.replace("[orders]", "[orders, returns]"))
    assert run("ci", "check", "--base", "main", "--reports", "reports", "--markdown") in (0, 1)
    printed = capsys.readouterr().out
    folder = project / "reports" / "prod-west"
    for name, command in (
        ("policy", ["policy", "--stack", "prod-west"]),
        ("render", ["render", "--stack", "prod-west", "--diff", "main"]),
    ):
        code = run(*command, "--markdown")
        text = capsys.readouterr().out
        assert (folder / f"{name}.md").read_text() == text
        assert (folder / f"{name}.exit").read_text() == f"{code}\n"
        assert text.strip() in printed
    assert not (project / "reports" / "staging").exists()


def test_check_fails_for_a_policy_that_is_broken_or_cannot_be_read(
    run: Run, project: Path, capsys: Any
) -> None:
    change(project, "prod-west", STACK.replace("[orders]", "['.*']"))
    assert run("ci", "check", "--base", "main", "--reports", "reports") == 1
    assert (project / "reports" / "prod-west" / "policy.exit").read_text() == "1\n"
    (project / "policy.yaml").write_text("rules: 1\n")
    assert run("ci", "check", "--base", "main", "--reports", "other") == 1
    assert (project / "other" / "prod-west" / "policy.exit").read_text() == "2\n"
    assert "could not run: reading " in (project / "other" / "prod-west" / "policy.txt").read_text()
    capsys.readouterr()


def test_a_broken_setting_leaves_out_the_policy(run: Run, project: Path) -> None:
    change(project, "prod-west", STACK.replace("topics:", "topcis:"))
    assert run("ci", "check", "--base", "main", "--reports", "reports") == 1
    assert {one.name for one in (project / "reports" / "prod-west").iterdir()} == {
        "settings.md",
        "settings.exit",
    }
