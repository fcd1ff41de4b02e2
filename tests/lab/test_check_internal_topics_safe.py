"""An internal topic that would forget with time fails internal-topics-safe, and nothing else."""

from __future__ import annotations

import pytest

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack


@pytest.mark.parametrize("topic", ["__east-to-west-status", "mm2-offset-syncs.east.internal"])
def test_a_topic_that_is_not_compacted_fails_exactly_this_check(
    proven: Stack, regions: Regions, topic: str
) -> None:
    west = regions.kafka("west")
    kafka.configure(west, topic, "cleanup.policy", "delete")
    try:
        proven.fails_alone("internal-topics-safe")
        ran = proven.verify("--check", "internal-topics-safe")
        assert ran.code == 1
        assert topic in ran.output
        assert "cleanup.policy delete, not compact" in " ".join(ran.output.split())
    finally:
        kafka.configure(west, topic, "cleanup.policy", "compact")
