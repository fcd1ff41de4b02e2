"""A mirror that lived through ten worker kills under traffic: the audit reports nothing."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path

from tests.lab.support import kafka
from tests.lab.support.command import run
from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack
from tests.lab.support.traffic import traffic
from tests.lab.support.wait import until

WORKERS = [f"west-kafka-east-to-west-mirrormaker2-{number}" for number in range(2)]
KILLS = 10
"""Of both workers at once: a leader that lives on holds a lost worker's tasks back for a minute (KIP-415)."""


def test_nothing_is_reported(proven: Stack, regions: Regions, tmp_path: Path) -> None:
    east, west = regions.kafka("east"), regions.kafka("west")
    topic = f"drill-kills-{uuid.uuid4().hex[:6]}"
    try:
        with traffic(east, topic) as running:
            until(f"{topic} on the target", lambda: topic in kafka.topics(west), seconds=180)
            for _ in range(KILLS):
                copies = len(kafka.read(west, topic))
                for worker in WORKERS:
                    regions.kill(worker)
                running.some_more(30)
                until(
                    "the mirror to go on",
                    lambda copies=copies: len(kafka.read(west, topic)) > copies,
                    seconds=240,
                )
            count = running.end()
        until("all of it to be mirrored", lambda: len(kafka.read(west, topic)) >= count, seconds=240)
        argv = [sys.executable, "-m", "mirror", "audit", "--config-file", str(proven.file), "--json"]
        argv += ["--topic", topic, "--state", str(tmp_path)]
        ran = run(argv, cwd=proven.project, env=proven.environment)
        assert ran.code == 0, ran.output
        report = json.loads(ran.stdout)
        assert (report["passed"], report["compared"], report["counts"]) == (True, count, {})
    finally:
        kafka.delete_topic(east, topic)
        kafka.delete_topic(west, topic)
