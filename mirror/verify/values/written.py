"""Records that producers wrote to a topic on the target, after its mirrored part. Pure.

    source   a b c d            P = d: every record is mirrored
    target   a b c d X Y        X and Y are in no source record and newer than the copy of d: the topic moved

It is not moved, but written to in both regions, where the source has a record after d, or a record that is
not the source's lies between the copies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mirror.clients.records import Record


@dataclass(frozen=True, slots=True)
class Written:
    """Target offsets `first` to `last` hold records that the source never had.

    `missing`: mirrored source records without a copy before them; `waiting`: source records after the last
    copy and after MM2's position; `between`: records that the source never had, among the copies.
    """

    first: int
    last: int
    missing: int = 0
    waiting: int = 0
    between: int = 0

    @property
    def moved(self) -> bool:
        """Whether every source record is mirrored, and only the target is written to."""
        return not (self.missing or self.waiting or self.between)

    @property
    def says(self) -> str:
        """What is wrong where the topic has not moved."""
        where = f"target offsets {self.first} to {self.last} hold records that the source never had"
        if self.missing:
            return (
                f"{self.missing} records up to MM2's position are not on the target, and {where}: it was "
                "altered, or written by somebody else"
            )
        if self.waiting:
            return (
                f"both regions are written to: {where}, and {self.waiting} source records are not mirrored "
                "yet"
            )
        return f"both regions are written to: {where}, and {self.between} more between the mirrored"


def written_on_target(
    position: int | None,
    source: Sequence[Record],
    target: Sequence[Record],
    newest: Record,
    *,
    target_start: int,
    compacted: bool,
) -> Written | None:
    """Return what the target holds after the last copy; None where no copy is known.

    `source`: the records around MM2's position, up to the source's end; none where the source has none.
    `target`: the target's records, from the copies of the first of `source` on. `newest` of the target is in
    no source record. On a compacted topic only records newer than all of `source` are a producer's.
    """
    if not source:
        return Written(target_start, newest.offset)
    stamped = any(one.no_producer_time for one in (*source, *target))
    ours = [_token(one, stamped) for one in source]
    theirs = [_token(one, stamped) for one in target]
    place = {token: index for index, token in enumerate(theirs)}  # the last occurrence of each
    copied = [index for index, token in enumerate(ours) if token in place]
    if not copied:
        return None
    last_copy = place[ours[copied[-1]]]
    rest, behind = source[copied[-1] + 1 :], [*target[last_copy + 1 :], newest]
    latest = max(one.timestamp for one in source)
    if compacted and (stamped or any(one.timestamp <= latest for one in behind)):
        return None  # copies, perhaps, whose originals the source's cleaner has removed
    written_keys = {one.key for one in behind}
    missing = [
        one
        for one in rest
        if position is not None
        and one.offset <= position
        # the log cleaner of the target removes what a producer's later record of the key supersedes
        and not (compacted and (one.tombstone or one.key in written_keys))
    ]
    known = set(ours)
    between = 0 if compacted else sum(one not in known for one in theirs[place[ours[copied[0]]] : last_copy])
    return Written(
        target[last_copy].offset + 1,
        newest.offset,
        len(missing),
        sum(position is None or one.offset > position for one in rest),
        between,
    )


def _token(record: Record, stamped: bool) -> tuple[int, int | None]:
    return record.content, None if stamped else record.timestamp
