"""The target's Kafka is lost, or made anew, behind the fence of a cutover, while its Kubernetes answers: the
rollback lets producers of the source write again, and its groups read on there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from confluent_kafka import KafkaException

from lab.layout import NAMESPACE
from lab.ports import known
from lab.region import kafka as broker
from lab.toolchain import Toolchain
from mirror.estate.fenced_user import annotation
from tests.lab.support import kafka
from tests.lab.support.cutovers import cutover
from tests.lab.support.lab import KafkaUser, Regions
from tests.lab.support.outage import killed
from tests.lab.support.own_mirror import OwnMirror, in_use, own_mirror
from tests.lab.support.wait import until

OLD, READ = 20, 7


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    """A deployed mirror with one topic, a group that has stopped, and a user that writes."""
    with own_mirror(regions, "lost-kafka") as made, ExitStack() as undo:
        for region in ("east", "west"):
            undo.callback(kafka.delete_group, regions.kafka(region), made.readers)
        with in_use(made, OLD, READ):
            yield made


def write(mirror: OwnMirror, value: str) -> None:
    """As the applications of east do: a fence stops them."""
    kafka.produce(mirror.regions.scram("east", mirror.writer), mirror.topic(), [value])


def fenced(mirror: OwnMirror) -> None:
    """Begin a cutover, up to the groups."""
    cutover(mirror, "--yes", "--until", "move-groups").ok()
    with pytest.raises(KafkaException):
        write(mirror, "behind the fence")


def is_open(mirror: OwnMirror) -> None:
    """Clients of the source work as before."""
    user: Any = mirror.regions.kubernetes("east").get(KafkaUser, mirror.writer, namespace=NAMESPACE)
    assert annotation(mirror.name) not in (user.metadata.annotations or {})
    write(mirror, "goes on")
    east = mirror.regions.kafka("east")
    assert kafka.committed(east, mirror.readers, mirror.topic()) == READ
    with kafka.member(east, mirror.readers, mirror.topic()):
        pass


def answers(regions: Regions) -> None:
    """Wait until the Kafka of west answers; clients that have seen another one there are forgotten."""
    lab = regions.lab
    until("the Kafka of west", lambda: broker.unready(lab, "west", known(lab)) is None, seconds=120)
    kafka.forget_administrators()


@contextmanager
def made_anew(regions: Regions) -> Iterator[None]:
    """The Kafka of west as a new cluster without topics; after the block the former one runs again."""
    lab = regions.lab
    data = lab.kafka("west") / "data"
    kept = data.with_name("kept")
    with killed(regions, "west-kafka", alone=True):
        data.rename(kept)
        broker.prepare(lab, "west", known(lab), Toolchain.load())
    try:
        answers(regions)
        yield
    finally:
        with killed(regions, "west-kafka", alone=True):
            shutil.rmtree(data)
            kept.rename(data)
        answers(regions)


def test_its_kafka_does_not_answer(mirror: OwnMirror, regions: Regions) -> None:
    """Nothing can be verified then. Once it is back, another rollback does."""
    fenced(mirror)
    with killed(regions, "west-kafka", alone=True):
        ran = cutover(mirror, "rollback", "--yes")
        assert ran.code == 1, "it is not proven again"
        assert "rolled back: every step is undone" in ran.stdout
        assert "Strimzi starts it once this Kafka answers" in ran.stdout
        assert "is not verified" in ran.stdout
        is_open(mirror)
    answers(regions)
    assert "is proven again" in cutover(mirror, "rollback", "--yes").ok().stdout


def test_its_kafka_is_made_anew(mirror: OwnMirror, regions: Regions) -> None:
    """MM2 copies everything again."""
    fenced(mirror)
    with made_anew(regions):
        assert "is proven again" in cutover(mirror, "rollback", "--yes").ok().stdout
        is_open(mirror)
    assert "is proven again" in cutover(mirror, "rollback", "--yes").ok().stdout
