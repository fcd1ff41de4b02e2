"""A job that ends before `pulumi up` leaves the stack locked, and its verification unrecorded."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mirror.ci.deadlines import minutes
from mirror.ci.github import Workflow, workflow
from mirror.ci.gitlab import pipeline
from mirror.commands.ci_project import ci_project
from tests.unit.ci.pipelines import PLAIN
from tests.unit.commands.ci_project import project_in_git, stack_file


def test_a_deployment_may_take_as_long_as_its_verification() -> None:
    deadlines = {"staging": 300, "1.0": 7200}
    first, second = yaml.safe_load(workflow(Workflow.DEPLOY, PLAIN, deadlines))["jobs"].values()
    assert (first["timeout-minutes"], second["timeout-minutes"]) == (150, 60)
    found = yaml.safe_load(pipeline(PLAIN, deadlines))
    assert [found[f"deploy {one}"]["timeout"] for one in PLAIN.stacks] == [
        "60 minutes", "150 minutes", "60 minutes",
    ]  # fmt: skip
    # GitLab's own limit is an hour.
    assert found["move prod-west"]["timeout"] == "350 minutes"


def test_no_job_is_longer_than_a_forge_allows() -> None:
    assert minutes([6000]) == 130
    assert minutes([604_800]) == 350
    assert minutes([0]) == minutes([]) == 60


def test_each_mirror_counts_wherever_its_deadline_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that all mirrors or all stacks have in common counted once, or not at all: the job was killed."""
    project_in_git(tmp_path, monkeypatch)
    several = """
  region-mirror:mirrors:
    east-to-west: {mirror: {topics: [orders]}}
    north-to-west: {source: {alias: north, cluster: north}, mirror: {topics: [returns]}}
"""
    staging = stack_file(tmp_path, "staging")
    text = "".join(line for line in staging.read_text().splitlines(True) if ":mirror:" not in line)
    common = "  region-mirror:verification: {deadline_seconds: 7.2e3}"
    staging.write_text(f"{text.rstrip()}{several}{common}\n")
    (tmp_path / "Pulumi.yaml").write_text(
        "name: region-mirror\nstackConfigDir: stacks\n"
        "config: {verification: {value: {deadline_seconds: 3600}}}\n"
    )
    assert ci_project().deadlines() == {"prod-west": 3600, "staging": 14_400}
    staging.write_text("config: [")
    assert ci_project().deadlines() == {"prod-west": 3600}
