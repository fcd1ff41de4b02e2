"""Production moves to west in parts and comes home as a whole, with names kept: exactly what clients wrote on
west crosses, of a moved part from its own promotion on, and its group comes home, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from lab.layout import NAMESPACE
from mirror.estate.fenced_user import annotation
from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.cutovers import cutover
from tests.lab.support.lab import KafkaUser, Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until
from tests.lab.support.way_home import command, way_back

MOVES, RESTS = "moves", "rests"
OLD, READ_IN_EAST = 20, 7
READ_IN_WEST = OLD + 1
"""Records of both: the group of the part has read what clients wrote on west."""


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    """A deployed mirror that keeps names; no topic of it is mirrored by the lab's own mirror."""

    def keeps_names(config: dict[str, Any]) -> None:
        config["mirror"]["replication_policy"] = "identity"
        config["verification"]["deadline_seconds"] = 900

    with own_mirror(regions, "parted", keeps_names, prefix="moves-") as made:
        east, west = regions.kafka("east"), regions.kafka("west")
        kafka.create_topic(east, made.topic(MOVES), 2)
        kafka.create_topic(east, made.topic(RESTS))
        for topic in (MOVES, RESTS):
            made.produce(*old(), suffix=topic)
            kafka.commit(east, group(made, topic), made.topic(topic), READ_IN_EAST)
        made.produce("old of 1", suffix=MOVES, partition=1)
        rules = [Acl("topic", made.topic(one), "literal", ("Describe", "Write")) for one in (MOVES, RESTS)]
        regions.make_user("east", writer(made), "scram-sha-512", rules)
        made.stack.up().ok()
        try:
            yield made
        finally:
            regions.remove_user("east", writer(made))
            for topic in (MOVES, RESTS):
                for region in (east, west):
                    kafka.delete_group(region, group(made, topic))
            for topic in kafka.topics(west):
                if topic.startswith(f"{made.name}-"):
                    kafka.delete_topic(west, topic)


def old() -> list[str]:
    return [f"old {number}" for number in range(OLD)]


def group(mirror: OwnMirror, topic: str) -> str:
    return f"{mirror.name}-{topic}-readers"


def writer(mirror: OwnMirror) -> str:
    return f"{mirror.name}-writer"


def values(mirror: OwnMirror, region: str, topic: str, partition: int = 0) -> list[str]:
    found = kafka.read(mirror.regions.kafka(region), mirror.topic(topic), partition=partition)
    return [(record.value or b"").decode() for record in found]


def next_of(mirror: OwnMirror, region: str, topic: str) -> bytes | None:
    """The first record that the group of the topic reads there."""
    config = mirror.regions.kafka(region)
    offset = kafka.committed(config, group(mirror, topic), mirror.topic(topic))
    return kafka.read(config, mirror.topic(topic), start=offset)[0].value


def user_of(mirror: OwnMirror) -> Any:
    return mirror.regions.kubernetes("east").get(KafkaUser, writer(mirror), namespace=NAMESPACE)


def write_on_west(mirror: OwnMirror, topic: str, *written: str, partition: int = 0) -> None:
    kafka.produce(mirror.regions.kafka("west"), mirror.topic(topic), written, partition=partition)


