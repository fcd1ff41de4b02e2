"""Production's running consumers: the groups near the tip, each under its own KafkaUser, until SIGTERM."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from confluent_kafka import Consumer, KafkaError, KafkaException

from lab.workload.connection import Cluster
from lab.workload.groups import group_consumer
from lab.workload.roster import GROUPS, Group, Position
from lab.workload.running import Brokers, Progress, Stopping, say

COMMIT_MS = 1_000
POLL_SECONDS = 0.3


class Member:
    """One member of one group. librdkafka commits what was handed over, every second and when it closes."""

    def __init__(self, cluster: Cluster, group: Group, brokers: Brokers) -> None:
        self.group = group
        self.read = 0
        self._brokers = brokers
        self._last_error: KafkaError | None = None
        self._consumer: Consumer = group_consumer(
            cluster,
            group.name,
            group.user,
            group.isolation_level,
            {
                "enable.auto.commit": True,
                "auto.commit.interval.ms": COMMIT_MS,
                "enable.partition.eof": False,
                # Few, larger answers: the brokers hold a fetch back until there is something worth sending.
                "fetch.min.bytes": 32_768,
                "fetch.wait.max.ms": 500,
                "error_cb": brokers.error,
            },
        )
        self._consumer.subscribe([group.topic])

    def take(self) -> None:
        """Take what has arrived. An error is told once and waited out; librdkafka goes on by itself."""
        try:
            messages = self._consumer.consume(500, timeout=POLL_SECONDS)
        except KafkaException as error:
            self._tell(error.args[0])
            return
        for message in messages:
            failure = message.error()
            if failure is not None:
                self._tell(failure)
            else:
                self.read += 1
                self._brokers.answered()
                self._last_error = None

    def leave(self) -> None:
        """Commit and leave the group."""
        self._consumer.close()

    def _tell(self, error: KafkaError) -> None:
        if self._last_error is None or self._last_error.code() != error.code():
            say(f"{self.group.name}: {error.str()}")
        self._last_error = error
        if error.fatal():
            raise SystemExit(1)

    def __str__(self) -> str:
        return f"{self.group.name} {self.read}"


def consume(cluster: Cluster, stopping: Stopping | None = None) -> None:
    """Run the groups that keep running until told to stop. Raises CouldNotRun when a login cannot be read."""
    stopping = stopping or Stopping().listen()
    brokers, progress = Brokers(), Progress()
    members = [Member(cluster, group, brokers) for group in GROUPS if group.position is Position.TIP]
    say("consuming as " + ", ".join(member.group.name for member in members) + f" in {cluster.region}")
    while not stopping.is_set():
        for member in members:
            member.take()
        brokers.check()
        if progress.due():
            say(_summary(members))
    with ThreadPoolExecutor(len(members)) as pool:
        list(pool.map(Member.leave, members))
    say("stopped; " + _summary(members))


def _summary(members: Sequence[Member]) -> str:
    return "read " + ", ".join(str(member) for member in members)
