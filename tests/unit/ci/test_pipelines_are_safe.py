"""The printed pipelines: pinned, with the least permissions, no secret for a fork, no foreign text in a
script, and closed where a step fails.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.core import TyperGroup

from mirror.ci.environments import parse_environments
from mirror.ci.github import MOVES, Workflow, workflow
from mirror.ci.gitlab import pipeline
from mirror.ci.pins import ACTIONS, PULUMI_VERSION
from mirror.ci.template import fill, scripts
from mirror.cli import command_line
from mirror.forge.report import read_report

CHECKOUT = Path(__file__).parents[3]
TEXT = """
environments:
  - {name: staging, stacks: [staging, "1.0"]}
  - {name: production, stacks: [prod-west]}
branch: release
"""
PLAIN = parse_environments(TEXT, ["staging", "1.0", "prod-west"])
OIDC = parse_environments(
    f"{TEXT}pulumi_organization: acme\nrunner: in-vpc\n", ["staging", "1.0", "prod-west"]
)
BOTH = pytest.mark.parametrize("environments", [PLAIN, OIDC], ids=["passphrase", "oidc"])
NAMES = list(Workflow)
NOT_A_FORK = "github.event.pull_request.head.repo.full_name == github.repository"


def loaded(name: Workflow, environments: Any = PLAIN) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(workflow(name, environments))
    return found


def jobs(environments: Any = PLAIN) -> Iterator[tuple[Workflow, str, dict[str, Any]]]:
    for name in NAMES:
        for job, content in loaded(name, environments)["jobs"].items():
            yield name, job, content


def steps(environments: Any = PLAIN) -> Iterator[dict[str, Any]]:
    for _, _, job in jobs(environments):
        yield from job["steps"]


@BOTH
def test_actions_are_pinned_by_commit(environments: Any) -> None:
    lines = [line for name in NAMES for line in workflow(name, environments).splitlines() if "uses:" in line]
    assert len(lines) > 10
    for line in lines:
        assert re.fullmatch(r" *(?:- )?uses: [a-z-]+/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_every_pin_is_used() -> None:
    text = "".join(workflow(name, OIDC) for name in NAMES)
    assert [pin for pin in ACTIONS.values() if pin not in text] == []


def test_pulumi_is_that_of_the_lock() -> None:
    assert f"pulumi=={PULUMI_VERSION} " in (CHECKOUT / "requirements.txt").read_text()


@BOTH
def test_permissions_are_the_least(environments: Any) -> None:
    read = {"contents": "read"}
    cluster = {**read, "id-token": "write"} if environments is OIDC else read
    for name in NAMES:
        assert loaded(name, environments)["permissions"] == {}
    for name, job, content in jobs(environments):
        wanted = {
            "check": read,
            "comment": {**read, "pull-requests": "write"},
            "move": {**cluster, "actions": "read"},
        }.get(job, cluster)
        assert content["permissions"] == wanted, (name, job)


def test_no_checkout_leaves_its_token() -> None:
    found = [one for one in steps() if "checkout" in one.get("uses", "")]
    assert found
    assert all(one["with"]["persist-credentials"] is False for one in found)


@BOTH
def test_no_expression_is_in_a_script(environments: Any) -> None:
    """A branch, a title or an input in `${{ }}` would be run as code (GitHub, Security hardening)."""
    for one in steps(environments):
        assert "${{" not in one.get("run", "")


def test_events_that_forks_could_misuse_are_not_used() -> None:
    """`pull_request_target` and `workflow_run` would run a fork's code with secrets."""
    events = {name: set(loaded(name)[True] or ()) for name in NAMES}  # YAML 1.1 reads `on` as true
    assert events == {
        Workflow.PULL_REQUEST: {"pull_request"},
        Workflow.DEPLOY: {"push", "workflow_dispatch"},
        Workflow.NIGHTLY: {"schedule", "workflow_dispatch"},
        Workflow.MOVE: {"workflow_dispatch"},
    }


@BOTH
def test_a_fork_runs_only_the_check_which_has_no_secret(environments: Any) -> None:
    for job, content in loaded(Workflow.PULL_REQUEST, environments)["jobs"].items():
        text = str(content)
        if job == "check":
            assert "secrets." not in text
            assert "vars." not in text
            assert "environment" not in content
            assert "github.token" not in text
        else:
            assert NOT_A_FORK in content["if"]


@BOTH
def test_a_secret_is_in_the_step_that_needs_it(environments: Any) -> None:
    """Not in the environment of a job, where every action would see it."""
    for name in NAMES:
        assert "secrets." not in str(loaded(name, environments).get("env"))
    for _, _, job in jobs(environments):
        assert "secrets." not in str(job.get("env"))
        assert all("secrets." not in str(one) for one in job["steps"] if "uses" in one)


