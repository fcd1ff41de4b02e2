"""What a look for the status costs: seconds and memory by the number of partitions and of groups.

Topics and groups are made on both clusters directly, positions written as MM2 would have committed them
(`mirror.start.initial_offsets`), under names of the bench's own, and all is deleted in the end. No mirror has
to be deployed: nothing is copied. Each size is looked at in a process of its own, so that memory is, too.

    python -m tests.bench status                                  the sizes of docs/status.md
    STATUS_SIZES=1000x100,2000x100 python -m tests.bench status   partitions x groups
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from rich.console import Console
from rich.table import Table

from lab.layout import Lab
from lab.region.clients import admin_client_config
from mirror.clients.access import ClusterAccess, ScramCredential
from mirror.clients.records import TopicPartition as Partition
from mirror.clients.sides import Sides
from mirror.mm2.connect_format import key, value
from mirror.status.picture import draw, to_json
from mirror.status.rates import Rates
from mirror.status.reading import SnapshotReader
from mirror.verify.reading import look as looking
from settings.load import load
from settings.model import Settings
from settings.names import Names

SIZES = "1000x0,5000x0,10000x0,100x1000,100x2000,100x4000"
SHORT = "50x3"
"""Shows that the bench runs, and measures nothing."""
PARTITIONS_A_TOPIC = 50
PARTITIONS_A_GROUP = 10
NAME = "bench-status"
LOOKS = 4
SECONDS = 240.0
PARTITION_UA = -1
"""`RD_KAFKA_PARTITION_UA`: the partitioner decides."""
LATE = 10
"""Of so many partitions one is late, by some records."""


class _Access(ClusterAccess):
    """A lab cluster, as its administrator."""

    __slots__ = ("config",)
    config: dict[str, Any]

    def client_config(self) -> dict[str, Any]:
        """librdkafka's settings."""
        return dict(self.config)


def access(lab: Lab, region: str) -> ClusterAccess:
    """How the bench logs in: it measures looking, not rights."""
    made = _Access(f"the lab's {region}", "", ScramCredential("administrator", ""), region)
    object.__setattr__(made, "config", admin_client_config(lab, region))
    return made


def settings() -> Settings:
    """A mirror of the bench's topics and groups."""
    side = {"namespace": "kafka", "authentication": "tls", "listener": "mtls"}
    return load({
        "source": {"alias": "east", "cluster": "east", "user": "nobody", **side},
        "target": {"alias": "west", "cluster": "west", **side},
        "mirror": {"name": NAME, "topics": [f"{NAME}-.*"], "groups": [f"{NAME}-.*"]},
    })  # fmt: skip


