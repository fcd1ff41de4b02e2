"""The offsets of one partition that are compared, and the point from which a comparison resumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from mirror.audit.residue import NOTHING, ResidueSizes
from mirror.clients.records import TopicPartition


@dataclass(frozen=True, slots=True)
class Extent:
    """One partition's part of a consistent cut. All numbers are offsets; stops are exclusive.

    Every source record up to `must` has to be on the target. Every target record before `target_stop` has to
    come from the source. If the target already has records after `must`, the source is read beyond `must` to
    find them, at most to `source_stop`, which was asked for last.

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
    """The last source offset that the mirror skips on purpose (`mirror.start_from`); -1 for none."""
    copy_before: int = -1
    """The last target offset that the copy had before MM2 wrote to it; -1 for none. Earlier records are not
    compared."""
    sampled: bool = False
    """The extent is a stretch of a sample: target records before and after its copy are not judged."""
    beside: int = 0
    """Source offsets of the partition outside of the sample; the partition's first stretch has them all."""

    @property
    def source_head_gone(self) -> bool:
        """Whether retention may have removed source records whose copies are on the target."""
        return self.source_start > self.left_out + 1

    @property
    def target_head_gone(self) -> bool:
        """Whether retention may have removed target records whose originals are on the source."""
        return self.target_start > self.copy_before + 1 and not self.sampled

    @property
    def weight(self) -> int:
        """Approximate number of records to read: all offsets, including those without a record."""
        return max(0, self.must + 1 - self.source_start) + max(0, self.target_stop - self.target_start)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; `from_json` reads it."""
        return asdict(self) | {"source": list(self.source), "target": list(self.target)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Extent:
        """Read the JSON form. Raises KeyError, TypeError or ValueError for any other content."""
        sides = {side: TopicPartition(*plain[side]) for side in ("source", "target")}
        return cls(**{**plain, **sides})


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """The point from which a comparison resumes, together with the residue's files up to `sizes`."""

    source_next: int
    target_next: int
    source_before: int = -1
    """Offset of the last tied record on the source; `target_before` on the target."""
    target_before: int = -1
    tied: int = 0
    source_records: int = 0
    target_records: int = 0
    stamped: bool = True
    """Whether timestamps are compared: no record so far has a timestamp set by its broker."""
    lost: int = 0
    """Source records in the open gap; `extra`: target records in it."""
    extra: int = 0
    lost_head: int = 0
    extra_head: int = 0
    sizes: ResidueSizes = NOTHING

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form; `from_json` reads it."""
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        return plain | {"sizes": list(self.sizes)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> ResumePoint:
        """Read the JSON form. Raises KeyError, TypeError or ValueError for any other content."""
        return cls(**{**plain, "sizes": ResidueSizes(*plain["sizes"])})
