"""What compaction explains of the differences between a window of a compacted topic and its copy. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mirror.clients.records import Record
from mirror.verify.comparison import ALIVE, RecordDifference


@dataclass(frozen=True, slots=True)
class Later:
    """Where each key occurs last on either side, from a window on; `whole`: up to the ends of both logs.

    `alive`: keys whose last record on the target has a value. `written_from`: the target offset from which on
    it holds records of its own producers only. `deleted`: records of `alive` keys, of which the source has no
    record any more, although compaction alone keeps the last one.
    """

    source: Mapping[int | None, int]
    target: Mapping[int | None, int]
    whole: bool
    alive: frozenset[int | None] = frozenset()
    written_from: int | None = None
    deleted: Sequence[Record] = ()

    def written(self, key: int | None) -> bool:
        """Whether a producer on the target has written the key after the mirrored part."""
        at = self.target.get(key)
        return at is not None and self.written_from is not None and at >= self.written_from


def unexplained(differences: Iterable[RecordDifference], later: Later) -> list[RecordDifference]:
    """What the log cleaner does not explain on a compacted topic: it removes what a later record of the same
    key supersedes, and old tombstones, on each side at its own time.

    Given is the last offset of each key from the window on, read to the end of both logs after the windows
    were: a record of the source counts while it is still there and the last of its key.
    What is only on the target has it on the source, or mirrored to the target already.

    A key that is deleted on the source and has a value on the target is a difference, whatever the cleaners
    did: the cleaner removes a tombstone only with or after the values before it. A key that has any newer
    record on the source is none: it may not be mirrored yet.
    """
    left: list[RecordDifference] = []
    deleted = {one.offset: one for one in later.deleted}
    for one in differences:
        if one.kind == "missing" and one.source is not None:
            key = one.source.key
            if later.source.get(key) != one.source.offset or later.written(key):
                continue
            if not one.source.tombstone:
                left.append(one)
            elif key in later.alive:
                left.append(RecordDifference(ALIVE, one.source))
        elif one.kind == "alien" and one.target is not None:
            key = one.target.key
            gone = (
                one.target.tombstone
                or key in later.source
                or later.target.get(key, one.target.offset) > one.target.offset
                or one.target.offset in deleted
            )
            if not gone:
                left.append(one)
        else:
            left.append(one)
    return left + [RecordDifference(ALIVE, target=one) for one in deleted.values()]


def unpaired(differences: Iterable[RecordDifference]) -> list[RecordDifference]:
    """Altered records as one that is missing and one that is alien: so compaction is asked about each."""
    found: list[RecordDifference] = []
    for one in differences:
        if one.kind == "altered":
            found += [RecordDifference("missing", one.source), RecordDifference("alien", target=one.target)]
        else:
            found.append(one)
    return found
