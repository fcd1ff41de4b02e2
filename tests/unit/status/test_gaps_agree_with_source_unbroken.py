"""Whatever the source deleted, `status` and source-unbroken judge it alike."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from mirror.clients.records import Bounds
from mirror.status.picture import draw
from mirror.status.rates import Rates
from mirror.status.snapshot import PartitionSeen, Waiting
from mirror.verify.baseline import Baseline
from mirror.verify.checks.source_unbroken import judge
from mirror.verify.values.source_partition import PartitionNow, SourceNow
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
