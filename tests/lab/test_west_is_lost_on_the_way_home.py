"""Production is on west, and a way back copies to east, when west is lost: `failover` of the way back makes
east production again. It counts no fewer missing records than there are, removes the fence of the way out,
and once west is back, every record that west had accepted is in east.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from lab.layout import NAMESPACE
from mirror.estate.fenced_user import annotation
from tests.lab.support import kafka
from tests.lab.support.lab import KafkaUser, Regions
from tests.lab.support.outage import dead
from tests.lab.support.own_mirror import OwnMirror, in_use, own_mirror
from tests.lab.support.stack import Stack
from tests.lab.support.traffic import Traffic
from tests.lab.support.way_home import command, way_back

OLD, READ_IN_EAST, READ_IN_WEST = 20, 7, 12


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    """A deployed mirror that keeps names; no topic of it is mirrored by the lab's own mirror."""

    def keeps_names(config: dict[str, Any]) -> None:
        config["mirror"]["replication_policy"] = "identity"
        config["verification"]["deadline_seconds"] = 900

    with own_mirror(regions, "lost", keeps_names, prefix="moves-") as made:
        try:
            with in_use(made, OLD, READ_IN_EAST):
                yield made
        finally:
            for region in (regions.kafka("east"), regions.kafka("west")):
                kafka.delete_empty_group(region, made.readers)
                for topic in kafka.topics(region):
                    if topic.startswith(f"{made.name}-"):
                        kafka.delete_topic(region, topic)


def user_of(mirror: OwnMirror) -> Any:
    return mirror.regions.kubernetes("east").get(KafkaUser, mirror.writer, namespace=NAMESPACE)


def values(mirror: OwnMirror, region: str, topic: str) -> list[str]:
    return [(one.value or b"").decode() for one in kafka.read(mirror.regions.kafka(region), topic)]


def steps(text: str) -> dict[str, dict[str, Any]]:
    return {one["step"]: one for one in json.loads(text)["steps"]}


def promoted(back: Stack) -> None:
    back.configure(lambda config: config["mirror"].update(phase="promoted"))
    back.up().ok()


def test_the_way_back_fails_over(mirror: OwnMirror, regions: Regions, tmp_path: Any) -> None:
    east, west = regions.kafka("east"), regions.kafka("west")
    before = user_of(mirror).spec
    command(mirror.stack, "cutover", "--yes").ok()
    assert annotation(mirror.name) in user_of(mirror).metadata.annotations
    there = kafka.read(west, mirror.topic())
    kafka.commit(west, mirror.readers, mirror.topic(), there[READ_IN_WEST].offset)
    traffic, report = Traffic(west, mirror.topic()), tmp_path / "incident.json"
    with way_back(mirror) as back:
        refused = command(back, "failover", "--dry-run", "-o", "json")
        assert refused.code == 1
        assert "--source-is-alive" in steps(refused.stdout)["look-at-source"]["remedy"]
        (settings,) = back.settings()
        worker = f"east-kafka-{settings.mirror.name}-mirrormaker2-0"
        with ExitStack() as outage:
            traffic.start()
            for _ in range(2):  # the rate of the traffic is known from two looks that are kept
                traffic.some_more()
                command(back, "verify", "--check", "lag", "--wait", "20")
            with regions.frozen(worker):
                traffic.some_more()
                outage.enter_context(dead(regions, "west"))
            accepted = traffic.cut()
            rehearsed = command(back, "failover", "--dry-run", "-o", "json").ok()
            assert steps(rehearsed.stdout)["look-at-source"]["state"] == "done"
            command(back, "failover", "--yes", "--report", str(report)).ok()
            found = json.loads(report.read_text())
            copied = values(mirror, "east", mirror.topic())
            really = OLD + accepted - len(copied)
            assert found["missing"]["missing_at_most_estimate"] >= really > 0, found["missing"]["text"]
            assert user_of(mirror).spec == before, "producers of east may write again"
            assert annotation(mirror.name) not in (user_of(mirror).metadata.annotations or {})
            kafka.produce(regions.scram("east", mirror.writer), mirror.topic(), ["home again"])
            offset = kafka.committed(east, mirror.readers, mirror.topic())
            unread = kafka.read(east, mirror.topic(), start=offset)[0].value
            assert unread in {f"old {number}".encode() for number in range(READ_IN_EAST, READ_IN_WEST + 1)}
            assert "nothing to do" in command(back, "failover", "--yes").ok().output
            promoted(back)
        listed = command(back, "recover", "-o", "json")
        assert listed.code == 1, listed.output
        recovered = command(back, "recover", "--write", "--yes", "-o", "json").ok()
        # West may have a record that it has acknowledged to nobody.
        assert json.loads(recovered.stdout)["missing"] >= really
        home = values(mirror, "east", mirror.topic())
        home += values(mirror, "east", f"{mirror.topic()}.recovered")
        wanted = {f"old {number}" for number in range(OLD)} | {"home again"}
        wanted |= {f"{mirror.topic()} {number}" for number in range(accepted)}
        assert wanted <= set(home)
        assert len(home) == len(set(home)), "none is there twice"
        over = command(mirror.stack, "failover", "--yes")
        assert over.code == 1, over.output
        assert "this move is over" in over.output
