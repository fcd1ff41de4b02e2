"""The report of a canary: its JSON, and its tables for the terminal, the page and Markdown. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mirror.cutover.drill.presented import Presented, Table, times
from mirror.cutover.drill.results import StepTime
from mirror.text.durations import duration
from mirror.text.numbers import counted

_FENCE = {
    "refused": "the fence refused a record",
    "accepted": "the fence cannot stop the canary's own writer",
}


@dataclass(frozen=True, slots=True)
class Place:
    """What was found on one side at one moment: records of this run, and where the group continues."""

    where: str
    records: int
    lost: int
    doubled: int
    skipped: int | None = None
    """Records that the group would never be given; None where it was not read where the group continues."""
    again: int | None = None
    """Records that the group would be given a second time."""


@dataclass(frozen=True, slots=True)
class CanaryReport:
    """The result of one run."""

    topic: str
    group: str
    copy: str
    run: str
    places: Sequence[Place]
    phases: Sequence[StepTime]
    steps: Sequence[StepTime]
    there: float | None
    """Seconds of the cutover; None where there was none."""
    back: float | None
    """Seconds of the rollback."""
    fence: str
    """`refused`: the fence refused the canary's own writer. `accepted`: that login cannot be fenced. `none`:
    there is no fence, or nothing was written behind it."""
    untouched: bool | None
    """Whether the ACLs of the whole mirror were afterwards as before; None where that was not compared."""
    ended: str
    problems: Sequence[str] = ()

    @property
    def passed(self) -> bool:
        """Whether the canary moved there and back, lost nothing and doubled nothing."""
        return not self.problems

    @property
    def told(self) -> str:
        """The result in one line."""
        found = [
            (sum(one.lost for one in self.places), "lost"),
            (sum(one.doubled for one in self.places), "doubled"),
            (sum(one.skipped or 0 for one in self.places), "skipped by the group"),
            (sum(one.again or 0 for one in self.places), "read again"),
        ]
        first, *rest = (f"{count:,} {what}" for count, what in found)
        moves = f"there in {duration(self.there, 'no time')}, back in {duration(self.back, 'no time')}"
        records = f"records: {first}, {', '.join(rest)}"
        return "; ".join(
            [moves, records, *([_FENCE[self.fence]] if self.fence in _FENCE else []), *self._acls]
        )

    @property
    def _acls(self) -> list[str]:
        if self.untouched is None:
            return []
        return ["every ACL is as before" if self.untouched else "ACLs differ from before"]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "passed": self.passed,
            "problems": list(self.problems),
            "topic": self.topic,
            "group": self.group,
            "copy": self.copy,
            "run": self.run,
            "there_seconds": _rounded(self.there),
            "back_seconds": _rounded(self.back),
            "fence": self.fence,
            "untouched": self.untouched,
            "places": [
                {
                    "where": one.where,
                    "records": one.records,
                    "lost": one.lost,
                    "doubled": one.doubled,
                    "skipped": one.skipped,
                    "read_again": one.again,
                }
                for one in self.places
            ],
            "phases": [_time("phase", one) for one in self.phases],
            "steps": [_time("step", one) for one in self.steps],
            "ended": self.ended,
        }


def presented_canary(report: CanaryReport) -> Presented:
    """Present the report."""
    places = [
        (
            one.where,
            f"{one.records:,}",
            f"{one.lost:,}",
            f"{one.doubled:,}",
            _count(one.skipped),
            _count(one.again),
        )
        for one in report.places
    ]
    columns = ("where", "records", "lost", "doubled", "skipped", "read again")
    return Presented(
        report,
        [
            Table("Canary", columns, places),
            times("Steps", "step", report.steps),
            times("Phases", "phase", report.phases),
        ],
        report.phases,
        [report.topic],
        [report.group],
        None,
        max((one.end for one in report.phases), default=0.0),
        "refused by the fence",
        "Blue: the source. Red: refused by the fence.",
    )


def problems_of(place: Place) -> list[str]:
    """Return what is wrong at one place."""
    found = [
        (place.lost, "not there: {}"),
        (place.doubled, "more than once there: {}"),
        (place.skipped, "the group would never be given {}"),
        (place.again, "the group would be given {} a second time"),
    ]
    return [f"{place.where}: {text.format(counted(count, 'record'))}" for count, text in found if count]


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _time(name: str, one: StepTime) -> dict[str, Any]:
    return {name: one.step, "start": _rounded(one.start), "seconds": _rounded(one.seconds)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
