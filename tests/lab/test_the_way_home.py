"""Production moves to west and home again, with prefixes: groups that have read copies continue in the
originals at the same record, and producers of east may write again, once the way back is promoted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.layout import NAMESPACE
from mirror.estate.fenced_user import annotation
from tests.lab.support import admin_login, kafka
from tests.lab.support.lab import KafkaUser, Regions
from tests.lab.support.own_mirror import OwnMirror, in_use, own_mirror
from tests.lab.support.way_home import command, way_back

OLD, READ_IN_EAST, READ_IN_WEST, LOCAL = 20, 7, 12, 3


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    # A mirror of these topics without prefixes would be refused together with the way back: they would loop.
    with own_mirror(regions, "home", prefix="moves-") as made:
        try:
            with in_use(made, OLD, READ_IN_EAST):
                yield made
        finally:
            for region in ("east", "west"):
                kafka.delete_group(regions.kafka(region), made.readers)
                if made.topic() in kafka.topics(regions.kafka(region)):
                    kafka.delete_topic(regions.kafka(region), made.topic())


def user_of(regions: Regions, mirror: OwnMirror) -> Any:
    return regions.kubernetes("east").get(KafkaUser, mirror.writer, namespace=NAMESPACE)


def test_production_goes_to_west_and_comes_home(mirror: OwnMirror, regions: Regions, tmp_path: Path) -> None:
    east, west = regions.kafka("east"), regions.kafka("west")
    before = user_of(regions, mirror).spec
    command(mirror.stack, "cutover", "--yes").ok()
    assert annotation(mirror.name) in user_of(regions, mirror).metadata.annotations
    # Clients of west read on in the copy, and write to a topic without the prefix.
    there = kafka.read(west, mirror.copy())
    assert kafka.committed(west, mirror.readers, mirror.copy()) == there[READ_IN_EAST].offset
    kafka.commit(west, mirror.readers, mirror.copy(), there[READ_IN_WEST].offset)
    kafka.create_topic(west, mirror.topic())
    kafka.produce(west, mirror.topic(), [f"west {number}" for number in range(5)])
    kafka.commit(west, mirror.readers, mirror.topic(), LOCAL)

    admin = ("--source-admin-config", admin_login.written(regions.kafka("east"), tmp_path))
    refused = command(mirror.stack, "reopen", "--yes", *admin)
    assert refused.code == 1, refused.output
    assert "no mirror has taken production from west back" in refused.output
    with way_back(mirror) as back:
        waiting = command(mirror.stack, "reopen", "--dry-run", "-o", "json", *admin)
        assert waiting.code == 1, waiting.output
        states = {one["step"]: one["state"] for one in json.loads(waiting.stdout)["steps"]}
        assert states == {"look-at-way-back": "blocked", "return-groups": "todo", "remove-fence": "todo"}
        command(back, "cutover", "--yes").ok()
        assert user_of(regions, mirror).spec == before, "the cutover home lets producers write"
        assert annotation(mirror.name) not in (user_of(regions, mirror).metadata.annotations or {})
        command(mirror.stack, "reopen", "--yes", *admin).ok()
        home = kafka.committed(east, mirror.readers, mirror.topic())
        assert kafka.read(east, mirror.topic(), start=home)[0].value == f"old {READ_IN_WEST}".encode()
        local = f"west.{mirror.topic()}"
        offset = kafka.committed(east, mirror.readers, local)
        assert kafka.read(east, local, start=offset)[0].value == f"west {LOCAL}".encode()
        assert "nothing to do" in command(mirror.stack, "reopen", "--yes", *admin).ok().output
        for move in ("cutover", "failover"):
            refused = command(mirror.stack, move, "--yes")
            assert refused.code == 1, refused.output
            assert f"this move is over, and {mirror.alias} is production" in refused.output
        assert user_of(regions, mirror).spec == before, "a move that is run again fences no production"
