"""Workers and brokers are killed for ten minutes while records flow and looks are kept as the exporter keeps
them: no look says that MM2 has ended its offset syncs of a partition.
"""

from __future__ import annotations

import random
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from mirror.problems import CouldNotRun
from mirror.verify.reading.look import Session
from mirror.verify.run import report_of
from mirror.verify.values.memory import Memory
from settings.model import Settings
from tests.lab.conftest import REBALANCE_DELAY_MS
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.traffic import Traffic

SECONDS, PAUSE_SECONDS = 600.0, 5.0
BETWEEN_KILLS = (15.0, 50.0)
ENDED = "its translation stays at MM2's newest offset sync"


class Watch:
    """Looks again and again with one memory, over new connections after each look that fails."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self.settings, self.root, self.memory = settings, root, Memory()
        self.looks = self.failed = 0

    def look(self) -> list[str]:
        """What one look found; nothing where it fails."""
        with ExitStack() as stack, suppress(CouldNotRun):
            self.failed += 1
            session = Session(self.settings, self.root, stack, memory=self.memory)
            report = report_of(session, ("groups-translated",), 1)
            self.failed -= 1
            self.looks += 1
            return [one.message for check in report.checks for one in check.findings]
        return []


def quick(config: dict[str, Any]) -> None:
    config["mirror"].update(sync_group_offsets_interval_seconds=3, emit_checkpoints_interval_seconds=3)
    config["mirror"]["config"] = {"worker": {"scheduled.rebalance.max.delay.ms": REBALANCE_DELAY_MS}}


def read_on(mirror: OwnMirror, readers: str, traffic: Traffic) -> None:
    """The group has read what is acknowledged; a broker that was killed takes no offset."""
    with suppress(Exception):
        kafka.commit(mirror.regions.kafka("east"), readers, mirror.topic(), traffic.acknowledged)


def test_no_look_takes_a_kill_for_the_end_of_offset_syncs(regions: Regions) -> None:
    east, dice = regions.kafka("east"), random.Random(4711)
    with own_mirror(regions, "unsynced", quick) as mirror, ExitStack() as undo:
        readers = f"{mirror.name}-readers"
        kafka.create_topic(east, mirror.topic(), 2)
        traffic = Traffic(east, mirror.topic())
        traffic.start()
        undo.callback(traffic.cut)
        traffic.some_more()
        read_on(mirror, readers, traffic)
        mirror.stack.up().ok()
        (settings,) = mirror.stack.settings()
        watch = Watch(settings, mirror.stack.project)
        worker = f"west-kafka-{mirror.name}-mirrormaker2-0"
        end = time.monotonic() + SECONDS
        kill_at, alarms = 0.0, []
        while (now := time.monotonic()) < end:
            if now > kill_at:
                # A worker dies more often than a broker.
                regions.kill(dice.choice([worker] * 4 + ["west-kafka", "east-kafka"]))
                kill_at = now + dice.uniform(*BETWEEN_KILLS)
            read_on(mirror, readers, traffic)
            alarms += [message for message in watch.look() if ENDED in message]
            time.sleep(PAUSE_SECONDS)
        assert not alarms, alarms
        assert watch.looks > watch.failed
        for region in ("east", "west"):
            kafka.delete_group(regions.kafka(region), readers)
