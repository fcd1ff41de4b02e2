"""What is compared of one partition, and how far a comparison has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from mirror.audit.residue import NOTHING, Sizes
from mirror.clients.records import TopicPartition


@dataclass(frozen=True, slots=True)
class Extent:
    """One partition's part of a consistent cut. Offsets; stops are exclusive.

    Everything on the source up to `must` has to be on the target. What the target holds up to `target_stop`
    has to come from the source; so the source is read on behind `must` where the target is further, at most
    up to `source_stop`, which was asked for last.

        source   start .............. must ....... stop
        target   start ................... stop
    """

    source: TopicPartition
    target: TopicPartition
    source_start: int
    source_stop: int
    target_start: int
    target_stop: int
    must: int
    """MM2's committed position: the offset of the last record that it has mirrored; -1 for none."""
    left_out: int = -1
    """The last source offset that the mirror leaves out on purpose (`mirror.start_from`)."""
    sampled: bool = False
    """A stretch of the source: what the target holds before and after its copy is not judged."""

    @property
    def source_head_gone(self) -> bool:
        """Retention has removed records of the source that may be on the target."""
        return self.source_start > self.left_out + 1

    @property
    def target_head_gone(self) -> bool:
        """Retention has removed records of the target that may be on the source."""
        return self.target_start > 0 and not self.sampled

    @property
    def weight(self) -> int:
        """About how many records are to be read: offsets, markers and holes included."""
        return max(0, self.must + 1 - self.source_start) + max(0, self.target_stop - self.target_start)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"source": list(self.source), "target": list(self.target)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Extent:
        sides = {side: TopicPartition(*plain[side]) for side in ("source", "target")}
        return cls(**{**plain, **sides})


@dataclass(frozen=True, slots=True)
class Place:
    """How far a comparison has come: with the residue's files up to `sizes`, all that it takes to go on."""

    source_next: int
    target_next: int
    source_before: int = -1
    """The last tied record; likewise on the target."""
    target_before: int = -1
    tied: int = 0
    source_records: int = 0
    target_records: int = 0
    stamped: bool = True
    """Timestamps are compared: neither side has a record that its broker stamped."""
    lost: int = 0
    """Records in the gap that is open, of the source; likewise `extra` of the target."""
    extra: int = 0
    lost_head: int = 0
    extra_head: int = 0
    sizes: Sizes = NOTHING

    def to_json(self) -> dict[str, Any]:
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        return plain | {"sizes": list(self.sizes)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Place:
        return cls(**{**plain, "sizes": Sizes(*plain["sizes"])})
