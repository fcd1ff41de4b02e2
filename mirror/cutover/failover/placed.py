"""What was decided of each group: where on the target it resumes, and what that costs. Values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from mirror.clients.records import TopicPartition

How = Literal["kept", "end", "sync", "checkpoint", "tail", "log-start", "below-start"]
KEPT: How = "kept"
GroupState = Literal["kept", "to-set", "active", "unknown", "unreadable"]


class Placement(NamedTuple):
    """One group on one partition. `offset`: to be set; None: the offset that is there stays. `rereads`:
    records that the group reads again, at most; `exact`: none. `passes_by`: offsets on the source, some of
    them of records, that the group had before it there and does not read on the target."""

    group: str
    source: TopicPartition
    target: TopicPartition
    current: int | None
    offset: int | None
    how: How
    rereads: int
    passes_by: int = 0

    @property
    def exact(self) -> bool:
        """Whether the group reads no record again, and passes by none."""
        return not self.rereads and not self.passes_by


@dataclass(frozen=True, slots=True)
class GroupPlacement:
    """One group. `reason`: why it cannot be placed, where it cannot, or not on each of its partitions."""

    group: str
    state: GroupState
    rows: Sequence[Placement] = ()
    reason: str = ""

    @property
    def changes(self) -> list[Placement]:
        """The offsets to set."""
        return [one for one in self.rows if one.offset is not None]

    @property
    def rereads(self) -> int:
        """Records that it reads again, at most."""
        return sum(one.rereads for one in self.rows)

    @property
    def passes_by(self) -> int:
        """Records that it had before it on the source and does not read on the target, at most."""
        return sum(one.passes_by for one in self.rows)

    def to_json(self, offsets: int | None = None) -> dict[str, Any]:
        """Return plain JSON values, with at most so many of the offsets to set."""
        counts: dict[str, int] = {}
        for one in self.rows:
            counts[one.how] = counts.get(one.how, 0) + 1
        found: dict[str, Any] = {
            "state": self.state,
            "partitions": len(self.rows),
            "placed_by": counts,
            "rereads_at_most": self.rereads,
        }
        if self.passes_by:
            found["passes_by_at_most"] = self.passes_by
        if self.changes:
            found["offsets"] = {str(one.target): one.offset for one in self.changes[:offsets]}
        if self.reason:
            found["reason"] = self.reason
        return found
