"""A mirror's two clusters, as mock clusters, for `recover`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as Place

from manifests.metadata import PHASE, PROMOTED_AT
from mirror.clients.kubernetes import Kubernetes
from mirror.clients.sides import Sides
from mirror.cutover.recovery.choices import RecoveryOptions
from mirror.cutover.recovery.recover import recover
from mirror.cutover.recovery.report import RecoveryReport
from mirror.cutover.recovery.run import Recovery
from mirror.cutover.step import Options, World
from mirror.mm2.positions import START_MARK
from mirror.verify.reading.look import Session
from settings.names import Names
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi
from tests.unit.support.mock_kafka import MockCluster

SETTINGS = settings()
NAMES = Names.of(SETTINGS)
Row = tuple[bytes | None, bytes | None]
ROWS: list[Row] = [(b"k%d" % (number % 50), b"%d" % number) for number in range(300)]


def position(partition: int, offset: int) -> Row:
    where = {"cluster": "east", "partition": partition, "topic": "orders"}
    return json.dumps([NAMES.source_connector, where]).encode(), json.dumps({"offset": offset}).encode()


def start(partition: int, offset: int) -> Row:
    where = {"cluster": "east", "partition": partition, "topic": "orders"}
    name = START_MARK + NAMES.source_connector
    return json.dumps([name, where]).encode(), json.dumps({"offset": offset}).encode()


@dataclass
class Scene:
    source: MockCluster = field(default_factory=MockCluster)
    target: MockCluster = field(default_factory=MockCluster)
    api: MemoryApi = field(default_factory=MemoryApi)
    promoted_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    def run(self, **options: Any) -> RecoveryReport:
        with ExitStack() as stack:
            return recover(self.world(stack), RecoveryOptions(groups=False, **options))

    def recovery(self, stack: ExitStack) -> Recovery:
        return Recovery(self.world(stack), RecoveryOptions(), stack, lambda _: None)

    def world(self, stack: ExitStack) -> World:
        sides = stack.enter_context(Sides(self.source.access, self.target.access))
        FakeWorld.scene = self
        return FakeWorld(SETTINGS, Path(), Session(SETTINGS, Path(), stack, sides), options=Options())

    def promoted(self, ends: dict[str, list[int]], key: str = "target-ends") -> None:
        """What the step `promote` has recorded, of the mirror or of a part."""
        content = {"version": 1, "kept": {"promote": {key: ends}}, "events": []}
        path = f"/api/v1/namespaces/kafka/configmaps/{NAMES.cutover}"
        self.api.objects[path] = {
            "metadata": {"name": NAMES.cutover},
            "data": {"journal.json": json.dumps(content)},
        }


class FakeWorld(World):
    __slots__ = ()
    scene: Scene

    @property
    def target_kubernetes(self) -> Kubernetes:
        return cast(Kubernetes, self.scene.api)

    def resource(self) -> Any:
        return {"metadata": {"annotations": {PHASE: "promoted", PROMOTED_AT: self.scene.promoted_at}}}

    def mirror_user(self) -> Any:
        return self.scene.target.access


@contextmanager
def consumer(cluster: MockCluster) -> Iterator[Consumer]:
    made = Consumer({"bootstrap.servers": cluster.access.bootstrap_servers, "group.id": "test"})
    try:
        yield made
    finally:
        made.close()


def read(cluster: MockCluster, topic: str, start: int, count: int) -> Sequence[Any]:
    with consumer(cluster) as made:
        made.assign([Place(topic, 0, start)])
        found: list[Any] = []
        while messages := made.consume(
            1000 if len(found) >= count else count - len(found), 2.0 if len(found) < count else 0.3
        ):
            found += messages
        return found
