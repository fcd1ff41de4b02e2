"""What somebody adds to the deployed mirror past Pulumi fails no-loss-rules, and nothing else."""

from __future__ import annotations

import copy

from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack

NAME = "east-to-west"


def test_a_connector_that_may_skip_records_fails_exactly_this_check(proven: Stack, regions: Regions) -> None:
    """A preview compares the stack file with Pulumi's state, and shows nothing of it."""
    declared = regions.mirror_resource(NAME).spec["mirrors"]
    skipping = copy.deepcopy(declared)
    skipping[0]["sourceConnector"]["config"]["errors.tolerance"] = "all"
    regions.patch_mirror(NAME, {"mirrors": skipping})
    try:
        assert proven.preview("--expect-no-changes").code == 0
        proven.fails_alone("no-loss-rules")
        ran = proven.verify("--check", "no-loss-rules")
        assert ran.code == 1
        assert "is 'all' in the KafkaMirrorMaker2" in " ".join(ran.output.split())
    finally:
        regions.patch_mirror(NAME, {"mirrors": declared})
    assert proven.verify("--wait", "120").code == 0
