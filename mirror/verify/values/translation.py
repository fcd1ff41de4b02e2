"""One consumer group on one partition, and whether its offset on the target is safe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mirror.clients.records import Bounds, Record, TopicPartition, Unread, Window
from mirror.mm2.expected import Expected

# Equal records do occur: that many records after a match have to be equal too.
RUN = 8


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
    mm2: Expected | None = None
    """MM2's own bookkeeping; None where it could not be read."""
    overdue: float | None = None
    """Seconds that a checkpoint has been due for without coming, as far as was waited for it."""
    start: int | None = None
    """Source offset of the last record that was left out on purpose (`mirror.start_from`)."""

    @property
    def first_unread(self) -> int:
        """The source offset from which the group has read nothing, of what is mirrored at all."""
        return self.committed if self.start is None else max(self.committed, self.start + 1)

    @property
    def unread_records(self) -> Sequence[Record]:
        """The source's records from there on; none where they could not be read."""
        return self.unread.records if isinstance(self.unread, Window) else ()


TranslationState = Literal["safe", "nothing-read", "before-start", "unsafe", "absent", "past-end", "unknown"]


@dataclass(frozen=True, slots=True)
class Translation:
    """What the group would do on the target. `rereads` None: nothing is known or it starts anew."""

    state: TranslationState
    rereads: int | None = None
    exact: bool = True
    skipped: int = 0
    skipped_exact: bool = True
    reason: str = ""


def translation(one: GroupPartition) -> Translation:
    """The judgement over one group on one partition."""
    reasons = [
        what.reason for what in (one.source, one.target, one.unread, one.ahead) if isinstance(what, Unread)
    ]
    if reasons or isinstance(one.source, Unread) or isinstance(one.target, Unread):
        return Translation("unknown", reason=reasons[0])
    if one.translated is None:
        if not one.read_before or one.source.empty:
            return Translation("nothing-read")
        return Translation("before-start" if _before_start(one) else "absent")
    if past_target_end(one.translated, one.target):
        return Translation("past-end")
    return _by_content(one, one.translated, one.target)


def _by_content(one: GroupPartition, translated: int, target: Bounds) -> Translation:
    """Whether a record that the group has not read lies before its offset on the target."""
    unread = one.unread_records
    ahead = one.ahead if isinstance(one.ahead, Window) else Window(translated, target.end, (), True)
    all_again = Translation("safe", len(ahead.records), reaches_end(ahead, target))
    if not unread:
        return all_again
    if (place := find(unread, ahead.records, one.compacted)) is not None:
        skipped = _skipped(unread[: place[1]], ahead.records, unread, one)
        return Translation("unsafe", skipped=skipped) if skipped else Translation("safe", place[0])
    if not is_mirrored(unread[0], one.position):
        return all_again
    if not reaches_end(ahead, target):
        if one.located is None:
            reason = (
                f"its first unread record is not among the {len(ahead.records):,} target records from there"
            )
            return Translation("unknown", reason=reason)
        if one.located >= translated:
            return Translation("safe", len(ahead.records), exact=False)
    skipped = _skipped(unread, ahead.records, unread, one)
    if not skipped:  # compaction removed what it had not read, and keeps a newer record of each key
        return all_again
    whole = not isinstance(one.unread, Window) or (one.unread.at_end or one.unread.end > (one.position or 0))
    return Translation("unsafe", skipped=skipped, skipped_exact=whole)


def past_target_end(translated: int, target: Bounds) -> bool:
    """Whether a group's offset on the target is past the end of the log there (KAFKA-12635)."""
    return translated > target.end


def find(
    unread: Sequence[Record], ahead: Sequence[Record], compacted: bool = False
) -> tuple[int, int] | None:
    """Where the target goes on with what the group has not read: (index in `ahead`, index in `unread`).

    The first unread record that the target has counts; normally that is the very first. A match has to
    go on for some records: production data does hold equal records.
    """
    places: dict[int, list[int]] = {}
    for index, record in enumerate(ahead):
        places.setdefault(record.content, []).append(index)
    for wanted, record in enumerate(unread):
        for index in places.get(record.content, ()):
            if compacted:
                if record.same_as(ahead[index]):
                    return index, wanted
            elif all(
                mine.same_as(other)
                for mine, other in zip(
                    unread[wanted : wanted + RUN], ahead[index : index + RUN], strict=False
                )
            ):
                return index, wanted
    return None


def _before_start(one: GroupPartition) -> bool:
    """Whether MM2 cannot have anything to translate the group's offset by: it stands before the first record
    that is mirrored, or right at it while none is."""
    if one.start is None:
        return False
    return one.committed <= one.start or (one.committed == one.start + 1 and one.position == one.start)


def is_mirrored(record: Record, position: int | None) -> bool:
    """Whether MM2's committed position includes a record of the source."""
    return position is not None and record.offset <= position


def reaches_end(ahead: Window, target: Bounds) -> bool:
    """Whether the records that were read go up to the target's end."""
    return ahead.at_end or ahead.end >= target.end


def _skipped(
    records: Sequence[Record], ahead: Sequence[Record], unread: Sequence[Record], one: GroupPartition
) -> int:
    """How many mirrored, unread records the group would never see. On a compacted topic a record that a
    later one of the same key supersedes, or a tombstone, may be gone for good reason."""
    gone = [record for record in records if is_mirrored(record, one.position)]
    if one.compacted:
        kept = {record.key for record in ahead}
        last = {record.key: record.offset for record in unread}
        gone = [
            record
            for record in gone
            if not record.tombstone and record.key not in kept and last[record.key] == record.offset
        ]
    return len(gone)