def names(partitions: int) -> list[str]:
    """The topics that hold so many partitions."""
    return [f"{NAME}-{number:04d}" for number in range(-(-partitions // PARTITIONS_A_TOPIC))]


def _wait(futures: Sequence[Any], borne: tuple[str, ...] = ()) -> None:
    for future in futures:
        try:
            future.result(SECONDS + 10)
        except KafkaException as error:
            if error.args[0].name() not in borne:
                raise


@contextmanager
def estate(lab: Lab, partitions: int, groups: int) -> Iterator[None]:
    """Topics, records, positions and groups; nothing of it is left."""
    topics, offsets = names(partitions), Names.of(settings()).offsets_topic
    with ExitStack() as undo:
        for region in ("east", "west"):
            admin = AdminClient(admin_client_config(lab, region))
            more = [offsets] if region == "west" else []
            undo.callback(_delete, admin, [*topics, *more], groups)
            new = [NewTopic(topic, PARTITIONS_A_TOPIC) for topic in topics] + [NewTopic(o, 25) for o in more]
            # One request for thousands of partitions would outlast the controller's patience.
            for first in range(0, len(new), 10):
                made = admin.create_topics(new[first : first + 10], request_timeout=SECONDS)
                _wait(list(made.values()), ("TOPIC_ALREADY_EXISTS",))
            _records(lab, region, topics, 3 if region == "east" else 2)
            _groups(admin, topics, groups, 2)
        _positions(lab, offsets, topics)
        yield


def _records(lab: Lab, region: str, topics: Sequence[str], count: int) -> None:
    _produce(
        lab,
        region,
        (
            (topic, number, None, b"x" * 100)
            for topic in topics
            for number in range(PARTITIONS_A_TOPIC)
            for _ in range(count if number % LATE == 0 else 2)
        ),
    )


def _positions(lab: Lab, topic: str, topics: Sequence[str]) -> None:
    connector = Names.of(settings()).source_connector
    _produce(
        lab,
        "west",
        (
            (topic, PARTITION_UA, key(connector, "east", Partition(one, number)), value(1))
            for one in topics
            for number in range(PARTITIONS_A_TOPIC)
        ),
    )


def _produce(lab: Lab, region: str, records: Iterable[tuple[str, int, bytes | None, bytes]]) -> None:
    """Write them all; AssertionError when one is refused."""
    refused: list[Any] = []
    producer = Producer(
        {
            **admin_client_config(lab, region),
            "linger.ms": 100,
            "message.timeout.ms": 600_000,
            # A controller that makes thousands of partitions tells of them late.
            "topic.metadata.propagation.max.ms": 300_000,
            "partitioner": "murmur2_random",
            "acks": 1,
        }
    )
    for topic, partition, its_key, its_value in records:
        producer.produce(
            topic,
            its_value,
            its_key,
            partition,
            on_delivery=lambda error, _: None if error is None else refused.append(error),
        )
        producer.poll(0)
    assert producer.flush(600) == 0
    assert not refused, refused[0]


def _groups(admin: AdminClient, topics: Sequence[str], groups: int, offset: int) -> None:
    for first in range(0, groups, 100):
        futures: list[Any] = []
        for number in range(first, min(groups, first + 100)):
            committed = [
                TopicPartition(
                    topics[(number + each) % len(topics)], (number + each) % PARTITIONS_A_TOPIC, offset
                )
                for each in range(PARTITIONS_A_GROUP)
            ]
            request = ConsumerGroupTopicPartitions(f"{NAME}-group-{number:05d}", committed)
            futures += admin.alter_consumer_group_offsets([request], request_timeout=SECONDS).values()
        _wait(futures)


def _delete(admin: AdminClient, topics: Sequence[str], groups: int) -> None:
    every = [f"{NAME}-group-{number:05d}" for number in range(groups)]
    for first in range(0, len(every), 200):
        some = admin.delete_consumer_groups(every[first : first + 200], request_timeout=SECONDS)
        _wait(list(some.values()), ("GROUP_ID_NOT_FOUND",))
    for first in range(0, len(topics), 10):
        gone = admin.delete_topics(list(topics[first : first + 10]), request_timeout=SECONDS)
        _wait(list(gone.values()), ("UNKNOWN_TOPIC_OR_PART",))
    # The next size makes topics of the same names: no broker may still lead one of these.
    ends = time.monotonic() + SECONDS
    while left := set(topics) & set(admin.list_topics(timeout=30).topics):
        assert time.monotonic() < ends, f"{len(left)} topics are still there"
        time.sleep(1)


def look(lab: Lab) -> dict[str, Any]:
    """Looks, with what each took; in the process that was started for it."""
    with ExitStack() as stack:
        sides = stack.enter_context(Sides(access(lab, "east"), access(lab, "west")))
        eye = SnapshotReader(settings(), Path(), stack)
        eye._session = looking.Session(settings(), Path(), stack, sides)
        rates, took, cpu = Rates(), [], []
        looking.Look.resource = property(lambda _: {})  # type: ignore[assignment,method-assign]
        for _ in range(LOOKS):
            before = time.perf_counter(), time.process_time()
            picture = draw(eye.look(), rates)
            json.dumps(to_json(picture))
            took.append(time.perf_counter() - before[0])
            cpu.append(time.process_time() - before[1])
    # The two helpers that read the groups' offsets have ended with their cluster.
    helpers = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    helped = (helpers.ru_utime + helpers.ru_stime) / LOOKS
    assert picture.total is not None, picture.snapshot.problems
    return {
        "first": took[0],
        "next": sorted(took[1:])[len(took[1:]) // 2],
        "cpu": sorted(cpu[1:])[len(cpu[1:]) // 2] + helped,
        "megabytes": (own + 2 * helpers.ru_maxrss) / 1024,
        "partitions": picture.total.partitions,
        "groups": len(picture.groups),
        "problems": list(picture.snapshot.problems),
        "troubles": {one.word: count for one, count in picture.by_trouble.items()},
        "group_troubles": {one.word: count for one, count in picture.by_group_trouble.items()},
    }


def main(lab: Lab, short: bool = False) -> None:
    """Measure every size, and print one table."""
    table = Table(title=f"a look for the status, median of {LOOKS - 1} after the first", title_justify="left")
    for column in ("partitions", "groups", "first look, s", "next looks, s", "CPU, s", "memory, MB", "saw"):
        table.add_column(column, justify="right")
    for size in (SHORT if short else os.environ.get("STATUS_SIZES", SIZES)).split(","):
        partitions, groups = map(int, size.split("x"))
        with estate(lab, partitions, groups):
            command = [sys.executable, "-m", "tests.bench.status"]
            done = subprocess.run(
                command,
                env={**os.environ, "REGION_MIRROR_LAB": str(lab.root)},
                stdout=subprocess.PIPE,
                check=True,
            )
        found = json.loads(done.stdout)
        table.add_row(
            f"{found['partitions']:,}",
            f"{found['groups']:,}",
            *(f"{found[one]:.2f}" for one in ("first", "next", "cpu")),
            f"{found['megabytes']:.0f}",
            json.dumps({**found["troubles"], **found["group_troubles"]}) + "".join(found["problems"]),
        )
        Console(width=200).print(table)


if __name__ == "__main__":
    print(json.dumps(look(Lab.find())))
