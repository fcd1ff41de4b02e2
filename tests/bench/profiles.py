"""`python -m tests.bench profiles`: what the profiles cost and bring, on the lab that runs.

A topic of records of 1 KB is copied by a mirror of each profile, one after the other: records a second of
the copy, once a tenth is on the target and all tasks run. Then single records: milliseconds from `produce`
on the source to a read_committed consumer on the target. Both regions, Connect and this program share one
machine: the numbers are good for comparing profiles, and for nothing else.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import time
import uuid
from collections.abc import Iterator
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from lightkube import ApiError, Client
from lightkube.generic_resource import create_namespaced_resource
from lightkube.resources.core_v1 import ConfigMap, Secret
from lightkube.types import PatchType
from rich.console import Console
from rich.table import Table

from lab.layout import PROJECT, Lab
from lab.region.clients import admin_client_config, kubernetes
from manifests.declaration import Declaration
from mirror.estate.reading import read_estate
from settings.load import load
from settings.model import Profile, Settings
from tests.bench.lab_mirror import lab_sections

PROFILES: tuple[Profile, ...] = ("balanced", "throughput", "low-latency")
RECORDS, PARTITIONS, RECORD_BYTES = 200_000, 8, 1024
SINGLE = 100  # records whose latency is measured
KINDS: dict[str, Any] = {
    "KafkaUser": create_namespaced_resource("kafka.strimzi.io", "v1", "KafkaUser", "kafkausers"),
    "KafkaMirrorMaker2": create_namespaced_resource(
        "kafka.strimzi.io", "v1", "KafkaMirrorMaker2", "kafkamirrormaker2s"
    ),
    "Secret": Secret,
    "ConfigMap": ConfigMap,
}
Resource = tuple[Any, str]


def settings(lab: Lab, profile: Profile, name: str, topic: str) -> Settings:
    """A mirror of one topic between the lab's regions."""
    sections = lab_sections(lab)
    sections["source"]["alias"] = name.removeprefix("drill-")
    sections["mirror"] = {
        "name": name,
        "topics": [topic],
        "groups": [f"{name}-none"],
        "replication_policy": "default",
        "profile": profile,
        "expected_partitions": PARTITIONS,
        "expected_record_bytes": RECORD_BYTES,
    }
    # The lab's workers do without the JVM's second compiler, production's do not.
    sections["workers"] = {"replicas": 1, "jvm_options": {"-XX": {"TieredStopAtLevel": 4}}}
    sections["users"] = {}
    return load(sections)


