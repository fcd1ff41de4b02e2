"""Judges the recording of a canary. Pure.

Every record of the run has a number. The target has to have each accepted record once and in order, once the
source was proven to be fenced and again at the end. The group has to continue exactly at the first record
that it has not read: on the target after the move, at the source after the rollback.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mirror.cutover.canary.canary import FIRST_UNREAD
from mirror.cutover.canary.results import CanaryReport, Place, problems_of
from mirror.cutover.drill.disaster.phases import phases
from mirror.cutover.drill.judge import steps
from mirror.cutover.drill.recording import Document, Line, Phase, Seen, StepEvent
from mirror.cutover.drill.results import StepTime

CANARY = "canary"
"""The document with which the recording begins: names, aliases, the run, and who was accepted as unfenced."""
COMMAND, CONTINUES, LATE, FAILED, TOUCHED = "command", "continues", "late", "failed", "touched"
"""Documents: the exit code of a command; the first record that the group is given on the target; what was not
so in time; what failed; which ACLs differ from those before.
"""
CLEAN, WRITE, MIRROR, THERE, ON_TARGET, BACK, GOES_ON, COUNT = (
    "roll-back-first",
    "write",
    "mirror",
    "there",
    "on-target",
    "back",
    "goes-on",
    "count",
)
"""The phases, in order; the first one only after a run that was killed."""


def is_canary(lines: Iterable[Line]) -> bool:
    """Whether this is the recording of a canary."""
    return any(isinstance(one, Document) and one.name == CANARY for one in lines)


def judge_canary(lines: Iterable[Line]) -> CanaryReport:
    """Make the report. The recording is one of a canary (`is_canary`)."""
    recorded = list(lines)
    plan = next(one.content for one in recorded if isinstance(one, Document) and one.name == CANARY)
    seen = _by_phase(recorded)
    events = [one for one in recorded if isinstance(one, StepEvent)]
    took = _phases(recorded)
    places = [*_on_target(seen), *_at_source(seen), *_counted(seen)]
    fence, of_fence = _fence(seen.get(ON_TARGET, []), plan)
    untouched, of_acls = _touched(recorded)
    return CanaryReport(
        str(plan["topic"]),
        str(plan["group"]),
        str(plan["copy"]),
        str(plan["run"]),
        places,
        took,
        steps(events),
        _seconds(took, THERE),
        _seconds(took, BACK),
        fence,
        untouched,
        events[-1].text if events else "nothing was moved",
        (
            *_told(recorded, LATE),
            *_commands(recorded, events),
            *_refused(seen, str(plan["source"])),
            *(problem for place in places for problem in problems_of(place)),
            *_order(seen),
            *of_fence,
            *of_acls,
            *_told(recorded, FAILED),
            *_unfinished(seen),
        ),
    )


def _by_phase(lines: Sequence[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    current: list[Line] = []
    for one in lines:
        if isinstance(one, Phase):
            current = found.setdefault(one.name, [])
        else:
            current.append(one)
    return found


def _phases(lines: Sequence[Line]) -> list[StepTime]:
    ends = [one.at for one in lines if isinstance(one, Seen | Document | StepEvent)]
    return phases(lines, max(ends, default=0.0))


def _seconds(took: Sequence[StepTime], name: str) -> float | None:
    return next((one.seconds for one in took if one.step == name), None)


def _seen(lines: Iterable[Line], kind: str) -> list[str]:
    return [one.record for one in lines if isinstance(one, Seen) and one.kind == kind]


def _accepted(seen: Mapping[str, list[Line]], *names: str) -> list[str]:
    return [record for name in names for record in _seen(seen.get(name, ()), "accepted")]


def _compared(where: str, wanted: Sequence[str], there: Sequence[str]) -> Place:
    counts = Counter(there)
    return Place(
        where,
        len(counts),
        sum(one not in counts for one in wanted),
        sum(count - 1 for count in counts.values()),
    )


def _on_target(seen: Mapping[str, list[Line]]) -> list[Place]:
    """Judge the target before the rollback: the records, and where the group continues."""
    there = seen.get(ON_TARGET)
    found = next((one for one in there or () if isinstance(one, Document) and one.name == CONTINUES), None)
    if there is None or found is None:
        return []
    place = _compared("on the target", _accepted(seen, WRITE, MIRROR), _seen(there, "stored"))
    behind = int(found.content["behind"])
    skipped, again = max(0, behind - FIRST_UNREAD + 1), max(0, FIRST_UNREAD - 1 - behind)
    return [Place(place.where, place.records, place.lost, place.doubled, skipped, again)]


def _at_source(seen: Mapping[str, list[Line]]) -> list[Place]:
    """Judge what the group read at the source after the rollback."""
    if GOES_ON not in seen or not (read := _seen(seen[GOES_ON], "read")):
        return []
    every = _accepted(seen, WRITE, MIRROR, ON_TARGET, GOES_ON)
    wanted = every[FIRST_UNREAD - 1 :]
    again = sum(one not in wanted for one in read)
    place = _compared("at the source", wanted, [one for one in read if one in wanted])
    return [Place(place.where, place.records, 0, 0, place.lost, place.doubled + again)]


def _counted(seen: Mapping[str, list[Line]]) -> list[Place]:
    if COUNT not in seen or not (stored := _seen(seen[COUNT], "stored")):
        return []
    return [_compared("on the target, at the end", _every(seen), stored)]


def _every(seen: Mapping[str, list[Line]]) -> list[str]:
    return _accepted(seen, WRITE, MIRROR, ON_TARGET, GOES_ON)


def _order(seen: Mapping[str, list[Line]]) -> list[str]:
    found = []
    for name, kind, told in (
        (ON_TARGET, "stored", "on the target"),
        (GOES_ON, "read", "at the source"),
        (COUNT, "stored", "on the target, at the end"),
    ):
        numbers = [int(one) for one in _seen(seen.get(name, ()), kind) if one.isdecimal()]
        if numbers != sorted(numbers):
            found.append(f"{told}: the records are not in their order")
    return found


def _fence(lines: Sequence[Line], plan: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Judge the record that the canary's own writer wrote behind the fence."""
    last = [one for one in lines if isinstance(one, Seen) and one.kind in ("accepted", "refused", "unknown")][
        -1:
    ]
    if not last:
        return "none", []
    if last[0].kind == "unknown":
        return "none", [f"behind the fence: the source gave no answer about a record ({last[0].error})"]
    if plan["fence"] == "manual":
        return "none", []
    if last[0].kind == "accepted" and not plan["unfenced"]:
        return "accepted", [
            f"{plan['source']} accepted a record behind the fence, although nobody was accepted as unfenced"
        ]
    return last[0].kind, []


