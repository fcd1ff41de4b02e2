"""A paused connector fails connectors-running, and nothing else."""

from __future__ import annotations

import copy

from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

NAME = "east-to-west"


def test_a_paused_checkpoint_connector_fails_exactly_this_check(proven: Stack, regions: Regions) -> None:
    declared = regions.mirror_resource(NAME).spec["mirrors"]
    paused = copy.deepcopy(declared)
    paused[0]["checkpointConnector"]["state"] = "paused"
    regions.patch_mirror(NAME, {"mirrors": paused})
    try:
        until(
            "connectors-running alone to fail",
            lambda: proven.failed_checks() == {"connectors-running"},
            seconds=60,
        )
        ran = proven.verify("--check", "connectors-running")
        assert ran.code == 1
        assert "MirrorCheckpointConnector" in ran.output
        assert "PAUSED" in ran.output
    finally:
        regions.patch_mirror(NAME, {"mirrors": declared})
