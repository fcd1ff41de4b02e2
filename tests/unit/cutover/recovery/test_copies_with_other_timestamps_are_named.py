"""Where the target stamps records anew, copies that are compared by content cannot be recognised."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mirror.audit.blocks import LogPair
from mirror.clients.records import Bounds, TopicPartition
from mirror.cutover.recovery.render import remarks
from mirror.cutover.recovery.report import RecoveryReport
from mirror.cutover.recovery.same_log import Cleaner, other_log
from mirror.cutover.recovery.scan import Extent, Scanned
from tests.unit.audit.made_up import MadeUpLog, Record
from tests.unit.cutover.recovery.test_what_never_crossed import judged

ORDERS, COPY = TopicPartition("orders", 0), TopicPartition("east.orders", 0)
SOURCE = [Record(10, 1, 1, 1), Record(11, 2, 2, 2)]
STAMPED = [one._replace(offset=one.offset + 80, timestamp=900, broker_stamped=True) for one in SOURCE]


def report(
    target: Sequence[Record], *, by_content: bool = True, source: Sequence[Record] = SOURCE
) -> RecoveryReport:
    extent = Extent(ORDERS, COPY, 9, -1, Bounds(0, 12), 12, Bounds(0, 92))
    judgement = judged(source, target, by_content=by_content, promoted=95)
    return RecoveryReport("m", "east", "west", "now", "then", "", True, [Scanned(extent, judgement)])


def test_their_topic_is_named_with_the_way_out() -> None:
    found = report(STAMPED)
    assert (found.missing, found.not_recognised) == (2, ["orders"])
    [said] = [line for line in remarks(found) if "timestamps" in line]
    assert said.startswith("orders: copies on west have other timestamps, so they are not recognised")
    assert "quarantine" in said
    assert found.to_json()["copies_not_recognised"] == ["orders"]


BARE = [one._replace(timestamp=-1, broker_stamped=True) for one in SOURCE]
COPIES = [one._replace(broker_stamped=False) for one in STAMPED]


def test_so_is_the_topic_of_records_without_a_timestamp() -> None:
    """-1: MM2's producer stamps their copies. `--to topic` would have appended them a second time."""
    assert report(COPIES, source=BARE).not_recognised == ["orders"]
    assert report(COPIES, source=BARE, by_content=False).not_recognised == []
    assert report([], source=BARE).not_recognised == []


@pytest.mark.parametrize(
    ("stamp", "copies", "restored"), [(-1, COPIES, False), (-1, COPIES[:1], True), (5, COPIES, True)]
)
def test_they_prove_no_restored_source(stamp: int, copies: Sequence[Record], restored: bool) -> None:
    """The last copy was not found behind what clients have written: the source "was restored"."""
    extent = Extent(ORDERS, COPY, 11, -1, Bounds(10, 12), 12, Bounds(0, 92))
    source = [one._replace(timestamp=stamp) for one in BARE]
    logs = LogPair(MadeUpLog({ORDERS: source}), MadeUpLog({COPY: copies}))
    cleaner = Cleaner(compacts=False, took_tombstones=False)
    said = other_log(extent, logs, lambda *_: None, exactly_once=True, cleaner=cleaner)
    assert bool(said) == restored


@pytest.mark.parametrize(
    "found",
    [
        report([one._replace(broker_stamped=False) for one in STAMPED]),
        report(STAMPED, by_content=False),
        report([one._replace(timestamp=1) for one in STAMPED[:1]], source=SOURCE[:1]),
        report([]),
    ],
    ids=["the producers' timestamps", "nothing can be behind the position", "all recognised", "no copy"],
)
def test_nothing_is_said_where_no_copy_can_be_meant(found: RecoveryReport) -> None:
    assert found.not_recognised == []
    assert not [line for line in remarks(found) if "timestamps" in line]
