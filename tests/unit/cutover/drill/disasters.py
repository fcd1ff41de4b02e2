"""Recordings of drills of the disaster for tests: a failover that cuts, and the way home."""

from __future__ import annotations

from typing import Any

from mirror.cutover.drill.disaster import phases
from tests.unit.cutover.drill.recordings import done, read, record


def phase(name: str, at: float) -> dict[str, Any]:
    return {"event": "phase", "at": at, "name": name}


def document(name: str, **content: Any) -> dict[str, Any]:
    return {"event": "document", "at": 1, "name": name, "content": content}


def stored(number: int, side: str = "target") -> dict[str, Any]:
    return record("stored", 55, number, side)


def until_promoted() -> list[dict[str, Any]]:
    """Record 1 is the backlog; 2, 3 and 4 are written before the source dies at second 14, and 4 never
    crosses; 2 is read twice, which the failover announces. 5 is written on the target.
    """
    return [
        document("whole", whole=False),
        {"event": "stream", "stream": "orders"},
        {"event": "group", "group": "readers", "streams": ["orders"]},
        phase(phases.AT_SOURCE, 8),
        record("backlog", 9, 1, group="readers"),
        read(10, 1),
        record("accepted", 10, 2),
        read(10.5, 2),
        {"event": "committed", "at": 10.6, "group": "readers", "side": "source", "reads": 2},
        record("accepted", 12, 3),
        record("accepted", 13, 4),
        phase(phases.KILL, 13.5),
        {"event": "mark", "at": 14, "name": "killed"},
        phase(phases.FAILOVER, 15),
        {"event": "mark", "at": 16, "name": "agreed"},
        done("promote", 20, 2.0),
        document(phases.FAILOVER, missing_at_most_estimate=2, groups={"readers": {"rereads_at_most": 1}}),
        phase(phases.AT_TARGET, 20),
        read(21, 2, "target"),
        read(21.1, 3, "target"),
        record("accepted", 22, 5, "target"),
        read(22.1, 5, "target"),
        {"event": "plain", "client": "consumer", "seconds": 3.0},
        {"event": "plain", "client": "consumer", "seconds": 9.0},
        {"event": "plain", "client": "consumer", "seconds": 2.0},
        {"event": "plain", "client": "producer", "seconds": 0.5},
        phase(phases.COUNT, 54),
        *map(stored, (2, 3, 5)),
    ]


def home() -> list[dict[str, Any]]:
    """The same, recovered; record 6 is written at home."""
    early = [one for one in until_promoted() if one not in (phase(phases.COUNT, 54), *map(stored, (2, 3, 5)))]
    early[0] = document("whole", whole=True)
    return [
        *early,
        phase(phases.SOURCE_BACK, 30),
        {"event": "mark", "at": 32, "name": "restored"},
        phase(phases.RECOVER, 33),
        document(phases.RECOVER, missing=1, conflicts=1, groups=[]),
        document(phases.RECOVER, missing=1, conflicts=1, left=0, groups=[{"group": "readers", "twice": 1}]),
        phase(phases.REVERSE, 35),
        phase(phases.WAY_BACK, 36),
        phase(phases.HOME, 40),
        done("promote", 48, 2.0),
        record("accepted", 49, 6),
        read(49.5, 6),
        phase(phases.COUNT, 54),
        *map(stored, (2, 3, 5)),
        record("recovered", 55, 4, "target"),
        *(stored(number, "source") for number in (2, 3, 4, 5, 6)),
    ]
