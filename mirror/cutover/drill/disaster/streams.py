"""Accounts for every record of a stream: where it is in the end. Pure.

    accepted at the source, before the kill    on the target, or recovered, or (without a recovery) missing
    accepted on the target                     on the target
    any of these, once production is home      on the source as well
    accepted at home                           on the source

A transaction is whole if all of its records are there. MM2 copies partitions independently, so a failover
may cut a transaction; a recovery makes it whole again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from mirror.cutover.drill.disaster.results import StreamResult
from mirror.cutover.drill.recording import Seen, StreamSeen

_EXAMPLES = 5


def before_the_kill(seen: Iterable[Seen], home: float | None) -> list[Seen]:
    """Return what the source accepted before it was killed. `home`: when the move home began."""
    return [
        one
        for one in seen
        if one.kind == "accepted" and one.side == "source" and (home is None or one.at < home)
    ]


def missing_of(stream: StreamSeen, seen: Sequence[Seen], home: float | None) -> list[Seen]:
    """Return the records that the mirror has not copied. Compaction may also have deleted a copy."""
    copied = {one.record for one in seen if _is_of(one, stream) and _is_stored(one, "target")}
    return [
        one for one in before_the_kill(seen, home) if one.stream == stream.stream and one.record not in copied
    ]


def result_of(
    stream: StreamSeen, seen: Sequence[Seen], home: float | None, *, recovers: bool
) -> StreamResult:
    """Account for one stream. `recovers`: the drill has gone on to the recovery."""
    mine = [one for one in seen if _is_of(one, stream)]
    copied = Counter(one.record for one in mine if _is_stored(one, "target"))
    recovered = Counter(one.record for one in mine if one.kind == "recovered" and one.side == "target")
    here = Counter(one.record for one in mine if one.side == "source" and one.kind in ("stored", "recovered"))
    early = [one.record for one in before_the_kill(mine, home)]
    late = [one.record for one in mine if one.kind == "accepted" and one.side == "target"]
    accepted = {one.record for one in mine if one.kind == "accepted"}
    at_home = len(accepted) - len({*early, *late})
    target = copied + recovered
    missing = [one.record for one in missing_of(stream, mine, home)]
    lost = {*late} - target.keys()
    if recovers:
        lost |= {*early} - target.keys()
    if here:
        lost |= accepted - here.keys()
    doubled = _doubled(target) + _doubled(here)
    aborted = {one.record for one in mine if one.kind == "aborted"} & {*target, *here}
    cut, halves = _transactions(mine, home, copied, target if recovers else None)
    return StreamResult(
        stream.stream,
        len(early),
        len(late),
        at_home,
        len({one.record for one in mine if one.kind == "unknown"}),
        0 if stream.compacted else len(missing),
        len(recovered),
        0 if stream.compacted else len(lost),
        sum(doubled.values()),
        0 if stream.compacted else cut,
        0 if stream.compacted else halves,
        len(aborted),
        not stream.compacted,
        tuple(
            dict.fromkeys([*([] if stream.compacted else sorted(lost)), *sorted(doubled), *sorted(aborted)])
        )[:_EXAMPLES],
    )


def _transactions(
    mine: Iterable[Seen], home: float | None, copied: Mapping[str, int], in_the_end: Mapping[str, int] | None
) -> tuple[int, int]:
    """Count transactions at the source that were cut by the failover, and that are still not whole."""
    records: dict[str, set[str]] = defaultdict(set)
    for one in mine:
        early = home is None or one.at < home
        if one.transaction and one.side == "source" and early and one.kind in ("accepted", "unknown"):
            records[one.transaction].add(one.record)
    cut = sum(_in_part(one, copied) for one in records.values())
    halves = 0 if in_the_end is None else sum(_in_part(one, in_the_end) for one in records.values())
    return cut, halves


def _in_part(records: set[str], there: Mapping[str, int]) -> bool:
    return 0 < len(records & there.keys()) < len(records)


def _doubled(stored: Counter[str]) -> Counter[str]:
    return Counter({record: count - 1 for record, count in stored.items() if count > 1})


def _is_of(one: Seen, stream: StreamSeen) -> bool:
    return one.stream == stream.stream


def _is_stored(one: Seen, side: str) -> bool:
    return one.kind == "stored" and one.side == side
