"""What a mirror does, looked at from outside: records, partitions, configurations, groups."""

from __future__ import annotations

from dataclasses import dataclass

from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    ResourceType,
)

from tests.lab.rights.bench import Bench
from tests.lab.rights.mirrors import Mirror
from tests.lab.rights.worker import Worker
from tests.lab.support import kafka
from tests.lab.support.wait import until

PATIENCE = 600.0
"""Seconds that anything may take on a machine with other work; usually it is five."""


@dataclass(frozen=True)
class Flow:
    """One topic that one group reads, under the same name on both sides."""

    bench: Bench
    topic: str
    group: str

    def produce(self, count: int = 10) -> None:
        """Append records to partition 0 of the source."""
        kafka.produce(self.bench.source, self.topic, [f"v{number}" for number in range(count)])

    def commit(self, offset: int) -> None:
        """What the group has read on the source."""
        kafka.commit(self.bench.source, self.group, self.topic, offset)

    def exists(self) -> bool:
        """Whether the topic is on the target."""
        return self.topic in kafka.topics(self.bench.target)

    def records(self) -> int:
        """Committed records of partition 0 on the target."""
        return len(kafka.read(self.bench.target, self.topic)) if self.exists() else 0

    def translated(self) -> int:
        """The group's offset on the target; negative when it has none."""
        return kafka.committed(self.bench.target, self.group, self.topic) if self.exists() else -1

    def partitions(self) -> int:
        """Partitions on the target."""
        admin = kafka.administrator(self.bench.target)
        return len(admin.list_topics(timeout=30).topics[self.topic].partitions)

    def grow(self) -> None:
        """A second partition on the source."""
        admin = kafka.administrator(self.bench.source)
        admin.create_partitions([NewPartitions(self.topic, 2)])[self.topic].result(30)

    def configure(self, region: str, name: str, value: str) -> None:
        """Set one configuration of the topic."""
        entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, self.topic, incremental_configs=[entry])
        admin = kafka.administrator(self.bench.regions.kafka(region))
        admin.incremental_alter_configs([resource])[resource].result(30)

    def configured(self, name: str) -> str | None:
        """One configuration on the target."""
        resource = ConfigResource(ResourceType.TOPIC, self.topic)
        admin = kafka.administrator(self.bench.target)
        found = admin.describe_configs([resource])[resource].result(30)
        value: str | None = found[name].value
        return value

    def mirrored(self, count: int, *, exactly: bool = True) -> None:
        """Wait for so many records on the target, and for none besides."""
        until(f"{count} records of {self.topic}", lambda: self.records() >= count, seconds=PATIENCE, every=1)
        if exactly:
            assert self.records() == count, f"{self.topic} holds records twice"

    def translated_past(self, offset: int) -> int:
        """Wait until the group stands after `offset` on the target; where it stands."""
        until(
            f"an offset of {self.group} past {offset}",
            lambda: self.translated() > offset,
            seconds=PATIENCE,
            every=1,
        )
        return self.translated()


def running(worker: Worker, mirror: Mirror) -> bool:
    """Whether both connectors have tasks, all of them RUNNING."""
    for connector in mirror.connectors():
        states = [state for state, _ in worker.tasks(connector.name).values()]
        if not states or set(states) != {"RUNNING"}:
            return False
    return True


def failed(worker: Worker, connector: str, error: str) -> bool:
    """Whether a task of the connector FAILED with this error."""
    return any(state == "FAILED" and error in trace for state, trace in worker.tasks(connector).values())


def heard(worker: Worker, pattern: str, *, seconds: float = PATIENCE) -> None:
    """Wait until the worker's log holds a match."""
    until(f"the worker to say {pattern}", lambda: worker.said(pattern), seconds=seconds)
