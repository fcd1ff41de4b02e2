"""A configuration that somebody changed on the target fails topic-configs-match, and nothing else."""

from __future__ import annotations

import json

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

TOPIC = "returns"


def test_a_copy_configured_by_hand_fails_exactly_this_check(proven: Stack, regions: Regions) -> None:
    west = regions.kafka("west")

    def changed_and_noticed() -> bool:
        # MirrorSourceConnector sets it back at its next round, perhaps before the look: then once more.
        kafka.configure(west, TOPIC, "retention.ms", "123456789")
        ran = proven.verify("--json")
        failed = [check for check in json.loads(ran.stdout)["checks"] if not check["passed"]]
        said = "retention.ms is 123456789 on the target"
        return [one["name"] for one in failed] == ["topic-configs-match"] and said in ran.stdout

    try:
        until("topic-configs-match alone to fail", changed_and_noticed, seconds=90)
    finally:
        kafka.configure(west, TOPIC, "retention.ms", None)


def test_what_mm2_leaves_out_is_told_and_no_finding(proven: Stack, regions: Regions) -> None:
    west = regions.kafka("west")
    kafka.configure(west, TOPIC, "unclean.leader.election.enable", "true")
    try:
        ran = proven.verify("--json", "--check", "topic-configs-match").ok()
        (check,) = json.loads(ran.stdout)["checks"]
        assert "unclean.leader.election.enable" in check["summary"]
        assert check["facts"]["left_out"]["unclean.leader.election.enable"].keys() == {TOPIC}
    finally:
        kafka.configure(west, TOPIC, "unclean.leader.election.enable", None)
