"""A mirror that begins in the middle: what is left out is left out, and nothing else ever is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.lab.support import kafka
from tests.lab.support.command import Ran
from tests.lab.support.lab import Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until

MOMENT = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
"""Younger than the brokers' retention, which goes by the records' own timestamps."""
DEPLOYED: list[Ran] = []
"""What the deployment said."""


@pytest.fixture(scope="module")
def begun(regions: Regions) -> Iterator[OwnMirror]:
    """Topics with three records each, mirrored from different places; `empty` has had none."""

    def starts(config: dict[str, Any]) -> None:
        name = config["mirror"]["name"]
        config["mirror"].update(
            {
                "start_from": "latest",
                "start_from_by_topic": {f"{name}-whole": "earliest", f"{name}-dated": MOMENT.isoformat()},
            }
        )

    with own_mirror(regions, "start", starts) as mirror:
        east = regions.kafka("east")
        for suffix in ("orders", "idle", "whole", "dated", "empty"):
            kafka.create_topic(east, mirror.topic(suffix), 2)
        for suffix in ("orders", "idle", "whole"):
            mirror.produce("a", "b", "c", suffix=suffix)
        for value, at in (("before", -1000), ("at", 0), ("after", 1000)):
            kafka.produce_at(east, mirror.topic("dated"), value, int(MOMENT.timestamp() * 1000) + at)
        # A group that has read nothing of what is mirrored, and one that has read all there was.
        kafka.commit(east, f"{mirror.name}-behind", mirror.topic(), 1)
        kafka.commit(east, f"{mirror.name}-done", mirror.topic("idle"), 3)
        DEPLOYED.append(mirror.stack.up().ok())
        yield mirror


def test_it_says_what_is_left_out(begun: OwnMirror) -> None:
    assert "up to 7 records are left out on purpose (mirror.start_from)" in DEPLOYED[-1].output


def test_it_is_proven_with_groups_that_stand_before_its_start(begun: OwnMirror) -> None:
    report = json.loads(begun.stack.verify("--json").ok().stdout)
    (groups,) = [check for check in report["checks"] if check["name"] == "groups-translated"]
    assert "2 offsets are before the start of the mirror" in groups["summary"]


def test_what_comes_later_is_mirrored_and_what_was_before_is_not(begun: OwnMirror) -> None:
    begun.produce("d", "e")
    begun.produce("first", suffix="empty")
    until("the records after the start", lambda: len(begun.copied()) >= 2, seconds=120)
    until("the first record of an empty topic", lambda: begun.copied("empty"), seconds=120)
    assert begun.copied() == [b"d", b"e"]
    assert begun.copied("empty") == [b"first"]
    assert begun.copied("idle") == []


def test_topics_of_their_own_begin_where_they_are_told(begun: OwnMirror) -> None:
    # A mirror some seconds behind is proven too.
    until(
        "the records of both",
        lambda: len(begun.copied("whole")) >= 3 and len(begun.copied("dated")) >= 2,
        seconds=60,
    )
    assert begun.copied("whole") == [b"a", b"b", b"c"]
    assert begun.copied("dated") == [b"at", b"after"]


def test_a_topic_that_is_created_later_is_mirrored_from_its_beginning(begun: OwnMirror) -> None:
    """What `auto.offset.reset: latest` in MM2 would lose."""
    kafka.create_topic(begun.regions.kafka("east"), begun.topic("later"))
    begun.produce("1", "2", "3", suffix="later")
    until("the new topic's records", lambda: len(begun.copied("later")) >= 3, seconds=90)
    assert begun.copied("later") == [b"1", b"2", b"3"]


def test_mm2_goes_on_under_the_very_same_key(begun: OwnMirror) -> None:
    """Else Connect would have found no position, and a later one would not replace the first."""
    west, keys = begun.regions.kafka("west"), set()
    topic = f"__{begun.name}-offset"
    for partition in range(25):
        for record in kafka.read(west, topic, partition=partition):
            connector, where = json.loads(record.key or b"")
            if not connector.startswith("region-mirror-start:") and where["topic"] == begun.topic():
                keys.add((record.key, partition))
    assert len(keys) == 1  # the other partition of the topic is empty


def test_it_counts_once_only(begun: OwnMirror) -> None:
    # The topic that was created later enters the baseline, and that is all.
    begun.stack.up().ok()
    begun.stack.preview("--expect-no-changes").ok()
    until("a proven mirror", lambda: not begun.stack.failed_checks(), seconds=60, every=2)
    assert begun.copied() == [b"d", b"e"]
