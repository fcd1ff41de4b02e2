"""A job that ends before `pulumi up` leaves the stack locked, and its verification unrecorded."""

from __future__ import annotations

import yaml

from mirror.ci.deadlines import minutes
from mirror.ci.github import Workflow, workflow
from mirror.ci.gitlab import pipeline
from tests.unit.ci.pipelines import PLAIN

SLOW = "config: {region-mirror:verification: {deadline_seconds: 7200}}"


def test_a_deployment_may_take_as_long_as_its_verification() -> None:
    files = {"staging": "config: {}", "1.0": SLOW}
    first, second = yaml.safe_load(workflow(Workflow.DEPLOY, PLAIN, files))["jobs"].values()
    assert (first["timeout-minutes"], second["timeout-minutes"]) == (150, 60)
    found = yaml.safe_load(pipeline(PLAIN, files))
    assert [found[f"deploy {one}"]["timeout"] for one in PLAIN.stacks] == [
        "60 minutes", "150 minutes", "60 minutes",
    ]  # fmt: skip
    # GitLab's own limit is an hour.
    assert found["move prod-west"]["timeout"] == "350 minutes"


def test_deadlines_of_several_mirrors_add_up_to_the_longest_job() -> None:
    one = "{verification: {deadline_seconds: 3000}}"
    several = f"config: {{x:mirrors: {{a: {one}, b: {one}}}}}"
    assert minutes([several]) == 130
    assert minutes([SLOW.replace("7200", "604800")]) == 350
    assert minutes([SLOW.replace("7200", "7.2e3")]) == 150, "as Pulumi reads it"
    for broken in ("", "[", "1", SLOW.replace("7200", "long"), SLOW.replace("7200", "-1")):
        assert minutes([broken]) == 60
