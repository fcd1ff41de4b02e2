"""What a drill records, one JSON document a line: the load's events, and those of the commands. Pure.

The load is a program that a stack's owner names (`--load`); the lab has one. So its lines are judged as
input: one clear message for a line that cannot be read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_args

from mirror.problems import CouldNotRun, one_line

Side = Literal["source", "target"]
Kind = Literal[
    "accepted",  # a producer was told that the cluster has the record
    "refused",  # a producer was told that the cluster does not have it
    "unknown",  # a producer was told nothing: the cluster may have the record
    "backlog",  # a record that a group has not read yet when the drill begins
    "read",  # a consumer of a group was given the record
    "aborted",  # the record's producer has aborted its transaction: no consumer may be given it
    "stored",  # the record is in this side's log, read from the beginning at the end of the drill
    "recovered",  # the same, and `recover` has written it there, to the topic itself or to quarantine
]
_KINDS = frozenset(get_args(Kind))
_SIDES = frozenset(get_args(Side))


@dataclass(frozen=True, slots=True)
class Seen:
    """What the load saw of one record. `at`: seconds since the epoch. `group`: only of reads and backlog."""

    kind: Kind
    at: float
    side: Side
    stream: str
    record: str
    group: str = ""
    error: str = ""
    transaction: str = ""
    """The producer's transaction, where it uses any: its records are visible together or not at all."""


@dataclass(frozen=True, slots=True)
class StreamSeen:
    """A topic with a producer of the load. `compacted`: Kafka may delete records of it at any time."""

    stream: str
    compacted: bool = False


@dataclass(frozen=True, slots=True)
class GroupSeen:
    """A consumer group of the load, and the streams that it reads."""

    group: str
    streams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of the load with a name, such as `ready` or `left`."""

    at: float
    name: str


AGREED = "agreed"
"""The mark at which the person has agreed to what the command wants to do: the decision."""


@dataclass(frozen=True, slots=True)
class StepEvent:
    """An event of the cutover (`mirror.cutover.events`)."""

    at: float
    kind: str
    step: str
    text: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """A group has committed its offsets on a side behind so many of its reads there."""

    at: float
    group: str
    side: Side
    reads: int


@dataclass(frozen=True, slots=True)
class Plain:
    """How long a client without any failover takes on the target, from its creation to its first record."""

    client: Literal["consumer", "producer"]
    seconds: float


@dataclass(frozen=True, slots=True)
class Phase:
    """The drill of a failover begins a phase (`mirror.cutover.drill.disaster.phases`)."""

    at: float
    name: str


@dataclass(frozen=True, slots=True)
class Document:
    """What a command has reported, of its JSON document only what is judged. `name`: the command."""

    at: float
    name: str
    content: Mapping[str, Any]


Line: TypeAlias = Seen | StreamSeen | GroupSeen | Mark | StepEvent | Committed | Plain | Phase | Document


def parsed(lines: Iterable[str], where: str) -> list[Line]:
    """Read the lines of a recording. Raises CouldNotRun for the first one that is none."""
    return [
        read_line(line, f"{where}, line {number}") for number, line in enumerate(lines, 1) if line.strip()
    ]


def read_line(line: str, where: str) -> Line:
    """Read one line. Raises CouldNotRun."""
    try:
        found = json.loads(line)
        if not isinstance(found, dict):
            raise TypeError("it is no JSON object")
        return _line(found)
    except (ValueError, KeyError, TypeError) as error:
        reason = f"{one_line(line[:120])!r}: {type(error).__name__}: {one_line(error)}"
        raise CouldNotRun(f"reading {where}", reason, "see docs/drills.md for the lines of a load") from error


def _line(found: Mapping[str, Any]) -> Line:
    event = str(found["event"])
    if event in _KINDS:
        return Seen(
            event,  # type: ignore[arg-type]
            float(found["at"]),
            _side(found),
            str(found["stream"]),
            str(found["record"]),
            str(found.get("group", "")),
            str(found.get("error", "")),
            str(found.get("transaction", "")),
        )
    if event == "stream":
        return StreamSeen(str(found["stream"]), bool(found.get("compacted", False)))
    if event == "group":
        return GroupSeen(str(found["group"]), tuple(str(one) for one in found["streams"]))
    if event == "mark":
        return Mark(float(found["at"]), str(found["name"]))
    if event in _DISASTER:
        return _of_disaster(event, found)
    at = datetime.fromisoformat(str(found["at"])).timestamp()
    seconds = found.get("seconds")
    return StepEvent(
        at,
        event,
        str(found.get("step", "")),
        str(found["text"]),
        None if seconds is None else float(seconds),
    )


_DISASTER = ("committed", "plain", "phase", "document")


def _of_disaster(event: str, found: Mapping[str, Any]) -> Line:
    """Read a line that only the drill of the disaster has."""
    if event == "committed":
        return Committed(float(found["at"]), str(found["group"]), _side(found), int(found["reads"]))
    if event == "plain":
        client = str(found["client"])
        if client not in ("consumer", "producer"):
            raise ValueError(f"client {client!r} is neither consumer nor producer")
        return Plain(client, float(found["seconds"]))  # type: ignore[arg-type]
    if event == "phase":
        return Phase(float(found["at"]), str(found["name"]))
    return Document(float(found["at"]), str(found["name"]), dict(found["content"]))


def _side(found: Mapping[str, Any]) -> Side:
    side = str(found["side"])
    if side not in _SIDES:
        raise ValueError(f"side {side!r} is neither source nor target")
    return side  # type: ignore[return-value]
