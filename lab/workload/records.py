"""Records that look like production: orders, payments, customers and an audit trail. Pure and repeatable.

`record(topic, sequence, seed)` is the same record for the same arguments, on every machine and in every
run: keys, JSON values of about 1 KB, headers, and how long after the start of the history it happened. The
wall clock is no part of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

from lab.workload.bodies import MAKERS
from lab.workload.roster import HOUR_MS, SEED, TOPICS

Headers = tuple[tuple[str, bytes | None], ...]

HISTORY_MS = 6 * HOUR_MS
"""The time that the historical records are spread over."""

TRANSACTION_HEADER = "transaction"
_HISTORY = {topic.name: topic.history for topic in TOPICS}


@dataclass(frozen=True, slots=True)
class Record:
    """One record, ready to be produced. `elapsed_ms` is since the start of the history, and ascends."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    elapsed_ms: int


def record(topic: str, sequence: int, seed: int = SEED) -> Record:
    """Record number `sequence` (from 0) of `topic`. KeyError for a topic the workload does not write."""
    make, service = MAKERS[topic]
    if sequence < 0:
        raise ValueError(f"sequence {sequence} is negative: records are numbered from 0")
    random = Random(f"{seed}/{topic}/{sequence}")  # noqa: S311 - the same records for everybody
    key, body = make(sequence, random)
    return Record(
        topic=topic,
        key=None if key is None else key.encode(),
        value=None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
        headers=_headers(service, random),
        elapsed_ms=_elapsed_ms(topic, sequence, random),
    )


def _elapsed_ms(topic: str, sequence: int, random: Random) -> int:
    """Each record has a slot of equal width and lies somewhere in it: irregular, yet ascending."""
    count = _HISTORY[topic]
    start, end = (position * HISTORY_MS // count for position in (sequence, sequence + 1))
    return start + int(random.random() * (end - start))


def _headers(service: str, random: Random) -> Headers:
    headers: list[tuple[str, bytes | None]] = [
        ("content-type", b"application/json"),
        ("trace-id", f"{random.getrandbits(128):032x}".encode()),
        ("producer", service.encode()),
        ("schema-version", b"3"),
    ]
    # Kafka allows a header twice and a header without value; production has both, so a mirror must keep both.
    if random.random() < 0.05:
        headers += [("retry-of", f"{random.getrandbits(32):08x}".encode()) for _ in range(2)]
    if random.random() < 0.02:
        headers.append(("experiment", None))
    return tuple(headers)
