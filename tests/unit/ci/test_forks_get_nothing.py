"""A fork's pull request runs the check, without a secret and away from the clusters, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from mirror.ci.environments import parse_environments
from mirror.ci.github import Workflow
from mirror.ci.gitlab import pipeline
from tests.unit.ci.pipelines import NAMES, OIDC, PLAIN, TEXT, jobs, loaded

BOTH = pytest.mark.parametrize("environments", [PLAIN, OIDC], ids=["passphrase", "oidc"])
NOT_A_FORK = "github.event.pull_request.head.repo.full_name == github.repository"


def test_events_that_forks_could_misuse_are_not_used() -> None:
    """`pull_request_target` and `workflow_run` would run a fork's code with secrets."""
    events = {name: set(loaded(name)[True] or ()) for name in NAMES}  # YAML 1.1 reads `on` as true
    assert events == {
        Workflow.PULL_REQUEST: {"pull_request", "merge_group"},
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


def test_the_code_of_a_fork_does_not_run_where_the_clusters_are() -> None:
    """The runner that reaches them may have a kubeconfig of its own, which no rule about secrets takes."""
    assert OIDC.runner == "in-vpc"
    runners = {job: one["runs-on"] for _, job, one in jobs(OIDC)}
    assert {job for job, runner in runners.items() if runner != "in-vpc"} == {"check", "comment"}
    assert runners["check"] == "ubuntu-latest"
    check = yaml.safe_load(pipeline(OIDC))["check"]
    assert "tags" not in check["inherit"]["default"]
    assert {"image", "before_script"} <= set(check["inherit"]["default"])
    text = f"{TEXT}runner: in-vpc\ncheck_runner: sandbox\n"
    named = parse_environments(text, ["staging", "1.0", "prod-west"])
    assert loaded(Workflow.PULL_REQUEST, named)["jobs"]["check"]["runs-on"] == "sandbox"
    assert yaml.safe_load(pipeline(named))["check"]["tags"] == ["sandbox"]