def _refused(seen: Mapping[str, list[Line]], source: str) -> list[str]:
    """Return the records that the source did not take where nothing was fenced."""
    found = []
    for name, when in ((WRITE, "before the move"), (MIRROR, "before the move"), (GOES_ON, "after it")):
        lost = [
            one for one in seen.get(name, ()) if isinstance(one, Seen) and one.kind in ("refused", "unknown")
        ]
        if lost:
            found.append(f"{source} did not take record {lost[0].record} {when}: {lost[0].error}")
    return found


def _commands(lines: Sequence[Line], events: Sequence[StepEvent]) -> list[str]:
    stopped = [one.text for one in events if one.kind in ("stopped", "undo-failed")]
    told = f": {'; '.join(dict.fromkeys(stopped))}" if stopped else ""
    codes = [one.content for one in lines if isinstance(one, Document) and one.name == COMMAND]
    return [f"`{one['name']}` ended with exit code {one['code']}{told}" for one in codes if one["code"]]


def _told(lines: Sequence[Line], name: str) -> list[str]:
    return [str(one.content["text"]) for one in lines if isinstance(one, Document) and one.name == name]


def _touched(lines: Sequence[Line]) -> tuple[bool | None, list[str]]:
    found = next((one for one in lines if isinstance(one, Document) and one.name == TOUCHED), None)
    if found is None:
        return None, []
    differences = [str(one) for one in found.content["differences"]]
    return not differences, [
        f"not as before, if nobody else has changed it meanwhile: {one}" for one in differences
    ]


def _unfinished(seen: Mapping[str, list[Line]]) -> list[str]:
    """Name the first phase that was not reached; a report without it proves nothing."""
    missing = next(
        (one for one in (WRITE, MIRROR, THERE, ON_TARGET, BACK, GOES_ON, COUNT) if one not in seen), ""
    )
    return [f"phase {missing} was not reached"] if missing else []
