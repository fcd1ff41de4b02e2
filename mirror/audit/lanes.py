"""The partitions that the threads of an audit compare right now, and the progress that follows from them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from mirror.audit.cut import Cut
from mirror.audit.extent import Extent, ResumePoint
from mirror.audit.state import AuditState


@dataclass(frozen=True, slots=True)
class AuditProgress:
    """The progress of an audit."""

    partitions: int
    done: int
    records: int
    """Records read on both sides since this process began."""
    seconds: float
    share: float
    """Share of all offsets, 0 to 1."""
    seconds_left: float | None
    differing: int
    """Records that differ in finished partitions, and records without a tie in the others."""

    @property
    def rate(self) -> float:
        """Records per second."""
        return self.records / self.seconds if self.seconds > 0 else 0.0

    def to_json(self) -> dict[str, object]:
        """Return the fields of a progress line."""
        return {
            "partitions": self.partitions,
            "done": self.done,
            "records": self.records,
            "records_per_second": round(self.rate),
            "share": round(self.share, 4),
            "seconds": round(self.seconds, 1),
            "seconds_left": None if self.seconds_left is None else round(self.seconds_left),
            "differing": self.differing,
        }


@dataclass(slots=True)
class Lane:
    """The state of one partition that its thread shares with the others."""

    extent: Extent
    begun: int = 0  # records that an earlier process had read
    place: ResumePoint | None = None


class Lanes:
    """One lane for each extent that is being compared, by its number in the cut. Thread-safe."""

    def __init__(self, cut: Cut, state: AuditState) -> None:
        self._cut, self._state = cut, state
        self._lanes: dict[int, Lane] = {}
        self._records = 0
        """Records that this process has read of finished extents, on both sides."""
        self._lock = threading.Lock()

    def begin(self, number: int, extent: Extent, place: ResumePoint | None) -> Lane:
        """Return the lane of an extent, from where an earlier attempt has come to."""
        lane = Lane(extent, 0 if place is None else place.source_records + place.target_records, place)
        with self._lock:
            self._lanes[number] = lane
        return lane

    def end(self, number: int) -> None:
        """Count the records of an extent that is finished."""
        with self._lock:
            lane = self._lanes.pop(number, None)
            if lane is not None and lane.place is not None:
                self._records += lane.place.source_records + lane.place.target_records - lane.begun

    def records_of(self, number: int) -> int:
        """Return how many records of a partition the attempts of this process have passed."""
        with self._lock:
            lane = self._lanes.get(number)
        place = None if lane is None else lane.place
        return 0 if place is None else place.source_records + place.target_records

    def weight_done(self) -> int:
        """Return the offsets on both sides that were compared."""
        done = sum(self._cut.extents[number].weight for number in self._state.done)
        with self._lock:
            lanes = list(self._lanes.values())
        for lane in lanes:
            if lane.place is not None:
                done += max(0, lane.place.source_next - lane.extent.source_start)
                done += max(0, lane.place.target_next - lane.extent.target_start)
        return done

    def progress(self, began: float, before: int) -> AuditProgress:
        """Return the progress. `began`, `before`: `time.monotonic` and `weight_done` when the run began."""
        with self._lock:
            lanes = list(self._lanes.values())
            records = self._records
        differing = sum(sum(one.counts.values()) for one in self._state.done.values())
        for lane in lanes:
            if lane.place is not None:
                records += lane.place.source_records + lane.place.target_records - lane.begun
                differing += lane.place.sizes.lost + lane.place.sizes.extra
        whole = sum(one.weight for one in self._cut.extents)
        done = self.weight_done()
        seconds = time.monotonic() - began
        rate = (done - before) / seconds if seconds > 0 else 0.0
        return AuditProgress(
            len(self._cut.extents),
            len(self._state.done),
            records,
            seconds,
            min(1.0, done / whole) if whole else 1.0,
            max(0, whole - done) / rate if rate > 0 and seconds >= 1 else None,
            differing,
        )
