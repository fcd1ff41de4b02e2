"""`python -m tests.bench recover`: how fast `recover` finds the records that never crossed, beside the audit.

Both read the same two logs over TLS, in turns, with the lanes of the audit. What counts is the rate of source
records: 0.8 of the audit's is at most 1.25 of its seconds. In the first scene the mirror is exactly-once and
all records are missing, so only the source is read. In the second one MM2's positions are late, so that each
record has to be found on the target by its content.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from lab.layout import Lab
from mirror.audit.blocks import LogPair
from mirror.audit.native import NativeLog
from mirror.audit.rules import AuditRules
from mirror.clients.access import ClusterAccess
from mirror.clients.records import Bounds
from mirror.cutover.recovery.missing import Judgement
from mirror.cutover.recovery.scan import Extent, scan
from tests.bench.audit import LANES, audit_both
from tests.bench.measure import show, side_by_side
from tests.bench.reading.logs import REGIONS, SHAPES, SHORT, Shape, access, written

ROUNDS = 3
_AUDIT = "the audit"


def main(lab: Lab, short: bool = False) -> None:
    """Measure on the lab that runs, and print a table for each shape of log."""
    rounds = 1 if short else ROUNDS
    for shape in (SHORT,) if short else SHAPES[:1]:
        written(lab, shape)
        sides = [access(lab, region) for region in REGIONS]
        acts: dict[str, Callable[[], object]] = {
            _AUDIT: partial(audit_both, sides, shape),
            "recover: all records are missing": partial(all_missing, sides, shape),
            "recover: each record is found by content": partial(all_crossed, sides, shape),
        }
        for act in acts.values():
            act()  # compiles, and brings the logs into the page cache
        load = os.getloadavg()[0]
        rows = side_by_side(acts, rounds)
        show(
            f"{shape.records:,} source records of {shape.size:,} bytes, median of {rounds}, "
            f"load {load:.0f} before and {os.getloadavg()[0]:.0f} after",
            _AUDIT,
            rows,
        )


def all_missing(sides: list[ClusterAccess], shape: Shape) -> None:
    """Behind MM2's position nothing has crossed."""
    found = _scanned(sides, shape, exactly_once=True)
    assert sum(len(one.missing) for one in found) == shape.records


def all_crossed(sides: list[ClusterAccess], shape: Shape) -> None:
    """Behind MM2's late position everything has crossed."""
    found = _scanned(sides, shape, exactly_once=False)
    assert sum(one.crossed for one in found) == shape.records
    assert not any(len(one.missing) for one in found)


def _scanned(sides: list[ClusterAccess], shape: Shape, *, exactly_once: bool) -> list[Judgement]:
    whole = Bounds(0, shape.stop)
    promoted = shape.stop if exactly_once else None
    extents = [Extent(one, one, -1, -1, whole, shape.stop, whole, promoted) for one in shape.partitions]
    with NativeLog(sides[0]) as source, NativeLog(sides[1]) as target:
        scanned = scan(
            extents,
            LogPair(source, target),
            lambda _: AuditRules(exactly_once=exactly_once),
            lambda *_: None,
            lanes=LANES,
        )
    judged = [one.judgement for one in scanned if one.judgement is not None]
    assert len(judged) == len(extents), [one.unread for one in scanned]
    return judged