def fill(lab: Lab, topic: str, records: int) -> None:
    """Write the records on the source: half of each random, so that nothing compresses to nothing."""
    admin = AdminClient(admin_client_config(lab, "east"))
    admin.create_topics([NewTopic(topic, num_partitions=PARTITIONS, replication_factor=1)])[topic].result()
    producer = Producer({**admin_client_config(lab, "east"), "linger.ms": 20, "batch.size": 262_144})
    payloads = [os.urandom(RECORD_BYTES // 2) + b"x" * (RECORD_BYTES // 2) for _ in range(64)]
    for number in range(records):
        while True:
            try:
                producer.produce(topic, payloads[number % 64], partition=number % PARTITIONS)
                break
            except BufferError:
                producer.poll(0.1)
    assert producer.flush(120) == 0


@contextlib.contextmanager
def deployed(lab: Lab, given: Settings) -> Iterator[None]:
    """Apply what the stack would declare; afterwards nothing of it is left on the target's Kubernetes."""
    declared = Declaration.of(given, read_estate(given, PROJECT))
    client = kubernetes(lab, "west")
    made: list[Resource] = []
    try:
        for manifest in declared.manifests:
            name = manifest["metadata"]["name"]
            if manifest["kind"] == "KafkaMirrorMaker2":
                until(f"the Secret of {given.mirror.name}", lambda: there(client, given.mirror.name), 180)
            kind = KINDS[manifest["kind"]]
            client.patch(kind, name, manifest, patch_type=PatchType.APPLY, field_manager="bench", force=True)
            made.append((kind, name))
        yield
    finally:
        for kind, name in reversed(made):
            with contextlib.suppress(ApiError):
                client.delete(kind, name)


def there(client: Client, secret: str) -> bool:
    """Whether the User Operator has made a user's Secret."""
    try:
        return bool(client.get(Secret, secret).data)
    except ApiError:
        return False


def until(what: str, done: Any, seconds: float) -> None:
    """Poll; TimeoutError when it takes longer."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {seconds:g} s")
        time.sleep(0.1)


class Copy:
    """A consumer of the copy on the target: read_committed, from the beginning."""

    def __init__(self, lab: Lab, topic: str) -> None:
        self.topic = topic
        self.consumer = Consumer(
            {
                **admin_client_config(lab, "west"),
                "group.id": f"bench-{topic}",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "fetch.queue.backoff.ms": 10,
                "fetch.wait.max.ms": 10,
            }
        )

    def wait_for_topic(self) -> None:
        def exists() -> bool:
            found = self.consumer.list_topics(timeout=10).topics.get(self.topic)
            return found is not None and len(found.partitions) == PARTITIONS

        until(f"topic {self.topic}", exists, 180)
        self.consumer.assign([TopicPartition(self.topic, number, 0) for number in range(PARTITIONS)])

    def rate(self, records: int) -> float:
        """Read all records as they come; records a second after the first tenth."""
        count, begun, first = 0, 0, 0.0
        deadline = time.monotonic() + 300
        while count < records:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{count:,} of {records:,} records came within 300 s")
            messages = [one for one in self.consumer.consume(5000, timeout=0.05) if one.error() is None]
            count += len(messages)
            if not begun and count >= records // 10:
                begun, first = count, time.monotonic()
        return (count - begun) / (time.monotonic() - first)

    def latencies(self, lab: Lab, source_topic: str, single: int) -> list[float]:
        """Milliseconds that so many single records need, one after the other."""
        producer = Producer({**admin_client_config(lab, "east"), "linger.ms": 0})
        taken = []
        for number in range(single):
            started = time.monotonic()
            producer.produce(source_topic, b"%d" % number, partition=number % PARTITIONS)
            producer.flush(10)
            while True:
                if time.monotonic() - started > 60:
                    raise TimeoutError("a single record did not come within 60 s")
                if any(one.error() is None for one in self.consumer.consume(1, timeout=0.05)):
                    break
            taken.append((time.monotonic() - started) * 1000)
        return taken


def measure(lab: Lab, profile: Profile, records: int, single: int) -> tuple[float, list[float]]:
    """Copy a topic of its own with a mirror of the profile."""
    name = f"drill-bench-{uuid.uuid4().hex[:4]}"
    topic = f"{name}-records"
    fill(lab, topic, records)
    given = settings(lab, profile, name, topic)
    try:
        with deployed(lab, given):
            copy = Copy(lab, f"{given.source.alias}.{topic}")
            copy.wait_for_topic()
            rate = copy.rate(records)
            latencies = copy.latencies(lab, topic, single)
            copy.consumer.close()
            return rate, latencies
    finally:
        for region in ("east", "west"):
            admin = AdminClient(admin_client_config(lab, region))
            names = [one for one in admin.list_topics(timeout=10).topics if given.source.alias in one]
            for future in (admin.delete_topics(names) if names else {}).values():
                with contextlib.suppress(Exception):
                    future.result()


def main(lab: Lab, short: bool = False) -> None:
    """Measure each profile and print one table."""
    profiles, records, single = (PROFILES[:1], 2_000, 3) if short else (PROFILES, RECORDS, SINGLE)
    title = f"{records:,} records of {RECORD_BYTES:,} bytes, {PARTITIONS} partitions, exactly-once"
    table = Table(title=title, title_justify="left")
    for column in ("profile", "records/s", "single record: median ms", "95 % ms", "load"):
        table.add_column(column, justify="left" if column == "profile" else "right")
    for profile in profiles:
        rate, latencies = measure(lab, profile, records, single)
        table.add_row(
            profile,
            f"{rate:,.0f}",
            f"{statistics.median(latencies):.0f}",
            f"{statistics.quantiles(latencies, n=20)[-1]:.0f}",
            f"{os.getloadavg()[0]:.0f}",
        )
    Console().print(table)
