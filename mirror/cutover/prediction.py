"""Predicts, from the looks of a dry run, how long nobody can write, and what each group would read again.

It is a prediction: each part says what it was computed from. Not counted is what the cutover does not do:
clients that start on the target, and consumers that have not left the source yet. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mirror.cutover.step import Verdict
from mirror.text.durations import duration
from mirror.text.names import few
from mirror.text.numbers import counted

APPLY_SECONDS = 1.5
"""Until Strimzi's User Operator has applied the fence, as measured (docs/drills.md)."""
STOP_SECONDS = 5.0
"""Until Strimzi has stopped a connector and says so, as measured."""


@dataclass(frozen=True, slots=True)
class Part:
    """The predicted seconds of one step, and what they were computed from."""

    step: str
    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class GroupPart:
    """The records that a group would read again; None: no exact offset was found for it."""

    group: str
    rereads: int | None
    exact: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Prediction:
    """The prediction, and what it does not count."""

    parts: Sequence[Part]
    groups: Sequence[GroupPart]
    not_counted: Sequence[str]

    @property
    def seconds(self) -> float:
        """From the fence to the promotion."""
        return sum(one.seconds for one in self.parts)

    @property
    def told(self) -> str:
        """The prediction as one sentence."""
        again = [one for one in self.groups if one.rereads or not one.exact]
        exact = len(self.groups) - len(again)
        groups = f"{counted(exact, 'group')} would read nothing again"
        if again:
            groups += "; " + few([f"{one.group}: {_again(one)}" for one in again], between="; ")
        return f"about {duration(self.seconds)} from the fence to the promotion; {groups}"

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "seconds": round(self.seconds, 1),
            "steps": [
                {"step": one.step, "seconds": round(one.seconds, 1), "computed_from": one.why}
                for one in self.parts
            ],
            "groups": [
                {"group": one.group, "rereads": one.rereads, "exact": one.exact, "reason": one.why}
                for one in self.groups
            ],
            "not_counted": list(self.not_counted),
        }


def predict(verdicts: Mapping[str, Verdict], looks: Mapping[str, float], rate: float | None) -> Prediction:
    """Predict a cutover from the verdicts of a dry run. `looks`: how long each look took, in seconds; `rate`:
    records a second that MM2 mirrors, None where that was not seen.
    """
    groups = _groups(verdicts.get("move-groups"))
    parts = [
        Part("fence", look(looks, "fence") + APPLY_SECONDS, "a look, and the User Operator's usual time"),
        _prove_fence(verdicts.get("prove-fence"), looks),
        _drain(verdicts.get("drain"), looks, rate),
        Part("stop-sync", STOP_SECONDS, "Strimzi's usual time to stop a connector"),
        Part(
            "move-groups",
            2 * look(looks, "move-groups"),
            f"2 looks at {counted(len(groups), 'group')}, {duration(look(looks, 'move-groups'))} each",
        ),
        Part(
            "prove",
            look(looks, "preflight") + look(looks, "move-groups"),
            "one verification, and one look at the groups",
        ),
        Part("promote", STOP_SECONDS, "Strimzi's usual time to stop a connector"),
    ]
    return Prediction(parts, groups, _not_counted(verdicts))


def look(looks: Mapping[str, float], step: str) -> float:
    """Return how long a look took; 0 where there was none."""
    return looks.get(step, 0.0)


def _prove_fence(verdict: Verdict | None, looks: Mapping[str, float]) -> Part:
    watched = float((verdict.evidence if verdict else {}).get("watch-seconds") or 0.0)
    why = f"{watched:.0f} s without a record, and a look"
    return Part("prove-fence", watched + look(looks, "prove-fence"), why)


def _drain(verdict: Verdict | None, looks: Mapping[str, float], rate: float | None) -> Part:
    records = (verdict.remaining or 0) if verdict else 0
    took = look(looks, "drain")
    waiting = f"{counted(records, 'record')} waiting"
    if not records or not rate:
        return Part("drain", took, f"{waiting}{' at an unknown rate' if records else ''}; a look")
    return Part("drain", records / rate + took, f"{waiting} at {rate:,.0f} a second; a look")


def _groups(verdict: Verdict | None) -> list[GroupPart]:
    found = (verdict.evidence if verdict else {}).get("groups") or {}
    return [
        GroupPart(
            name,
            None if one["state"] in ("unprovable", "unreadable") else int(one["rereads"]),
            bool(one["rereads_exact"]) and one["state"] not in ("unprovable", "unreadable"),
            str(one.get("reason", "")),
        )
        for name, one in sorted(found.items())
    ]


def _not_counted(verdicts: Mapping[str, Verdict]) -> list[str]:
    found = ["clients that start on the target"]
    moving = (verdicts["move-groups"].evidence.get("groups") or {}) if "move-groups" in verdicts else {}
    if active := [name for name, one in sorted(moving.items()) if one["state"] == "active"]:
        found.append(f"consumers that have to leave the source first: {few(active)}")
    fence = verdicts.get("prove-fence")
    if fence and (open_ones := fence.evidence.get("open-transactions")):
        found.append(f"transactions that are open now: {few(sorted(open_ones))}")
    return found


def _again(one: GroupPart) -> str:
    if one.rereads is None:
        return f"not known ({one.why})"
    return f"{'' if one.exact else 'more than '}{counted(one.rereads, 'record')}"


def rate_between(before: Verdict, after: Verdict, seconds: float) -> float | None:
    """Return the records a second by which MM2's positions moved between two looks at the drain; None where
    they did not.
    """
    here, there = (one.evidence.get("positions") or {} for one in (before, after))
    moved = sum(
        there[name] - position
        for name, position in here.items()
        if position is not None and there.get(name) is not None
    )
    return moved / seconds if moved > 0 and seconds > 0 else None
