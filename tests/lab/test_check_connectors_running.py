"""A paused connector fails connectors-running, and nothing else. So do workers that died while no Cluster
Operator ran: the status of the KafkaMirrorMaker2 goes on saying RUNNING.
"""

from __future__ import annotations

import copy

from tests.lab.support.command import Ran
from tests.lab.support.lab import Regions
from tests.lab.support.outage import killed
from tests.lab.support.shared_mirror import WORKERS
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

NAME = "east-to-west"


def test_a_paused_checkpoint_connector_fails_exactly_this_check(proven: Stack, regions: Regions) -> None:
    declared = regions.mirror_resource(NAME).spec["mirrors"]
    paused = copy.deepcopy(declared)
    paused[0]["checkpointConnector"]["state"] = "paused"
    regions.patch_mirror(NAME, {"mirrors": paused})

    def paused_connector() -> Ran | None:
        ran = proven.verify("--check", "connectors-running")
        return ran if "PAUSED" in ran.output else None

    try:
        # Before, the check says that the operator has not acted yet.
        ran = until("a connector that is paused", paused_connector, seconds=120)
        assert ran is not None
        assert ran.code == 1
        assert "MirrorCheckpointConnector" in ran.output
        proven.fails_alone("connectors-running", later=["groups-translated"])
    finally:
        regions.patch_mirror(NAME, {"mirrors": declared})


def test_workers_that_died_while_no_operator_ran_fail_it(proven: Stack, regions: Regions) -> None:
    with killed(regions, "west-operator"), killed(regions, WORKERS):
        # What is written at the source meanwhile is not mirrored either.
        proven.fails_alone("connectors-running", later=["lag", "groups-translated"])
        ran = proven.verify("--check", "connectors-running")
        assert ran.code == 1
        assert "no worker runs" in ran.output
        status = regions.mirror_resource(NAME).status
        assert {one["connector"]["state"] for one in status["connectors"]} == {"RUNNING"}
