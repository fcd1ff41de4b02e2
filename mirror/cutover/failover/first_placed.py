"""Where groups were on the target when every one of them had its place for the first time. Pure.

Behind `place-groups` consumers may start, and the promotion may be a later run, or one after a kill. Then the
target says how far consumers have read since, and not where they have begun: the journal does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirror.cutover.failover.placed import GroupPlacement
from mirror.cutover.promoted_ends.journal_entries import size
from mirror.cutover.step import JSON

OFFSETS, GROUPS = "offsets", "groups"
_GROUPS_KEPT = 1_000
"""In the journal, which is one ConfigMap. A report of the same run has all of them."""
_OFFSETS_BYTES = 150_000
"""Of the offsets at which groups resume, in the journal."""


def first_placed(kept: JSON, placed: Sequence[GroupPlacement]) -> JSON:
    """Return the journal's entry after one more look. `kept`: the entry so far, None where there is none."""
    return {
        OFFSETS: first_offsets(kept, placed),
        GROUPS: in_journal(first_reported(kept, placed, offsets=0)),
    }


def first_offsets(kept: JSON, placed: Sequence[GroupPlacement], limit: int = _OFFSETS_BYTES) -> JSON:
    """Return the offset at which each group resumes, by group, topic on the target and partition; None where
    that needs more than `limit` bytes of JSON. The lower one counts where a group was somewhere else before:
    consumers read on, and a group that somebody has set back since reads from there.
    """
    found = {
        group: {topic: dict(partitions) for topic, partitions in topics.items()}
        for group, topics in _offsets(kept).items()
    }
    for group in placed:
        for row in group.rows:
            offset = row.current if row.offset is None else row.offset
            if offset is not None:
                of_topic = found.setdefault(group.group, {}).setdefault(row.target.topic, {})
                number = str(row.target.partition)
                of_topic[number] = min(offset, of_topic.get(number, offset))
    return found if size(found) <= limit else None


def first_reported(
    kept: JSON, placed: Sequence[GroupPlacement], offsets: int | None = None
) -> dict[str, Mapping[str, JSON]]:
    """Return how each group was placed first, as JSON; one that was set back since, as it is now. `offsets`:
    of those to set, so many at most."""
    before = kept.get(GROUPS) if isinstance(kept, Mapping) else None
    found: dict[str, Mapping[str, JSON]] = dict(before) if isinstance(before, Mapping) else {}
    for one in placed:
        if one.group not in found or _set_back(kept, one):
            found[one.group] = one.to_json(offsets)
    return found


def in_journal(groups: Mapping[str, Mapping[str, JSON]]) -> dict[str, Mapping[str, JSON]]:
    """Return as many as the journal keeps, in their order."""
    return dict(list(groups.items())[:_GROUPS_KEPT])


def _set_back(kept: JSON, group: GroupPlacement) -> bool:
    """Whether one of its offsets is lower than it was."""
    before = _offsets(kept).get(group.group, {})
    return any(
        row.current is not None
        and row.current < before.get(row.target.topic, {}).get(str(row.target.partition), row.current)
        for row in group.rows
    )


def _offsets(kept: JSON) -> Mapping[str, Mapping[str, Mapping[str, int]]]:
    found = kept.get(OFFSETS) if isinstance(kept, Mapping) else None
    return found if isinstance(found, Mapping) else {}
