"""One consumer group on one partition: its offsets, and what was read of both logs around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mirror.clients.records import Bounds, Record, TopicPartition, Unread, Window
from mirror.mm2.expected import Expected


@dataclass(frozen=True, slots=True)
class GroupPartition:
    """One group on one mirrored partition. `unread` begins at `first_unread` on the source, `ahead` at
    `translated` on the target.

    `located` is the target offset of the first unread record (the target's end when there is none), found by
    its timestamp where `ahead` does not hold it: the offset that the group ought to have. `read_before` says
    whether the source holds a record before `committed`.
    """

    group: str
    partition: TopicPartition
    remote: TopicPartition
    committed: int
    translated: int | None
    position: int | None
    source: Bounds | Unread
    target: Bounds | Unread
    unread: Window | Unread | None = None
    ahead: Window | Unread | None = None
    located: int | None = None
    read_before: bool = True
    compacted: bool = False
    members: int = 0
    members_on_source: int | None = None
    """None: not read, or there was no answer."""
    leader_epoch: int | None = None
    """Of the offset on the target, as it was committed."""
    later: int | None = None
    """The offset on the target, read again after `translated`."""
    mm2: Expected | None = None
    """MM2's own bookkeeping; None where it could not be read."""
    overdue: float | None = None
    """Seconds that a checkpoint has been due for without coming, or that one which came has not been written
    into the group, as far as was waited for it."""
    unsynced: bool = False
    """Whether that is because MM2 writes no offset sync of the partition any more."""
    start: int | None = None
    """Source offset of the last record that was left out on purpose (`mirror.start_from`)."""
    originals: bool = False
    """Whether the target may hold the group's unread records as originals, of which the source has copies."""

    @property
    def first_unread(self) -> int:
        """The source offset from which the group has read nothing, of what is mirrored at all."""
        return self.committed if self.start is None else max(self.committed, self.start + 1)

    @property
    def resumes_from(self) -> int | None:
        """The offset on the target from which the group can read: its own, but not below the log's start."""
        if self.translated is None or isinstance(self.target, Unread):
            return self.translated
        return max(self.translated, self.target.start)

    @property
    def unread_records(self) -> Sequence[Record]:
        """The source's records from there on; none where they could not be read."""
        return self.unread.records if isinstance(self.unread, Window) else ()


class UnwrittenCheckpoints:
    """Since when looks have seen a checkpoint that MM2 has not written into the group's offset on the target:
    it writes them in another thread, which may have ended."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, TopicPartition], tuple[int, float]] = {}

    def look(self, found: Iterable[GroupPartition], at: float) -> dict[tuple[str, TopicPartition], float]:
        """Return for how many seconds the oldest such checkpoint of each group and partition has not been
        written. `at`: in seconds since the epoch."""
        before, self._known = self._known, {}
        for one in found:
            last, age = (one.mm2.checkpoint, one.mm2.age) if one.mm2 else (None, None)
            if last is None or age is None or one.translated is None or one.translated >= last.downstream:
                continue
            key = one.group, one.partition
            first = before.get(key, (0, 0.0))
            self._known[key] = first if one.translated < first[0] else (last.downstream, at - age)
        return {key: at - since for key, (_, since) in self._known.items()}

    def active(self, one: GroupPartition, at: float) -> None:
        """Count anew: the group is active on the target, so that MM2 does not write its offsets."""
        key = one.group, one.partition
        self._known[key] = self._known[key][0], at
