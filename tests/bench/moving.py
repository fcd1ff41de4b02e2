"""A mirror of 36 partitions and 4 groups that is moved again and again on the lab, under a producer's load.

Nobody writes to its target, so it can replicate again after each move: the fence is removed, the connectors
run again, and the marks of the promotion are removed. Both logs are the same before the next move begins.
"""

from __future__ import annotations

import base64
import contextlib
import random
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from confluent_kafka import Message

from lab.drill.consuming import read_all
from lab.drill.producing import Writer
from lab.drill.production import Side, Stream
from lab.drill.tell import Tell, number_of
from lab.layout import Lab
from lab.region.clients import kubernetes
from manifests import baseline as config_maps
from manifests.metadata import PHASE, PROMOTED_AT, STATES_BEFORE
from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, SOURCE_CONNECTOR
from mirror.cutover.connectors.change import change, ownership_patch, states_patch
from mirror.cutover.fence.strimzi import StrimziFence
from mirror.cutover.open import opened
from mirror.cutover.step import World
from mirror.problems import NotThere
from mirror.start import baseline
from mirror.start.baseline import encoded
from mirror.verify.run import verify
from settings.acls import Acl
from settings.load import load
from settings.model import Settings
from settings.names import Names
from tests.bench.lab_mirror import lab_sections
from tests.bench.profiles import deployed, there, until
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.stack import CHECKOUT
from tests.unit.support.memory_journal import MemoryJournal

PARTITIONS = {"orders": 24, "payments": 6, "customers": 4, "audit": 2}
"""36 partitions, as the lab's production has; each topic has one group."""
RATE = 60.0
PROVEN_SECONDS = 600.0
SECRET_SECONDS = 180.0
BEFORE = 2_000
"""Records in each topic before the first move."""


