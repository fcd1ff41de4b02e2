"""Compares the last records of each partition on both sides, once nobody writes and everything is mirrored.

While a mirror runs, its end moves, so `verify` compares windows and the newest record. After fence and drain
the ends are final: the last records of both logs have to be the same ones, in the same order and number. A
lost record, or one mirrored twice, shows at once. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from mirror.clients.records import TopicPartition, Unread, Window

OFFSETS = 200
"""Offsets that are read at the end of each partition. `python -m mirror audit` compares all of them."""


@dataclass(frozen=True, slots=True)
class LastRecords:
    """The last records of one partition. `whole`: everything was read that was ever written to the log, and
    on the target since the mirror began to write to it."""

    partition: TopicPartition
    source: Window | Unread
    target: Window | Unread
    whole_source: bool
    whole_target: bool
    left_out: int = -1
    """The last source offset that is not mirrored on purpose (`mirror.start_from`)."""
    copy_end: int = 0
    """The end of the copy before the mirror wrote to it: on a way back it has the originals."""


@dataclass(frozen=True, slots=True)
class TailDifference:
    """Why the ends of one partition differ."""

    partition: TopicPartition
    reason: str


def compare(one: LastRecords) -> tuple[int, TailDifference | None]:
    """Return the number of equal records, and the difference, if there is one."""
    if isinstance(one.source, Unread):
        return 0, TailDifference(one.partition, f"the source could not be read: {one.source.reason}")
    if isinstance(one.target, Unread):
        return 0, TailDifference(one.partition, f"the target could not be read: {one.target.reason}")
    source = [record for record in one.source.records if record.offset > one.left_out]
    target = [record for record in one.target.records if record.offset >= one.copy_end]
    count = min(len(source), len(target))
    for back in range(1, count + 1):
        mine, copy = source[-back], target[-back]
        if not mine.same_as(copy):
            return back - 1, TailDifference(
                one.partition,
                f"{_nth(back)} record differs: source offset {mine.offset}, target offset {copy.offset}",
            )
    if len(source) > count and one.whole_target:
        return count, TailDifference(
            one.partition,
            f"the target has {len(target):,} records in all, and the source at least {len(source):,}",
        )
    if len(target) > count and one.whole_source:
        return count, TailDifference(
            one.partition,
            f"the source has {len(source):,} records in all, and the target at least {len(target):,}",
        )
    return count, None


def _nth(number: int) -> str:
    return "the last" if number == 1 else f"the {number}. last"
