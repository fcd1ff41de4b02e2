"""The second disaster: production has gone to west and home again, and east is lost. `failover` of the way
out is refused, because west lacks what clients wrote in east since. What its message names, typed as it is
there, lets clients go on with what west has.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from confluent_kafka import KafkaException
from lightkube.types import PatchType

from lab import outage
from lab.layout import NAMESPACE
from mirror.estate.fenced_user import annotation
from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.lab import KafkaMirrorMaker2, KafkaUser, Regions
from tests.lab.support.outage import dead, killed
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until
from tests.lab.support.way_home import command, way_back

OLD = 20


@contextmanager
def mirror(regions: Regions, policy: str) -> Iterator[OwnMirror]:
    """A deployed mirror, and in each region a KafkaUser that writes to the topic."""

    def change(config: dict[str, Any]) -> None:
        config["mirror"]["replication_policy"] = policy
        config["verification"]["deadline_seconds"] = 900

    with own_mirror(regions, f"again-{policy}", change, prefix="moves-") as made, ExitStack() as undo:
        kafka.create_topic(regions.kafka("east"), made.topic())
        made.produce(*(f"old {number}" for number in range(OLD)))
        rules = [Acl("topic", made.topic(), "literal", ("Describe", "Write"))]
        for region in ("east", "west"):
            regions.make_user(region, writer(made), "scram-sha-512", rules)
            undo.callback(regions.remove_user, region, writer(made))
            undo.callback(forget, regions.kafka(region), made.name)
        made.stack.up().ok()
        yield made


def forget(config: dict[str, Any], name: str) -> None:
    for topic in kafka.topics(config):
        if topic.startswith(f"{name}-"):
            kafka.delete_topic(config, topic)


def writer(mirror: OwnMirror) -> str:
    return f"{mirror.name}-writer"


def write_on_west(mirror: OwnMirror, value: str) -> None:
    """As the applications of west do: a fence stops them."""
    kafka.produce(mirror.regions.scram("west", writer(mirror)), mirror.topic(), [value])


def fenced_by(mirror: OwnMirror, back: Stack) -> bool:
    user: Any = mirror.regions.kubernetes("west").get(KafkaUser, writer(mirror), namespace=NAMESPACE)
    (settings,) = back.settings()
    return annotation(settings.mirror.name) in (user.metadata.annotations or {})


@contextmanager
def came_home(mirror: OwnMirror) -> Iterator[Stack]:
    """Production has gone to west and home again; the stack of the way back."""
    command(mirror.stack, "cutover", "--yes").ok()
    kafka.create_topic(mirror.regions.kafka("west"), mirror.topic())
    write_on_west(mirror, "on west")
    with way_back(mirror) as back:
        command(back, "cutover", "--yes").ok()
        assert fenced_by(mirror, back)
        with pytest.raises(KafkaException):
            write_on_west(mirror, "behind the fence")
        kafka.produce(mirror.regions.kafka("east"), mirror.topic(), ["home"])
        yield back


def refused(mirror: OwnMirror) -> str:
    """What `failover` of the way out says."""
    ran = command(mirror.stack, "failover", "--yes")
    assert ran.code == 1, ran.output
    said = " ".join(ran.output.split())
    assert "clients have moved to" in said
    return said


def goes_on(mirror: OwnMirror, back: Stack) -> None:
    """West takes what its applications write, and `failover` has nothing to do."""
    assert not fenced_by(mirror, back)
    write_on_west(mirror, "west goes on")
    assert "nothing to do" in command(mirror.stack, "failover", "--yes").ok().output


def test_the_whole_region_is_lost_again(regions: Regions) -> None:
    with mirror(regions, "identity") as made, came_home(made) as back:
        with dead(regions, "east"):
            assert "`region-mirror cutover rollback --target-is-lost`" in refused(made)
            command(back, "cutover", "rollback", "--target-is-lost", "--yes").ok()
            goes_on(made, back)
        kafka.forget_administrators()


def test_its_kafka_is_lost_again_and_its_kubernetes_answers(regions: Regions) -> None:
    """With prefixes groups would return, which nobody can ask any more."""
    with mirror(regions, "default") as made, came_home(made) as back:
        with killed(regions, "east-kafka", alone=True):
            forgets_connectors(regions, back)
            assert "`region-mirror reopen --accept-unmirrored`" in refused(made)
            not_lost = command(back, "cutover", "rollback", "--target-is-lost", "--yes")
            assert not_lost.code == 2, not_lost.output
            assert "`region-mirror reopen --accept-unmirrored` does" in " ".join(not_lost.output.split())
            opened = command(back, "reopen", "--accept-unmirrored", "--yes").ok()
            assert "Groups keep their offsets on west" in " ".join(opened.output.split())
            goes_on(made, back)
        answers(regions)
        kafka.forget_administrators()


def forgets_connectors(regions: Regions, back: Stack) -> None:
    """What Strimzi's status is like once its operation timeout of 5 minutes is over: Connect does not answer
    without its Kafka, so no connector is in it.
    """
    (settings,) = back.settings()
    without = {"status": {"connectors": None}}
    there: Any = regions.kubernetes("east").patch(
        KafkaMirrorMaker2.Status,
        settings.mirror.name,
        without,
        namespace=NAMESPACE,
        patch_type=PatchType.MERGE,
    )
    assert not there.status.get("connectors")


def answers(regions: Regions) -> None:
    """Wait until the Kafka of east answers again."""
    until("the Kafka of east", lambda: outage.answers(regions.lab, "east"), seconds=120)
