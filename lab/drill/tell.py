"""The lines that the load prints: what became of each record."""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
import uuid
from typing import Any

from confluent_kafka import Message

DRILL = "drill"
"""The header with the identity of a record that a drill has written: no other drill has it."""
RUN = uuid.uuid4().hex[:8]
"""Makes the records of this drill different from those of any other."""
SILENT = logging.Logger("librdkafka", logging.CRITICAL + 1)
"""librdkafka's own log repeats what the callbacks tell."""
TRACE = "trace-id"
"""The header that makes the workload's other records different from each other."""

_RECOVERED = "region-mirror.recovered."
"""How the headers begin that `recover` adds."""


class Tell:
    """Prints one JSON document a line, from all threads. Keeps which records producers have handed over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.written: set[tuple[str, str]] = set()
        self.counts: dict[tuple[str, str, str], int] = {}

    def line(self, **values: Any) -> None:
        """Print a line."""
        text = json.dumps(values)
        with self._lock:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    def mark(self, name: str) -> None:
        """Print a moment with a name."""
        self.line(event="mark", at=round(time.time(), 4), name=name)

    def record(self, event: str, side: str, stream: str, record: str, **more: str) -> None:
        """Print what became of a record."""
        with self._lock:
            if event in ("accepted", "refused", "unknown", "aborted"):
                self.written.add((stream, record))
            key = (event, side, more.get("group", stream))
            self.counts[key] = self.counts.get(key, 0) + 1
        self.line(event=event, at=round(time.time(), 4), side=side, stream=stream, record=record, **more)

    def seen(self, event: str, side: str, name: str) -> int:
        """How often an event was told of a stream, or of a group."""
        with self._lock:
            return self.counts.get((event, side, name), 0)


def was_recovered(message: Message) -> bool:
    """Whether `recover` has written this record."""
    headers = message.headers() or []
    return any(name.startswith(_RECOVERED) for name in dict(headers))


def number_of(message: Message) -> str:
    """The identity of a record, the same on both clusters."""
    headers = message.headers() or []
    found = dict(headers) if isinstance(headers, list) else headers
    value = found.get(DRILL, found.get(TRACE))
    if value is not None:
        return value if isinstance(value, str) else value.decode()
    return f"{message.partition()}/{message.offset()}"
