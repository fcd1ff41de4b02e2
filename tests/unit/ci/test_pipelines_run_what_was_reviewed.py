"""The printed pipelines: no older commit, no wider token, and the branch and runner that are named."""

from __future__ import annotations

import yaml

from mirror.ci.environments import parse_environments
from mirror.ci.github import Workflow
from mirror.ci.gitlab import pipeline
from tests.unit.ci.pipelines import TEXT, jobs, loaded


def test_a_preview_gets_no_token_that_changes_stacks() -> None:
    """It runs the code of a branch that nobody has reviewed. A token of the organization writes any stack."""
    text = f"{TEXT}pulumi_organization: acme\npulumi_preview_team: readers\n"
    found = parse_environments(text, ["staging", "1.0", "prod-west"])
    tokens = {
        (name, one["with"]["requested-token-type"].rpartition(":")[2], one["with"].get("scope"))
        for name, _, job in jobs(found)
        for one in job["steps"]
        if "auth-actions" in one.get("uses", "")
    }
    assert tokens == {
        (Workflow.PULL_REQUEST, "team", "team:readers"),
        (Workflow.NIGHTLY, "team", "team:readers"),
        (Workflow.DEPLOY, "organization", None),
    }


def test_names_that_look_like_numbers_stay_texts() -> None:
    """YAML reads 1.10 as 1.1: the branch would never be deployed, and nothing would say so."""
    text = f"{TEXT.replace('branch: release', '')}branch: '1.10'\nrunner: '22.04'\ncheck_runner: '1e3'\n"
    found = parse_environments(text, ["staging", "1.0", "prod-west"])
    assert loaded(Workflow.DEPLOY, found)[True]["push"]["branches"] == ["1.10"]
    assert loaded(Workflow.NIGHTLY, found)["jobs"]["nightly"]["steps"][0]["with"]["ref"] == "1.10"
    runners = {one["runs-on"] for _, _, one in jobs(found)}
    assert runners == {"22.04", "1e3"}
    gitlab = yaml.safe_load(pipeline(found))
    assert (gitlab["default"]["tags"], gitlab["check"]["tags"]) == (["22.04"], ["1e3"])


def test_a_deployment_that_is_run_again_refuses_an_older_commit_before_it_can_deploy() -> None:
    """GitHub runs it with the commit of its first attempt, which undoes what was merged since."""
    for job in loaded(Workflow.DEPLOY)["jobs"].values():
        names = [one.get("name", "") for one in job["steps"]]
        step = job["steps"][names.index("Refuse an older commit")]
        assert step["if"] == "github.run_attempt > 1"
        assert 'ci newest "release"' in step["run"]
        assert names.index("Refuse an older commit") < names.index("Write the kubeconfig")


def test_a_merge_queue_gets_the_check_and_nothing_else() -> None:
    """A queue waits for ever for a required check that does not run for `merge_group`."""
    found = loaded(Workflow.PULL_REQUEST)
    assert found["concurrency"]["group"].endswith("${{ github.event.pull_request.number || github.ref }}")
    check = found["jobs"]["check"]
    assert "if" not in check
    assert check["env"]["BASE"].endswith("|| github.event.merge_group.base_sha }}")
    for job in ("preview", "comment"):
        assert "github.event.pull_request.head.repo" in found["jobs"][job]["if"]
