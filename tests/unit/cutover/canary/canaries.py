"""Recordings of canaries for tests, line by line; `there_and_back` is one that passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mirror.cutover.canary.canary import BEFORE, MORE, READ
from tests.unit.cutover.drill.recordings import done, lines

Documents = list[dict[str, Any]]
PROBE = BEFORE + MORE + 1
"""The number of the record that is written behind the fence."""
LAST = PROBE + 5

__all__ = ["LAST", "PROBE", "changed", "document", "lines", "phase", "seen", "there_and_back"]


def phase(name: str, at: float) -> dict[str, Any]:
    return {"event": "phase", "at": at, "name": name}


def document(name: str, /, **content: Any) -> dict[str, Any]:
    return {"event": "document", "at": 90, "name": name, "content": content}


def seen(event: str, numbers: Iterable[object], **more: Any) -> Documents:
    side = "target" if event == "stored" else "source"
    one = {"event": event, "at": 5, "side": side, "stream": "e-canary", **more}
    return [{**one, "record": str(number)} for number in numbers]


def there_and_back(probe: str = "refused", **plan: Any) -> Documents:
    """It is moved from second 10 to 20, and rolled back from second 22 to 30. `probe`: what the source says
    of the record behind the fence.
    """
    every = [one for one in range(1, LAST + 1) if one != PROBE or probe == "accepted"]
    told = {
        "topic": "e-canary",
        "group": "e-canary",
        "copy": "east.e-canary",
        "run": "r1",
        "source": "east",
        "target": "west",
        "fence": "strimzi",
        "unfenced": False,
    }
    return [
        document("canary", **{**told, **plan}),
        phase("write", 1),
        *seen("accepted", range(1, BEFORE + 1)),
        *seen("read", range(1, READ + 1), group="e-canary"),
        phase("mirror", 5),
        *seen("accepted", range(BEFORE + 1, PROBE)),
        phase("there", 10),
        done("fence", 12, 1.5),
        done("prove", 20, 2.0),
        document("command", name="cutover", code=0),
        phase("on-target", 20),
        *seen("stored", range(1, PROBE)),
        document("continues", offset=7, behind=READ),
        *seen(probe, [PROBE], error="Broker: Topic authorization failed"),
        phase("back", 22),
        done("", 29, 1.0),
        document("command", name="cutover rollback", code=0),
        document("touched", differences=[]),
        phase("goes-on", 30),
        *seen("accepted", range(PROBE + 1, LAST + 1)),
        *seen("read", every[READ:], group="e-canary"),
        phase("count", 40),
        *seen("stored", every),
    ]


def changed(recording: Documents, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Documents:
    """Replace or leave out lines."""
    return [one for line in recording if (one := change(line)) is not None]