def test_production_moves_in_parts_and_comes_home_as_a_whole(mirror: OwnMirror) -> None:
    east, west = mirror.regions.kafka("east"), mirror.regions.kafka("west")
    before = user_of(mirror).spec
    cutover(mirror, "--topic", mirror.topic(MOVES), "--yes", "--write-stack-file").ok()
    assert next_of(mirror, "west", MOVES) == f"old {READ_IN_EAST}".encode()
    write_on_west(mirror, MOVES, "moved 0", "moved 1", "moved 2")
    write_on_west(mirror, MOVES, "moved of 1", partition=1)
    there = kafka.read(west, mirror.topic(MOVES))
    kafka.commit(west, group(mirror, MOVES), mirror.topic(MOVES), there[READ_IN_WEST].offset)

    # The rest of the mirror goes on, so nothing may come back yet.
    mirror.produce("late", suffix=RESTS)
    refused = command(mirror.stack, "reverse")
    assert refused.code == 2, refused.output
    assert f"topic {mirror.topic(MOVES)} and group {group(mirror, MOVES)} moved, and MM2 still copies" in (
        " ".join(refused.output.split())
    )
    cutover(mirror, "--yes").ok()
    write_on_west(mirror, RESTS, "rest 0", "rest 1")
    write_on_west(mirror, MOVES, "moved 3")

    # A super user writes to the old topic of the part: `reverse` and `recover` see it there, too.
    mirror.produce("stray", suffix=MOVES)
    stray = command(mirror.stack, "reverse")
    assert stray.code == 1, stray.output
    assert "1 record never crossed" in stray.output
    recovered = json.loads(command(mirror.stack, "recover", "--write", "--yes", "-o", "json").stdout)
    assert (recovered["missing"], recovered["left"]) == (1, 0)

    with way_back(mirror) as back:
        text = back.file.read_text()
        starts = {
            topic: [int(one) for one in offsets.split(",")]
            for topic, offsets in re.findall(r"\S*-(moves|rests): offsets ([\d,]+)", text)
        }
        assert len(starts[MOVES]) == 2
        assert there[OLD - 1].offset < starts[MOVES][0] <= there[OLD].offset
        new = ["moved 0", "moved 1", "moved 2", "moved 3"]
        wanted = {
            (MOVES, 0): [*old(), "stray", *new],
            (MOVES, 1): ["old of 1", "moved of 1"],
            (RESTS, 0): [*old(), "late", "rest 0", "rest 1"],
        }
        for (topic, partition), expected in wanted.items():
            until(
                f"{topic}-{partition} in east",
                lambda topic=topic, partition=partition, expected=expected: (  # type: ignore[misc]  # a lambda's default
                    len(values(mirror, "east", topic, partition)) >= len(expected)
                ),
                seconds=60,
            )
        command(back, "cutover", "--yes").ok()
        for (topic, partition), expected in wanted.items():
            assert values(mirror, "east", topic, partition) == expected
        assert next_of(mirror, "east", MOVES) == b"moved 1"
        assert next_of(mirror, "east", RESTS) == f"old {READ_IN_EAST}".encode()
        assert user_of(mirror).spec == before, "the cutover home lets producers write to both topics"
        assert annotation(mirror.name) not in (user_of(mirror).metadata.annotations or {})
        assert not {one for one in kafka.topics(east) if one.endswith(".recovered")}


def test_everything_moved_in_parts_is_promoted_and_copies_with_records_of_clients_are_refused(
    regions: Regions,
) -> None:
    """With prefixes MM2 would not mirror these records back: of a moved part they are counted, too."""
    east, west = regions.kafka("east"), regions.kafka("west")
    with own_mirror(regions, "all-parted", prefix="moves-") as made:
        kafka.create_topic(east, made.topic(MOVES))
        made.produce(*old(), suffix=MOVES)
        kafka.commit(east, group(made, MOVES), made.topic(MOVES), READ_IN_EAST)
        made.stack.up().ok()
        try:
            cutover(made, "--topic", made.topic(MOVES), "--yes", "--write-stack-file").ok()
            assert made.stack.failed_checks() == set(), "no topic is left to mirror"
            cutover(made, "--yes").ok()
            text = command(made.stack, "reverse").ok().stdout
            assert not re.search(r"offsets \d", text), "copies never go back"
            kafka.produce(west, made.copy(MOVES), ["on west"])
            refused = command(made.stack, "reverse")
            assert refused.code == 1, refused.output
            assert f"clients have written to copies: {made.copy(MOVES)}" in " ".join(refused.output.split())
        finally:
            for region in (east, west):
                kafka.delete_group(region, group(made, MOVES))
