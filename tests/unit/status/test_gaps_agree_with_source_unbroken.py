"""Whatever the source deleted, `status` and source-unbroken judge it alike."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from mirror.clients.records import Bounds
from mirror.clients.sides import Joined
from mirror.clients.topics import Topics
from mirror.status.picture import draw
from mirror.status.rates import Rates
from mirror.status.reading import partitions_seen
from mirror.status.snapshot import PartitionSeen, Waiting
from mirror.status.waits import without_reading
from mirror.verify.baseline import Baseline
from mirror.verify.checks.source_unbroken import judge
from mirror.verify.reading.parts import Committed
from mirror.verify.values.source_partition import PartitionNow, SeenAfterPosition, SourceNow
from tests.unit.status.made_up import snapshot
from tests.unit.support.made_up import ORDERS

MAYBE = st.none() | st.integers(0, 12)


@given(st.none() | st.integers(0, 30), st.integers(0, 12), st.integers(0, 12), MAYBE, MAYBE, MAYBE)
@example(None, 2, 0, 0, 2, 1)
def test_one_rule(
    position: int | None, begin: int, length: int, start: int | None, empty: int | None, record: int | None
) -> None:
    log = Bounds(begin, begin + length)
    seen = PartitionSeen(ORDERS, position, log, Waiting(0), True, empty, record, start)
    [row] = draw(snapshot(seen), Rates()).partitions
    now = PartitionNow(ORDERS, position, log, start, empty, record)
    result = judge(Baseline("then", "c", {}), SourceNow("c", {ORDERS.topic: ""}, (now,)))
    says = "".join(one.message for one in result.findings)
    assert (row.trouble.word == "possibly-lost") == says.startswith("unknown: up to")
    assert (row.trouble.word == "lost") == says.startswith("up to")
    assert (row.trouble.word == "past-end") == ("is mirrored already" in says)
    assert row.trouble.losing == bool(result.findings)


def looked(known: SeenAfterPosition, log: Bounds, waiting: Waiting) -> str:
    """The state of a partition with position 9 at one look, after what is known of earlier ones."""
    topics, seen = Topics({}, {}, {}, (Joined(ORDERS, ORDERS),)), Committed({ORDERS: 9})
    found = partitions_seen(topics, seen, {ORDERS: log}, {ORDERS: waiting}, known)
    [row] = draw(snapshot(*found), Rates()).partitions
    return row.trouble.word


def test_an_offset_that_was_not_read_is_no_record_that_is_lost() -> None:
    """A look at more than 1,000 partitions knows only offsets of some. The marker of a transaction is one:
    once retention had deleted it, a record was called lost."""
    known, log = SeenAfterPosition(), Bounds(0, 11)
    [not_read] = without_reading({ORDERS: log}, {ORDERS: 9}).values()
    assert isinstance(not_read, Waiting)
    assert looked(known, log, not_read) == "behind"
    assert looked(known, log, Waiting(0)) == "up-to-date"
    assert looked(known, Bounds(11, 11), Waiting(0)) == "up-to-date"


def test_a_record_stays_lost_for_as_long_as_it_is() -> None:
    known = SeenAfterPosition()
    assert looked(known, Bounds(0, 20), Waiting(10, True, 10, 1)) != "lost"
    for _ in range(3):
        assert looked(known, Bounds(11, 20), Waiting(9, True, 11, 1)) == "lost"
