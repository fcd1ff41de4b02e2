"""A mirror on the lab for as long as it is measured, and the topic that it copies."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from lightkube import ApiError, Client
from lightkube.generic_resource import create_namespaced_resource
from lightkube.resources.core_v1 import ConfigMap, Secret
from lightkube.types import PatchType

from lab.layout import PROJECT, Lab
from lab.region.clients import admin_client_config, kubernetes
from manifests.declaration import Declaration
from mirror.estate.reading import read_estate
from settings.model import Settings
from tests.bench.mirrors.variants import PARTITIONS, RECORD_BYTES, Variant, settings

_KINDS: dict[str, Any] = {
    "KafkaUser": create_namespaced_resource("kafka.strimzi.io", "v1", "KafkaUser", "kafkausers"),
    "KafkaMirrorMaker2": create_namespaced_resource(
        "kafka.strimzi.io", "v1", "KafkaMirrorMaker2", "kafkamirrormaker2s"
    ),
    "Secret": Secret,
    "ConfigMap": ConfigMap,
}


@dataclass(frozen=True)
class Deployed:
    """A mirror that copies `topic` to `copy`."""

    lab: Lab
    settings: Settings
    topic: str
    copy: str


@contextlib.contextmanager
def deployed(lab: Lab, variant: Variant, records: int) -> Iterator[Deployed]:
    """Write a topic of its own on the source, then deploy the mirror; afterwards nothing of both is left."""
    name = f"drill-bench-{uuid.uuid4().hex[:4]}"
    topic = f"{name}-records"
    given = settings(lab, variant, name, topic)
    try:
        fill(lab, topic, records)
        with applied(lab, given):
            yield Deployed(lab, given, topic, f"{given.source.alias}.{topic}")
    finally:
        for region in ("east", "west"):
            admin = AdminClient(admin_client_config(lab, region))
            names = [one for one in admin.list_topics(timeout=10).topics if given.source.alias in one]
            for future in (admin.delete_topics(names) if names else {}).values():
                with contextlib.suppress(Exception):
                    future.result()


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


def until(what: str, done: Callable[[], object], seconds: float) -> None:
    """Poll; TimeoutError when it takes longer."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {seconds:g} s")
        time.sleep(0.1)


@contextlib.contextmanager
def applied(lab: Lab, given: Settings) -> Iterator[None]:
    """Apply what the stack would declare; afterwards nothing of it is left on the target's Kubernetes."""
    declared = Declaration.of(given, read_estate(given, PROJECT))
    client = kubernetes(lab, "west")
    made: list[tuple[Any, str]] = []
    try:
        for manifest in declared.manifests:
            name = manifest["metadata"]["name"]
            if manifest["kind"] == "KafkaMirrorMaker2":
                until(f"the Secret of {given.mirror.name}", lambda: there(client, given.mirror.name), 180)
            kind = _KINDS[manifest["kind"]]
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
