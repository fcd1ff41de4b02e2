"""The result of a drill of the disaster, as values and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mirror.cutover.drill.results import StepTime
from mirror.text.durations import duration


@dataclass(frozen=True, slots=True)
class StreamResult:
    """What became of a stream's records. `judged`: False for a compacted topic, where no record counts as
    missing or lost: Kafka deletes some at a time of its own.
    """

    stream: str
    before: int
    """Records that the source accepted before it was killed."""
    at_target: int
    """Records that the target accepted."""
    at_home: int
    """Records that the source accepted after production came home."""
    unknown: int
    missing: int
    """Records that the source accepted before it was killed, and that the mirror has not copied: the RPO."""
    recovered: int
    lost: int
    """Accepted records that are on no topic where they should be."""
    doubled: int
    cut: int
    """Transactions that the source has committed and the mirror has copied in part."""
    halves: int
    """Of these, transactions that are not whole in the end either."""
    visible_aborts: int
    """Records of aborted transactions that consumers can read."""
    judged: bool = True
    examples: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        found = {name: getattr(self, name) for name in self.__slots__ if name not in ("judged", "examples")}
        if not self.judged:
            found |= {"missing": None, "lost": None}
        return {**found, "examples": list(self.examples)}


@dataclass(frozen=True, slots=True)
class GroupResult:
    """What a group read. Records that never crossed and were quarantined are `set_aside`: the group is not
    given them, people decide.
    """

    group: str
    streams: tuple[str, ...]
    before: int
    """Reads at the source before it was killed."""
    at_target: int
    at_home: int
    lost: int
    set_aside: int
    twice: int
    """Reads of records that the group had read before."""
    named: int
    """Of these, at most so many were announced: by the failover's report or by `recover`, and reads that the
    group had not committed when the source was killed.
    """
    resumed: float | None
    """Seconds from the kill to its first read on the target."""
    examples: tuple[str, ...] = ()

    @property
    def unnamed(self) -> int:
        """Records read twice that nobody has announced."""
        return max(0, self.twice - self.named)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "group": self.group,
            "streams": list(self.streams),
            "before": self.before,
            "at_target": self.at_target,
            "at_home": self.at_home,
            "lost": self.lost,
            "set_aside": self.set_aside,
            "twice": self.twice,
            "named": self.named,
            "unnamed": self.unnamed,
            "resumed_seconds": rounded(self.resumed),
            "examples": list(self.examples),
        }


@dataclass(frozen=True, slots=True)
class Reached:
    """When something was reached: seconds since the kill, since the start of the command, since the decision,
    which is the person's answer to its question, and what a plain client takes on the same target in the same
    run (median). None: it was not reached, or not measured.
    """

    what: str
    from_kill: float | None
    from_start: float | None
    from_decision: float | None
    plain: float | None = None

    @property
    def ratio(self) -> float | None:
        """From the decision, in units of a plain client's time."""
        if self.from_decision is None or not self.plain:
            return None
        return self.from_decision / self.plain

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "from_kill_seconds": rounded(self.from_kill),
            "from_start_seconds": rounded(self.from_start),
            "from_decision_seconds": rounded(self.from_decision),
            "plain_client_seconds": rounded(self.plain),
            "ratio": rounded(self.ratio),
        }


@dataclass(frozen=True, slots=True)
class DisasterReport:
    """The result of the drill. `announced`: records that the failover's report called missing at most; None:
    it could not tell. `conflicts`: missing records whose key was written on the target meanwhile.
    """

    streams: Sequence[StreamResult]
    groups: Sequence[GroupResult]
    phases: Sequence[StepTime]
    steps: Sequence[StepTime]
    killed_at: float | None
    oldest_missing_at: float | None
    first_at_target: float | None
    announced: int | None
    conflicts: int | None
    reached: Sequence[Reached]
    whole: bool
    """Whether the drill was to go on until production was home."""
    ended: str
    problems: Sequence[str] = field(default_factory=tuple)

    def total(self, name: str) -> int:
        """Sum up one number of all streams."""
        return sum(int(getattr(one, name)) for one in self.streams)

    @property
    def rpo_records(self) -> int:
        """Accepted records that the mirror has not copied."""
        return self.total("missing")

    @property
    def rpo_seconds(self) -> float:
        """Seconds before the kill in which the oldest of these was accepted."""
        if self.killed_at is None or self.oldest_missing_at is None:
            return 0.0
        return max(0.0, self.killed_at - self.oldest_missing_at)

    @property
    def lost(self) -> int:
        """Accepted records that are nowhere, and records that a group was never given."""
        return self.total("lost") + sum(one.lost for one in self.groups)

    @property
    def doubled(self) -> int:
        """Records that are more than once on one side, and records that a group was given twice."""
        return self.total("doubled") + sum(one.twice for one in self.groups)

    @property
    def unnamed(self) -> int:
        """Of these, the ones that nobody has announced."""
        return self.total("doubled") + sum(one.unnamed for one in self.groups)

    @property
    def passed(self) -> bool:
        """Whether every record is accounted for."""
        return not self.problems

    @property
    def told(self) -> str:
        """The result in one line."""
        consumers, producers = (duration(one.from_kill, "none") for one in self.reached[:2])
        parts = [
            f"RPO {self.rpo_records:,} records ({duration(self.rpo_seconds)})",
            f"RTO {consumers} to the first read, {producers} to the first write",
            *self._recovery(),
            f"{self.doubled:,} doubled ({self.unnamed:,} not announced)",
            f"{self.lost:,} lost",
        ]
        return ", ".join(parts)

    def _recovery(self) -> list[str]:
        """What `recover` said; nothing where the drill ended before."""
        if self.conflicts is None:
            return []
        return [f"{self.total('recovered'):,} recovered", f"{self.conflicts:,} conflicts"]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "passed": self.passed,
            "problems": list(self.problems),
            "rpo": {
                "records": self.rpo_records,
                "seconds": rounded(self.rpo_seconds),
                "announced_at_most": self.announced,
            },
            "rto": {one.what: one.to_json() for one in self.reached},
            "recovered": self.total("recovered"),
            "conflicts": self.conflicts,
            "doubled": self.doubled,
            "doubled_not_announced": self.unnamed,
            "lost": self.lost,
            "transactions_cut": self.total("cut"),
            "transactions_in_halves": self.total("halves"),
            "streams": [one.to_json() for one in self.streams],
            "groups": [one.to_json() for one in self.groups],
            "phases": [_stretch(one, "phase") for one in self.phases],
            "steps": [_stretch(one, "step") for one in self.steps],
            "ended": self.ended,
        }


def rounded(value: float | None) -> float | None:
    """Return a number with three decimals."""
    return None if value is None else round(value, 3)


def _stretch(one: StepTime, name: str) -> dict[str, Any]:
    return {name: one.step, "start": rounded(one.start), "seconds": rounded(one.seconds)}
