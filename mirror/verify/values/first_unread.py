"""Where the target goes on with what a group has not read of a partition, by the records' content. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirror.clients.records import Record

# Equal records do occur: that many records after a match have to be equal too.
RUN = 8


def find(
    unread: Sequence[Record],
    ahead: Sequence[Record],
    compacted: bool = False,
    copied_to: int | None = None,
    *,
    cut: bool = False,
) -> tuple[int, int] | None:
    """Where the target goes on with what the group has not read: (index in `ahead`, index in `unread`).

    The first unread record that the target has counts; normally that is the very first. A match has to
    go on for some records: production data does hold equal records, also next to each other. `copied_to`:
    `ahead` ends with the target's log, and the source's records up to this offset have copies before that
    end, so a match must hold all of them. None: the log goes on after `ahead`. `cut`: more records with
    copies follow those of `unread`, so a match of fewer than `RUN`, or of equal records only, is none yet.
    `compacted`: as `_surest`.
    """
    sought = {record.content for record in unread}
    places: dict[int, list[int]] = {}
    for index, record in enumerate(ahead):
        if record.content in sought:
            places.setdefault(record.content, []).append(index)
    if compacted:
        return _surest(unread, ahead, places)
    for wanted, record in enumerate(unread):
        for index in places.get(record.content, ()):
            if _goes_on(unread[wanted:], ahead[index:], copied_to, cut=cut):
                return index, wanted
    return None


def _surest(
    unread: Sequence[Record], ahead: Sequence[Record], places: Mapping[int, Sequence[int]]
) -> tuple[int, int] | None:
    """Where a compacted target goes on. The first unread record's copy may be gone, and a later equal record
    be there behind unread ones. So the target's first match counts, with its last equal; one with the
    timestamp, which MM2 keeps where there is one, is surer. `places`: indices in `ahead` by content.
    """
    same = [
        (index, wanted)
        for wanted, record in enumerate(unread)
        for index in places.get(record.content, ())
        if record.same_as(ahead[index])
    ]

    def unsure(match: tuple[int, int]) -> tuple[bool, int, int]:
        index, wanted = match
        stamp = unread[wanted].timestamp
        return stamp >= 0 and stamp != ahead[index].timestamp, index, -wanted

    return min(same, key=unsure, default=None)


def _goes_on(unread: Sequence[Record], ahead: Sequence[Record], copied_to: int | None, *, cut: bool) -> bool:
    """Whether both go on alike: for `RUN` records, and for as long as the records equal their neighbour,
    because a run of equal records fits at any of its places. Where `ahead` ends within that, the match needs
    more of the log, unless the rest has no copy yet.
    """
    for number, mine in enumerate(unread):
        if number >= RUN and not mine.same_as(unread[number - 1]):
            return True
        if number >= len(ahead):
            return copied_to is not None and mine.offset > copied_to
        if not mine.same_as(ahead[number]):
            return False
    return not cut or (len(unread) >= RUN and not all(one.same_as(unread[0]) for one in unread))
