"""Where a group that has read copies with a prefix continues in the original topic. Pure.

MM2 mirrors no copy back to the cluster that its prefix names (`isCycle`), so it translates no offset of it.
The copy ends in the last record that MM2 mirrored, and the unread records before that are the same on both
sides:

    original (orders)        ... r r r r | u u u | never crossed
    copy     (east.orders)   ...   r r r | u u u | written since
                                           ^ the group's offset on the copy; home is the same record
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mirror.audit.blocks import NO_PRODUCER_TIME, RecordBlock
from mirror.audit.columns import digests
from mirror.clients.records import TopicPartition
from mirror.offsets.proposal import BY_CONTENT, NONE, Proposal


@dataclass(frozen=True, slots=True)
class Home:
    """What was found for one offset of a copy. `offset` None: it is not proven; the reason says why."""

    offset: int | None
    reason: str = ""
    again: int = 0
    """Records that are read again, at most: `recover` wrote them to the copy, and the original has them."""
    exact: bool = True


def first_unread(unread: RecordBlock, original: RecordBlock, end: int) -> int | None:
    """Return the original's offset of the first unread record; None where it is not found.

    `unread`: the copy from the group's offset to its last mirrored record. `original`: the records before
    `end`, the offset behind the last mirrored one.
    """
    count = len(unread)
    if not count:
        return end
    stamped = not any(((one.flags & NO_PRODUCER_TIME) != 0).any() for one in (unread, original))
    wanted, there = digests(unread, stamped), digests(original, stamped)
    if count <= len(there) and bool((there[-count:] == wanted).all()):
        return int(original.offsets[-count])
    # Compaction has removed other records on each side, or MM2's position is late: one equal record will do.
    # Of several without a time of their own it may be a later one, as compaction keeps the last.
    same = np.flatnonzero(there == wanted[0])
    alone = len(same) == 1 and (stamped or np.count_nonzero(wanted == wanted[0]) == 1)
    return int(original.offsets[same[0]]) if alone else None


def proposed(
    group: str,
    copy: TopicPartition,
    committed: int,
    original: TopicPartition,
    home: Home,
    current: int | None,
) -> Proposal:
    """Return the offset to set. A group that has read on in the original before keeps that: what it has
    committed there it has processed.
    """
    if home.offset is None:
        return Proposal(group, copy, committed, original, None, NONE, None, False, current, home.reason)
    if current is not None and current >= home.offset:
        return Proposal(group, copy, committed, original, current, BY_CONTENT, 0, True, current)
    again = home.again if home.exact else None
    return Proposal(
        group, copy, committed, original, home.offset, BY_CONTENT, again, home.exact, current, home.reason
    )
