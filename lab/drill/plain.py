"""What clients need without any failover: each connects anew, as in the hour of need, and is measured.

A consumer joins a group of its own and reads one record; a producer writes one. The time is from the creation
of the client to the record.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, Message, Producer

from lab.drill.production import Group, Stream
from lab.drill.tell import DRILL, RUN, SILENT, Tell

TIMES = 3
SECONDS = 60.0


def consumer(config: Mapping[str, Any], topic: str, group: str) -> float:
    """Join a group, read one record and leave; seconds until the record. Raises TimeoutError."""
    began = time.monotonic()
    client = Consumer({**config, "group.id": group, "enable.auto.commit": False, "logger": SILENT})
    try:
        client.subscribe([topic])
        while time.monotonic() - began < SECONDS:
            message = client.poll(0.1)
            if message is not None and message.error() is None:
                return time.monotonic() - began
    finally:
        client.close()
    raise TimeoutError(f"a plain consumer of {topic} read nothing within {SECONDS:.0f} s")


def producer(config: Mapping[str, Any], topic: str, name: str) -> float:
    """Write one record with this identity; seconds until it is accepted. Raises TimeoutError."""
    accepted: list[float] = []

    def delivered(error: KafkaError | None, _: Message) -> None:
        if error is None:
            accepted.append(time.monotonic() - began)

    began = time.monotonic()
    client = Producer({**config, "logger": SILENT})
    client.produce(topic, b"{}", b"plain", headers=[(DRILL, name.encode())], on_delivery=delivered)
    client.flush(SECONDS)
    if not accepted:
        raise TimeoutError(f"a plain producer to {topic} was not answered within {SECONDS:.0f} s")
    return accepted[0]


def measure(tell: Tell, group: Group, stream: Stream) -> None:
    """Measure both on the target, in turns, with the logins of the group and of the stream."""
    for turn in range(TIMES):
        seconds = consumer(group.readers["target"], group.topics["target"], f"{group.name}-plain-{turn}")
        tell.line(event="plain", client="consumer", seconds=round(seconds, 4))
        name = f"{RUN}-plain-{turn}"
        seconds = producer(stream.writers["target"], stream.topics["target"], name)
        tell.record("accepted", "target", stream.name, name)
        tell.line(event="plain", client="producer", seconds=round(seconds, 4))
