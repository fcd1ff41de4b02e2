"""Killed with SIGKILL while data flows, each part comes back by itself and the mirror is proven again."""

from __future__ import annotations

import pytest

from tests.lab.support.lab import Regions
from tests.lab.support.scratch import scratch_topic
from tests.lab.support.stack import Stack

WORKER = "west-kafka-east-to-west-mirrormaker2-0"


@pytest.mark.parametrize("process", [WORKER, "west-operator", "west-kube-apiserver"])
def test_the_mirror_goes_on(proven: Stack, regions: Regions, process: str) -> None:
    with scratch_topic(regions, records=20) as topic:
        regions.kill(process)
        topic.produce(*(f"after the kill {number}" for number in range(20)))
        topic.mirrored(40)
        assert topic.values("west") == topic.values("east"), "in order, nothing twice, nothing lost"
        proven.verify("--wait", "150").ok()
