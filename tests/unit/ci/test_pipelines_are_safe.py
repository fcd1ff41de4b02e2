"""The printed pipelines: pinned, with the least permissions, no secret for a fork, no foreign text in a
script, and closed where a step fails.
"""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
import yaml

from mirror.ci.environments import parse_environments
from mirror.ci.github import Workflow, workflow
from mirror.ci.gitlab import pipeline
from mirror.ci.pins import ACTIONS, PULUMI_VERSION
from tests.unit.ci.pipelines import CHECKOUT, NAMES, OIDC, PLAIN, jobs, loaded, steps

BOTH = pytest.mark.parametrize("environments", [PLAIN, OIDC], ids=["passphrase", "oidc"])


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
            # A move needs no state of Pulumi.
            "look": read,
            "move": {**read, "actions": "read"},
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
        if name == Workflow.DEPLOY or job == "move":
            assert content["concurrency"]["group"].startswith("region-mirror-${{ ")
            assert content["concurrency"]["cancel-in-progress"] is False


def test_a_failover_neither_waits_for_a_nightly_run_nor_is_cancelled_by_it() -> None:
    """GitHub keeps one waiting run in a group: a newer one takes its place. A nightly run changes nothing."""
    nightly = loaded(Workflow.NIGHTLY)["jobs"]["nightly"]["concurrency"]["group"]
    assert nightly == "region-mirror-nightly-${{ matrix.stack }}"
    found = yaml.safe_load(pipeline(PLAIN))
    assert found["nightly"]["resource_group"] == "region-mirror-nightly-$OWN_STACK"
    assert found["move prod-west"]["resource_group"] == "region-mirror-prod-west"


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
    matrix = yaml.safe_load(pipeline(PLAIN))["nightly"]["parallel"]["matrix"]
    assert [one["OWN_STACK"] for one in matrix] == ["staging", "1.0", "prod-west"]


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