def test_the_job_that_writes_comments_runs_the_code_of_the_base() -> None:
    comment = loaded(Workflow.PULL_REQUEST)["jobs"]["comment"]
    assert comment["steps"][0]["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert "secrets." not in str(comment)


def test_every_script_is_bash_that_ends_with_the_first_failure() -> None:
    """GitHub's `shell: bash` is `bash -eo pipefail`: a failure before a pipe counts."""
    for name in NAMES:
        assert loaded(name)["defaults"]["run"]["shell"] == "bash"
    for one in steps():
        if "run" in one:
            subprocess.run(["bash", "-n"], input=one["run"], text=True, check=True)


def test_environments_are_deployed_in_order_and_one_after_the_other() -> None:
    found = loaded(Workflow.DEPLOY)
    assert found["concurrency"] == {"group": "region-mirror-deploy", "cancel-in-progress": False}
    first, second = found["jobs"].values()
    assert "needs" not in first
    assert second["needs"] == "deploy-1"
    assert [one["environment"] for one in (first, second)] == ["staging", "production"]
    assert first["strategy"] == {
        "fail-fast": True,
        "max-parallel": 1,
        "matrix": {"stack": ["staging", "1.0"]},
    }
    for one in (first, second):
        assert one["if"] == "github.ref == 'refs/heads/release'"


def test_what_changes_a_stack_runs_one_at_a_time() -> None:
    for name, job, content in jobs():
        if name in (Workflow.DEPLOY, Workflow.NIGHTLY) or job == "move":
            assert content["concurrency"]["group"].startswith("region-mirror-${{ ")
            assert content["concurrency"]["cancel-in-progress"] is False


def test_a_move_waits_for_an_approval_and_looks_for_it() -> None:
    move = loaded(Workflow.MOVE)["jobs"]["move"]
    assert move["needs"] == "look"
    assert move["environment"].endswith("[inputs.stack] }}-move")
    names = [one.get("name", "") for one in move["steps"]]
    assert names.index("Refuse to run without an approval") < names.index("Write the kubeconfig")
    # A move must not begin without the verdict of the job before: that job is for the branch that is
    # deployed.
    assert loaded(Workflow.MOVE)["jobs"]["look"]["if"] == "github.ref == 'refs/heads/release'"


def test_stacks_stay_texts() -> None:
    text = workflow(Workflow.MOVE, PLAIN)
    assert yaml.safe_load(text)[True]["workflow_dispatch"]["inputs"]["stack"]["options"] == [
        "staging",
        "1.0",
        "prod-west",
    ]
    assert yaml.safe_load(pipeline(PLAIN))["deploy 1.0"]["variables"] == {"STACK": "1.0"}


@BOTH
def test_gitlab_gives_a_fork_no_job_with_variables(environments: Any) -> None:
    found = yaml.safe_load(pipeline(environments))
    for job in ("preview", "comment"):
        (rule,) = found[job]["rules"]
        assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID" in rule["if"]
    assert "environment" not in found["check"]


def test_gitlab_comments_what_failed_in_the_check() -> None:
    """Without `needs` the comment follows the stages, where GitLab counts a skipped job as ended; it gets the
    artifacts of every earlier job, and the check hands them on although it failed.
    """
    found = yaml.safe_load(pipeline(PLAIN))
    assert found["comment"]["rules"][0]["when"] == "always"
    assert not {"needs", "dependencies"} & set(found["comment"])
    assert found["stages"].index("comment") > found["stages"].index("preview")
    assert found["check"]["artifacts"]["when"] == "always"


def test_gitlab_deploys_in_order() -> None:
    found = yaml.safe_load(pipeline(PLAIN))
    order = {name: one["needs"] for name, one in found.items() if name.startswith("deploy ")}
    assert order == {
        "deploy staging": [],
        "deploy 1.0": ["deploy staging"],
        "deploy prod-west": ["deploy 1.0"],
    }
    assert all(found[name]["resource_group"] == f"region-mirror-{name[7:]}" for name in order)
    assert found["default"].get("tags") is None
    assert yaml.safe_load(pipeline(OIDC))["default"]["tags"] == ["in-vpc"]


def test_gitlab_moves_by_hand() -> None:
    found = yaml.safe_load(pipeline(PLAIN))
    for stack, environment in PLAIN.stacks.items():
        job = found[f"move {stack}"]
        assert [rule["when"] for rule in job["rules"]] == ["manual"]
        assert job["environment"]["name"] == f"{environment}-move"
        assert job["needs"] == [f"look {stack}"]


def test_gitlab_scripts_are_bash() -> None:
    for job in yaml.safe_load(pipeline(PLAIN)).values():
        if isinstance(job, dict):
            for one in job.get("script", []):
                subprocess.run(["bash", "-n"], input=one, text=True, check=True)


def test_every_command_in_a_script_exists() -> None:
    root = command_line()
    texts = [*scripts().values(), pipeline(OIDC), *(workflow(name, OIDC) for name in NAMES)]
    found = {words for text in texts for words in re.findall(r"python -m mirror ([^\n|>)]+)", text)}
    moves = re.findall(r'"((?:cutover|failover|drill)[^"]*)"', scripts()["move"])
    assert len(moves) == 2 * len(MOVES)
    for line in [*found, *moves]:
        words = [
            word
            for word in shlex.split(line.replace('"$(cat reports/concerned.json', "x"))
            if word not in ("||", "&")
        ]
        if words[0].startswith("$"):
            continue
        command: Any = root
        while isinstance(command, TyperGroup) and words and words[0] in command.commands:
            command = command.commands[words.pop(0)]
        options = {option for one in command.params for option in one.opts}
        assert not {word for word in words if word.startswith("--")} - options, line


def test_a_report_keeps_output_and_exit_code(tmp_path: Path) -> None:
    script = scripts()["report"] + (
        'report plan md sh -c "echo out; echo err >&2; exit 3"\n'
        "report preview txt sh -c 'echo out; echo err >&2'\n"
    )
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={"STACK": "a", "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert done.returncode == 0
    found = {path.name: path.read_text() for path in (tmp_path / "reports" / "a").iterdir()}
    assert found["plan.md"] == "out\n"
    assert found["plan.txt"] == "err\n"
    assert found["plan.exit"] == "3\n"
    assert found["preview.txt"] == "out\nerr\n"
    assert found["preview.exit"] == "0\n"


@pytest.mark.parametrize(
    ("options", "expected"),
    [("      --show-full-output   Display full length", "--show-full-output"), ("      --show-reads", "")],
)
def test_values_are_shown_whole_where_the_cli_can(tmp_path: Path, options: str, expected: str) -> None:
    """Pulumi 3.276 has the option for a preview, 3.188 does not and shows values whole."""
    pulumi = tmp_path / "pulumi"
    # More output than a pipe holds: the CLI must not be cut off, which `pipefail` would take for a failure.
    pulumi.write_text(f"#!/bin/sh\n[ \"$*\" = 'preview --help' ] || exit 1\necho '{options}'\nseq 100000\n")
    pulumi.chmod(0o755)
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", scripts()["report"] + "echo preview $(full_output) end"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["preview", *expected.split(), "end"]


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_workflows_are_current(name: Workflow) -> None:
    committed = parse_environments(
        (CHECKOUT / "stacks" / "environments.yaml").read_text(),
        [path.name[7:-5] for path in (CHECKOUT / "stacks").glob("Pulumi.*.yaml")],
    )
    assert (CHECKOUT / "ci" / "github" / f"mirror-{name}.yml").read_text() == workflow(name, committed), (
        "make docs"
    )
    assert (CHECKOUT / "ci" / "gitlab-ci.yml").read_text() == pipeline(committed), "make docs"


def test_a_place_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("a: @nothing@", {})
    assert (
        fill("a:\n  @block@\nb: @b@\n", {"block": "- 1\n\n- 2\n", "b": "c"}) == "a:\n  - 1\n\n  - 2\nb: c\n"
    )
    assert fill("a\n  @block@\nb", {"block": ""}) == "a\nb\n"


@pytest.mark.parametrize(
    ("up", "verify", "reports"),
    [
        (0, 0, {"up.exit": "0", "verify.exit": "0"}),
        (0, 1, {"up.exit": "0", "verify.exit": "1"}),
        (255, 0, {"up.exit": "255"}),
    ],
)
def test_a_deployment_keeps_what_it_printed(
    tmp_path: Path, up: int, verify: int, reports: dict[str, str]
) -> None:
    for name, code in (("pulumi", up), (".venv/bin/python", verify)):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\necho {file.name}; echo problem >&2; exit {code}\n")
        file.chmod(0o755)
    done = subprocess.run(
        # No option of the shell but -e: not each runner sets pipefail, without which `tee` hides a failed up.
        ["bash", "-e", "-c", scripts()["report"] + scripts()["deploy"]],
        cwd=tmp_path,
        env={"STACK": "a", "PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "pulumi\nproblem\n"  # in the log, as it is printed
    folder = tmp_path / "reports" / "a"
    assert (folder / "up.txt").read_text() == "pulumi\nproblem\n"
    assert {one.name: one.read_text().strip() for one in folder.glob("*.exit")} == reports
    assert read_report(tmp_path / "reports", "a").passed is (up == verify == 0)
