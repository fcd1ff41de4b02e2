"""The printed pipeline of GitLab: no variable for a fork, one order of deployment, and moves that wait."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
import yaml

from mirror.ci.gitlab import pipeline
from tests.unit.ci.pipelines import OIDC, PLAIN

BOTH = pytest.mark.parametrize("environments", [PLAIN, OIDC], ids=["passphrase", "oidc"])


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
        # A name in the script: a variable of the pipeline's form could name another environment.
        first, move = job["script"]
        assert first == f'.venv/bin/python -m mirror ci approved "{environment}-move"'
        assert "mirror $act" in move


def test_gitlab_scripts_are_bash() -> None:
    for job in yaml.safe_load(pipeline(PLAIN)).values():
        if isinstance(job, dict):
            for one in job.get("script", []):
                subprocess.run(["bash", "-n"], input=one, text=True, check=True)
