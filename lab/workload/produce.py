"""Production's producers: orders, payments in transactions, and customers, at a steady rate until SIGTERM.

Three KafkaUsers in one process. Brokers may come and go: what is due waits, and nothing is lost or written
twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from lab.workload.connection import Cluster
from lab.workload.roster import TOPICS
from lab.workload.running import Brokers, Progress, Stopping, say
from lab.workload.streams import CALL_SECONDS, PlainStream, Stream, TransactionalStream
from lab.workload.topics import TopicAdmin

RATE = 60.0
"""Records a second in total."""

SHARES = {"orders": 0.6, "payments": 0.25, "customers": 0.15}
TICK_SECONDS = 1.0
TICK_RECORDS = 20.0
"""Each tick is a poll, and so a transaction, of every task of a mirror, which costs a small machine much: a
slow production writes so many records a tick, and fewer ticks.
"""


def streams(cluster: Cluster, brokers: Brokers) -> list[Stream]:
    """The running producers, each numbering on from what its topic holds. Raises CouldNotRun."""
    ends = TopicAdmin(cluster).end_offsets()
    made: list[Stream] = []
    for topic in TOPICS:
        if topic.name in SHARES:
            # A record takes one offset at least, so a number beyond all end offsets has never been used.
            first = max(sum(ends.get(topic.name, {}).values()), topic.history)
            kind = TransactionalStream if topic.read_committed else PlainStream
            made.append(kind(cluster, topic, first, brokers))
    return made


def produce(cluster: Cluster, rate: float = RATE, stopping: Stopping | None = None) -> None:
    """Produce `rate` records a second until told to stop. Raises CouldNotRun when it cannot start."""
    stopping = stopping or Stopping().listen()
    brokers, progress = Brokers(), Progress()
    writers = streams(cluster, brokers)
    say(f"producing {rate:g} records/s to {', '.join(SHARES)} in region {cluster.region}")
    due = {writer.topic.name: 0.0 for writer in writers}
    last = time.monotonic()
    while not stopping.wait(max(TICK_SECONDS, TICK_RECORDS / rate)):
        now = time.monotonic()
        for writer in writers:
            name = writer.topic.name
            # At most two ticks' worth: brokers that were away are not flooded when they are back.
            most = SHARES[name] * 2 * max(rate, TICK_RECORDS)
            due[name] = min(due[name] + SHARES[name] * rate * (now - last), most)
            due[name] -= writer.write(int(due[name]))
        last = now
        brokers.check()
        if progress.due():
            say(_summary(writers))
    # Abort first: the others' flush could take all the time there is.
    for writer in sorted(writers, key=lambda writer: not isinstance(writer, TransactionalStream)):
        writer.stop(CALL_SECONDS)
    say("stopped; " + _summary(writers))


def _summary(writers: Iterable[Stream]) -> str:
    return "produced " + ", ".join(f"{writer.topic.name} {writer.counts}" for writer in writers)
