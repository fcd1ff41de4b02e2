"""The printed pipeline of GitLab: no variable for a fork, one order of deployment, and moves that wait."""

from __future__ import annotations

import subprocess
from pathlib import Path
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


@pytest.mark.parametrize("picked", ["", "prod-west"])
@pytest.mark.parametrize("job", ["deploy staging", "deploy 1.0", "deploy prod-west", "preview", "nightly"])
def test_the_form_of_a_pipeline_run_by_hand_chooses_no_jobs_stack(
    job: str, picked: str, tmp_path: Path
) -> None:
    """GitLab sends every value of the form as a variable of the pipeline, which wins over the variables of a
    job: with STACK of the job, `deploy staging` deployed prod-west before its approval, or no stack at all.
    """
    found = yaml.safe_load(pipeline(PLAIN))
    variables = {name: one for name, one in found["variables"].items() if isinstance(one, str)}
    own = found[job].get("variables") or found[job].get("parallel", {}).get("matrix", [{}])[0]
    for name in ("pulumi", ".venv/bin/python"):
        program = tmp_path / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text('#!/bin/sh\necho "$@" >> "$CALLS"\n')
        program.chmod(0o755)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "stacks.txt").write_text("staging\nprod-west\n")
    calls = tmp_path / "calls"
    environment = {**variables, **own, "ACTION": "deploy", "STACK": picked, "CALLS": str(calls)}
    (report,) = found["default"]["before_script"]
    script = "\n".join([report, *(found[job].get("script") or found[".deploy"]["script"])])
    subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=tmp_path,
        env={**environment, "PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=True,
        capture_output=True,
    )
    expected = job.removeprefix("deploy ") if job.startswith("deploy ") else "staging"
    stacks = {
        words[index + 1]
        for line in calls.read_text().splitlines()
        if "--stack" in (words := line.split(" "))
        for index in [words.index("--stack")]
    }
    assert stacks == {expected}
