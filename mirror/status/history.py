"""Series of a watch for the charts and for the start of a state, small enough for a watch of days."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

from mirror.status.picture import MirrorVerdict, Picture, VerdictWord

MOST_POINTS = 720
MOST_TOPICS = 12
MOST_EVENTS = 50


class Point(NamedTuple):
    """One look; None for unknown values of a failed look."""

    at: float
    records: int | None
    seconds: float | None
    produced: float | None
    mirrored: float | None
    topics: dict[str, int]


class Event(NamedTuple):
    """A change of the verdict at a moment (seconds since the epoch)."""

    at: float
    word: VerdictWord
    says: str


class History:
    """Points and events of a watch; of too many points, every second one of the older half is dropped."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.events: deque[Event] = deque(maxlen=MOST_EVENTS)

    def add(self, picture: Picture) -> None:
        """Add a look."""
        total, at = picture.total, picture.snapshot.at
        topics = sorted((row for row in picture.topics if row.records), key=lambda row: -row.records)
        self.points.append(
            Point(at, None, None, None, None, {})
            if total is None
            else Point(
                at,
                total.records,
                total.seconds,
                total.produced,
                total.mirrored,
                {row.topic: row.records for row in topics[:MOST_TOPICS]},
            )
        )
        if len(self.points) > MOST_POINTS:
            half = MOST_POINTS // 2
            self.points = self.points[:half:2] + self.points[half:]
        if not self.events or self.events[-1].word != picture.verdict.word:
            self.events.append(Event(at, picture.verdict.word, picture.verdict.says))

    def since(self, verdict: MirrorVerdict) -> float | None:
        """Return the start of the verdict's state: by records' timestamps, else as observed by the watch."""
        if verdict.since is not None:
            return verdict.since
        return self.events[-1].at if len(self.events) > 1 and self.events[-1].word == verdict.word else None

    @property
    def began(self) -> float | None:
        """Moment of the first look, in seconds since the epoch."""
        return self.points[0].at if self.points else None

    def to_json(self) -> dict[str, Any]:
        """Return the series for the page's charts."""
        total: dict[str, int] = {}
        for point in self.points:
            for topic, records in point.topics.items():
                total[topic] = total.get(topic, 0) + records
        shown = sorted(total, key=lambda topic: (-total[topic], topic))[:MOST_TOPICS]
        return {
            "at": [round(point.at, 1) for point in self.points],
            "records": [point.records for point in self.points],
            "seconds": [_rounded(point.seconds) for point in self.points],
            "produced": [_rounded(point.produced) for point in self.points],
            "mirrored": [_rounded(point.mirrored) for point in self.points],
            "topics": {
                topic: [
                    None if point.records is None else point.topics.get(topic, 0) for point in self.points
                ]
                for topic in shown
            },
            "events": [event._asdict() for event in self.events],
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
