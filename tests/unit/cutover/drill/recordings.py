"""Recordings of drills for tests, line by line."""

from __future__ import annotations

import json
from typing import Any

from mirror.cutover.drill.recording import Line, parsed


def lines(*documents: dict[str, Any]) -> list[Line]:
    return parsed([json.dumps(one) for one in documents], "test")


def record(event: str, at: float, number: int, side: str = "source", **more: Any) -> dict[str, Any]:
    return {"event": event, "at": at, "side": side, "stream": "orders", "record": str(number), **more}


def read(at: float, number: int, side: str = "source") -> dict[str, Any]:
    return record("read", at, number, side, group="readers")


def done(step: str, second: int, seconds: float) -> dict[str, Any]:
    at = f"1970-01-01T00:00:{second:02}+00:00"
    return {"event": "done", "at": at, "step": step, "text": f"{step} is done", "seconds": seconds}


def moved() -> list[dict[str, Any]]:
    """A move without loss: record 1 is the backlog, 2 and 3 are written at the source, 4 is refused, 5 is
    written on the target.
    """
    return [
        {"event": "stream", "stream": "orders"},
        {"event": "group", "group": "readers", "streams": ["orders"]},
        record("backlog", 9, 1, group="readers"),
        record("accepted", 10, 2),
        read(10.5, 1),
        read(11, 2),
        done("fence", 12, 1.0),
        record("accepted", 11.9, 3),
        record("refused", 13, 4, error="TOPIC_AUTHORIZATION_FAILED"),
        {"event": "mark", "at": 13.5, "name": "left"},
        done("promote", 20, 2.0),
        read(21, 3, "target"),
        record("accepted", 22, 5, "target"),
        read(22.1, 5, "target"),
        *(record("stored", 30, number, "target") for number in (2, 3, 5)),
    ]
