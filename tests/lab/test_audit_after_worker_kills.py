"""A mirror that lived through ten worker kills under traffic: the audit reports nothing.

The mirror is the test's own, with one worker: where another lives on, it holds a lost worker's tasks back for
`scheduled.rebalance.max.delay.ms` each time (KIP-415).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from confluent_kafka import TopicPartition

from tests.lab.support import kafka
from tests.lab.support.command import run
from tests.lab.support.lab import Regions
from tests.lab.support.own_mirror import own_mirror
from tests.lab.support.traffic import traffic
from tests.lab.support.wait import until

KILLS = 10


def end(config: kafka.Config, topic: str) -> int:
    """The last stable offset: whoever reads to the end of a log that is written to never gets there."""
    with kafka.reader(config) as consumer:
        return int(consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=30)[1])


def test_nothing_is_reported(regions: Regions, tmp_path: Path) -> None:
    with (
        own_mirror(regions, "kills") as mirror,
        traffic(regions.kafka("east"), mirror.topic()) as running,
    ):
        mirror.stack.up().ok()
        worker = f"west-kafka-{mirror.name}-mirrormaker2-0"
        for _ in range(KILLS):
            before = end(regions.kafka("west"), mirror.copy())
            regions.kill(worker)
            running.some_more(30)

            def goes_on(before: int = before) -> bool:
                return end(regions.kafka("west"), mirror.copy()) > before

            until("the mirror to go on", goes_on, seconds=240)
        count = running.end()
        until("all of it to be mirrored", lambda: len(mirror.copied()) >= count, seconds=240)
        stack = mirror.stack
        argv = [sys.executable, "-m", "mirror", "audit", "--config-file", str(stack.file), "--json"]
        ran = run([*argv, "--state", str(tmp_path)], cwd=stack.project, env=stack.environment)
        assert ran.code == 0, ran.output
        report = json.loads(ran.stdout)
        assert (report["passed"], report["compared"], report["counts"]) == (True, count, {})