class Kept(Tell):
    """Keeps what the producers tell, instead of printing it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []

    def line(self, **values: Any) -> None:
        """Keep a line."""
        self.lines.append(values)

    def accepted(self) -> list[dict[str, Any]]:
        """The records that the source has accepted."""
        return [one for one in list(self.lines) if one["event"] == "accepted"]


@dataclass(frozen=True)
class Moving:
    """The deployed mirror, and everything around it."""

    lab: Lab
    settings: Settings
    file: Path
    streams: Sequence[Stream]
    tell: Kept

    @property
    def groups(self) -> dict[str, Stream]:
        """The consumer groups, and the stream that each reads."""
        return {f"{one.topics['source']}-readers": one for one in self.streams}

    def copy(self, stream: Stream) -> str:
        """The topic on the target."""
        return stream.topics["target"]

    def commit(self, chance: random.Random) -> None:
        """Let each group read on: to the end, or to a random record. A group never goes back."""
        east = Regions(self.lab).kafka("east")
        for group, stream in self.groups.items():
            topic = stream.topics["source"]
            for partition, records in self.logs("east", stream).items():
                before = kafka.committed(east, group, topic, partition=partition)
                unread = [offset for offset, _ in records if offset >= before]
                if not unread:
                    continue
                offset = chance.choice((unread[-1] + 1, chance.choice(unread)))
                kafka.commit(east, group, topic, offset, partition=partition)

    def logs(self, region: str, stream: Stream) -> dict[int, list[tuple[int, str]]]:
        """Offset and identity of every record, by partition."""
        topic = stream.topics["source"] if region == "east" else stream.topics["target"]
        found: dict[int, list[tuple[int, str]]] = {number: [] for number in range(PARTITIONS[stream.name])}
        config = {**Regions(self.lab).kafka(region), "isolation.level": "read_committed"}
        for message in read_all({**config, "fetch.queue.backoff.ms": 10}, topic):
            number, offset = message.partition(), message.offset()
            if number is None or offset is None:
                raise TypeError("librdkafka gave a message without a partition or an offset")
            found[number].append((offset, _name(message)))
        return found

    @contextlib.contextmanager
    def writing(self) -> Iterator[list[Writer]]:
        """Producers on the source; at the end each of their records has been told."""
        first = 10_000_000 + len(self.tell.lines)
        writers = [Writer(one, "source", first, self.tell) for one in self.streams]
        for writer in writers:
            writer.start()
        try:
            yield writers
        finally:
            for writer in writers:
                writer.end()

    def more(self, records: int = 20, seconds: float = 60.0) -> None:
        """Wait until the source has accepted further records."""
        enough, deadline = len(self.tell.accepted()) + records, time.monotonic() + seconds
        while len(self.tell.accepted()) < enough:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the source did not accept {records} records within {seconds:.0f} s")
            time.sleep(0.1)

    def compare(self) -> list[str]:
        """Return what is lost, doubled or out of order on the target, and which offsets are not exact."""
        problems = []
        accepted = {(one["stream"], one["record"]) for one in self.tell.accepted()}
        for group, stream in self.groups.items():
            here, there = self.logs("east", stream), self.logs("west", stream)
            on_source = {name for records in here.values() for _, name in records}
            lost = sum(name not in on_source for of, name in accepted if of == stream.name)
            if lost:
                problems.append(f"{stream.name}: {lost} accepted records are not on the source itself")
            for partition, records in here.items():
                problems += _difference(f"{stream.name}-{partition}", records, there[partition])
                problems += self._inexact(group, stream, partition, records, there[partition])
        return problems

    def _inexact(
        self,
        group: str,
        stream: Stream,
        partition: int,
        here: list[tuple[int, str]],
        there: list[tuple[int, str]],
    ) -> list[str]:
        regions = Regions(self.lab)
        at = kafka.committed(regions.kafka("east"), group, stream.topics["source"], partition=partition)
        moved = kafka.committed(regions.kafka("west"), group, stream.topics["target"], partition=partition)
        unread = [name for offset, name in here if offset >= at]
        left = [name for offset, name in there if offset >= max(moved, 0)]
        if unread == left:
            return []
        return [f"{group} {partition}: {len(unread)} records unread at the source, {len(left)} on the target"]

    @contextlib.contextmanager
    def world(self) -> Iterator[World]:
        """The connections of a cutover."""
        with opened(self.settings, self.file.parent) as world:
            yield world

    def put_back(self) -> None:
        """Let a promoted mirror replicate again, and wait until it is proven."""
        with self.world() as world:
            StrimziFence().undo(world, MemoryJournal())
            running = {SOURCE_CONNECTOR: "running", CHECKPOINT_CONNECTOR: "running"}
            unmarked = {PHASE: None, PROMOTED_AT: None, STATES_BEFORE: None}
            alias = self.settings.source.alias
            change(
                world.target_kubernetes,
                world.resource,
                [lambda now: states_patch(now, alias, running, unmarked), ownership_patch],
            )
            for path in ("api/v1/{}/configmaps", "apis/coordination.k8s.io/v1/{}/leases"):
                where = "/" + path.format(f"namespaces/{self.settings.target.namespace}")
                name = world.names.cutover
                with contextlib.suppress(NotThere):
                    world.target_kubernetes.request("DELETE", f"{where}/{name}", name, verb="delete")
        self.proven()

    def proven(self) -> None:
        """Wait until every check passes. AssertionError where one does not."""
        report = verify(self.settings, root=self.file.parent, deadline_seconds=PROVEN_SECONDS)
        failed = [one.name for one in report.checks if not one.passed]
        if failed:
            raise AssertionError(f"the mirror is not proven: {', '.join(failed)}")


def _remove_internal_topics(config: kafka.Config, name: str) -> None:
    mine = (f"__{name}-", f"mm2-offset-syncs.{name}", f"{name}.checkpoints")
    for topic in kafka.topics(config):
        if topic.startswith(mine):
            kafka.delete_topic(config, topic)


@contextlib.contextmanager
def _baseline(made: Moving) -> Iterator[None]:
    """The baseline that `pulumi up` would take."""
    with made.world() as world:
        content = base64.b64encode(encoded(baseline.read(made.settings, world.sides().source))).decode()
        config_map = {**config_maps.config_map(made.settings), "binaryData": {config_maps.KEY: content}}
        path = f"/api/v1/namespaces/{made.settings.target.namespace}/configmaps"
        api, name = world.target_kubernetes, world.names.baseline_config_map
        api.request("POST", path, name, verb="create", body=config_map)
        try:
            yield
        finally:
            api.request("DELETE", f"{path}/{name}", name, verb="delete")


def _name(message: Message) -> str:
    """The identity of a record; those from before the first move have none but their value."""
    value = message.value()
    return number_of(message) if message.headers() else (value or b"").decode()


def _difference(where: str, here: list[tuple[int, str]], there: list[tuple[int, str]]) -> list[str]:
    mine, copies = [name for _, name in here], [name for _, name in there]
    if mine == copies:
        return []
    lost, doubled = len(set(mine) - set(copies)), len(copies) - len(set(copies))
    return [f"{where}: {lost} lost, {doubled} doubled, {len(mine)} here and {len(copies)} there"]


@contextlib.contextmanager
def moving(lab: Lab, name: str, intervals: dict[str, int] | None = None) -> Iterator[Moving]:
    """Deploy it on the lab that runs; at the end nothing of it is left."""
    name = f"{name}-{uuid.uuid4().hex[:4]}"
    regions, alias = Regions(lab), name
    sections = lab_sections(lab)
    sections["source"]["alias"] = alias
    sections["mirror"] = {
        "name": name,
        "topics": [f"{name}-.*"],
        "groups": [f"{name}-.*"],
        "replication_policy": "default",
        **(intervals or {}),
    }
    sections["workers"] = {"replicas": 1}
    sections["users"] = {}
    settings = load(sections)
    east, west = regions.kafka("east"), regions.kafka("west")
    with contextlib.ExitStack() as undo, tempfile.TemporaryDirectory(prefix="moving-") as folder:
        file = Path(folder) / f"Pulumi.{name}.yaml"
        config = {f"region-mirror:{key}": value for key, value in sections.items()}
        file.write_text(yaml.safe_dump({"config": config}))
        (Path(folder) / "Pulumi.yaml").write_text((CHECKOUT / "Pulumi.yaml").read_text())
        user = f"{name}-writer"
        rules = [Acl("topic", name, "prefix", ("Describe", "Write"))]
        regions.make_user("east", user, "scram-sha-512", rules)
        undo.callback(regions.remove_user, "east", user)
        login = {key: value for key, value in east.items() if key.startswith("ssl.ca")}
        login |= {
            "bootstrap.servers": regions.listener("east", "scram"),
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "sasl.password": regions.password("east", user),
            "enable.idempotence": True,
        }
        streams = []
        for what, partitions in PARTITIONS.items():
            topic = f"{name}-{what}"
            kafka.create_topic(east, topic, partitions)
            undo.callback(kafka.delete_topic, east, topic)
            undo.callback(kafka.delete_topic, west, f"{alias}.{topic}")
            kafka.produce(east, topic, map(str, range(BEFORE // partitions)), partition=0)
            topics: dict[Side, str] = {"source": topic, "target": f"{alias}.{topic}"}
            # `content`: the workload writes no record for a topic of another name.
            streams.append(
                Stream(
                    what, "orders", topics, {"source": login}, {"source": east, "target": west}, RATE / 4, 0
                )
            )
        made = Moving(lab, settings, file, streams, Kept())
        for group in made.groups:
            undo.callback(kafka.delete_group, east, group)
            undo.callback(kafka.delete_group, west, group)
        undo.callback(_remove_internal_topics, west, name)
        undo.enter_context(deployed(lab, settings))
        verifier, target = Names.of(settings).verifier_user, kubernetes(lab, "west")
        until(f"the Secret of {verifier}", lambda: there(target, verifier), SECRET_SECONDS)
        undo.enter_context(_baseline(made))
        made.commit(random.Random(0))
        made.proven()
        yield made
