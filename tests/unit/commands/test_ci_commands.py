"""`ci`: exit codes, messages and files, in a project with git."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.commands.ci_project import (
    STACK,
    change,
    git,
    project_in_git,
    reports,
    stack_file,
)
from tests.unit.support.command_line import Run, runner


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return project_in_git(tmp_path, monkeypatch)


def test_concerned_stacks_are_one_line_of_json(run: Run, project: Path, capsys: Any) -> None:
    change(project, "prod-west", STACK.replace("orders", "orders, returns"))
    assert run("ci", "concerned", "--base", "main", "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    because = ["stacks/Pulumi.prod-west.yaml"]
    assert json.loads(line) == {
        "stacks": [{"stack": "prod-west", "environment": "production", "because": because}],
        "deleted": [],
        "left_out": [],
    }


def test_rendered_files_concern_their_stack(run: Run, project: Path, capsys: Any) -> None:
    """A team that commits what `render` writes had a preview and a comment for each stack, in each change."""
    for name in ("staging", "prod-west"):
        assert (
            run("render", "--stack", name, "--offline", "--directory", str(project / "rendered" / name)) == 0
        )
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "y")
    git(project, "branch", "--force", "main")
    changed = project / "rendered" / "prod-west" / "kafkamirrormaker2-east-to-west.yaml"
    changed.write_text(changed.read_text() + "# by hand\n")
    (project / "rendered" / "prod-west" / "kafkauser-east-to-west.yaml").unlink()
    git(project, "commit", "--quiet", "--all", "--message", "z")
    capsys.readouterr()
    assert run("ci", "concerned", "--base", "main", "--json") == 0
    (one,) = json.loads(capsys.readouterr().out)["stacks"]
    assert one["stack"] == "prod-west"
    assert [Path(path).name for path in one["because"]] == [
        "kafkamirrormaker2-east-to-west.yaml",
        "kafkauser-east-to-west.yaml",
    ]


def test_only_asks_by_the_exit_code(run: Run, project: Path) -> None:
    change(project, "prod-west", STACK + "\n")
    assert run("ci", "concerned", "--base", "main", "--only", "prod-west") == 0
    assert run("ci", "concerned", "--base", "main", "--only", "staging") == 1
    assert run("ci", "concerned", "--base", "unknown", "--only", "staging") == 2
    assert run("ci", "concerned", "--base", "main", "--only", "prod_west") == 2, "no such stack"


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


@pytest.mark.parametrize(
    "broken", ["note: 2026-02-30", "note: &a [*a]", f"note: {'[' * 2000}{']' * 2000}", "note: [1"]
)
def test_yaml_that_no_parser_reads_is_a_problem_of_its_file(
    run: Run, project: Path, capsys: Any, broken: str
) -> None:
    """PyYAML raises other errors than its own for the first three, which ended the whole check."""
    change(project, "prod-west", f"{STACK}{broken}\n")
    code = run("ci", "check", "--base", "main", "--reports", "reports", "--markdown")
    printed = capsys.readouterr()
    assert "error in region-mirror itself" not in printed.err
    assert code == 1, printed  # for a list that contains itself: only by the policy
    assert "- `prod-west`: `stacks/Pulumi.prod-west.yaml`" in printed.out
    assert run("ci", "github", "deploy") == 0


def test_check_writes_what_the_next_jobs_read(run: Run, project: Path) -> None:
    change(project, "prod-west", STACK.replace("topics:", "topcis:"))
    assert run("ci", "check", "--base", "main", "--reports", "reports", "--markdown") == 1
    folder = project / "reports"
    assert (folder / "stacks.txt").read_text() == "prod-west\n"
    assert json.loads((folder / "concerned.json").read_text())["stacks"][0]["stack"] == "prod-west"
    assert "topcis" in (folder / "prod-west" / "settings.md").read_text()
    assert (folder / "prod-west" / "settings.exit").read_text() == "1\n"
    assert run("ci", "summary", "prod-west") == 1


def test_a_stack_that_pipelines_leave_out_from_now_on_is_reported(
    run: Run, project: Path, capsys: Any
) -> None:
    order = "environments: [{name: production, stacks: [prod-west]}]\nnot_deployed: [staging]"
    (project / "stacks" / "environments.yaml").write_text(order)
    git(project, "commit", "--quiet", "--all", "--message", "y")
    assert run("ci", "check", "--base", "main", "--markdown") == 0
    told = capsys.readouterr().out
    assert "Stack staging is in no environment any more" in told
    assert "no pipeline looks for drift or verifies it" in told


def test_a_pipeline_that_was_not_printed_again_fails(run: Run, project: Path, capsys: Any) -> None:
    """The new stack was previewed, and after the merge never deployed, and in no nightly run."""
    there = project / ".github" / "workflows" / "mirror-deploy.yml"
    there.parent.mkdir(parents=True)
    assert run("ci", "github", "deploy") == 0
    there.write_text(capsys.readouterr().out)
    assert run("ci", "check") == 0
    stack_file(project, "prod-south").write_text(STACK.replace("name: east-to-west", "name: other"))
    order = project / "stacks" / "environments.yaml"
    order.write_text(order.read_text().replace("[prod-west]", "[prod-west, prod-south]"))
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "y")
    capsys.readouterr()
    assert run("ci", "check", "--base", "main", "--reports", "reports", "--markdown") == 1
    told = 'stack: ["prod-west", "prod-south"]'
    assert told in capsys.readouterr().out
    assert told in (project / "reports" / "prod-south" / "settings.md").read_text()


def test_a_deleted_stack_file_is_reported(run: Run, project: Path, capsys: Any) -> None:
    stack_file(project, "staging").unlink()
    order = "environments: [{name: production, stacks: [prod-west]}]"
    (project / "stacks" / "environments.yaml").write_text(order)
    git(project, "commit", "--quiet", "--all", "--message", "y")
    assert run("ci", "check", "--base", "main", "--markdown") == 0
    assert "The stack file of staging is deleted" in capsys.readouterr().out


def test_a_stack_that_the_order_begins_to_deploy_is_concerned(run: Run, project: Path, capsys: Any) -> None:
    """Its stack file did not change: without a preview nobody would have seen what the merge deploys."""
    order, was = (
        project / "stacks" / "environments.yaml",
        "environments: [{name: production, stacks: [prod-west]}]",
    )
    text = order.read_text()
    git(project, "switch", "--quiet", "main")
    order.write_text(f"{was}\nnot_deployed: [staging]\n")
    git(project, "commit", "--quiet", "--all", "--message", "y")
    git(project, "switch", "--quiet", "--create", "more", "main")
    order.write_text(text)
    git(project, "commit", "--quiet", "--all", "--message", "z")
    assert run("ci", "concerned", "--base", "main", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["stack"], one["because"]) for one in found["stacks"]] == [
        ("staging", ["stacks/environments.yaml"])
    ]


def test_without_an_order_a_file_is_proposed(run: Run, project: Path, capsys: Any) -> None:
    (project / "stacks" / "environments.yaml").unlink()
    for arguments in (["github", "deploy"], ["gitlab"], ["concerned", "--base", "main"]):
        assert run("ci", *arguments) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "there is no stacks/environments.yaml" in printed.err
        assert "- {name: prod-west, stacks: [prod-west]}" in printed.err


def test_a_summary_ends_with_the_outcome(run: Run, project: Path, capsys: Any) -> None:
    reports(project, "prod-west")
    reports(project, "staging", 255)
    assert run("ci", "summary", "prod-west") == 0
    assert "east-to-west" in capsys.readouterr().out
    assert run("ci", "summary", "staging") == 1
    assert run("ci", "summary", "nothing") == 1


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
