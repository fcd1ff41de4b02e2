"""The source is lost while a partition of the target has no leader: `failover` waits for it, and goes on
without it where that is accepted. Clients work on the other partitions, and later on this one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.outage import dead, killed
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.second_broker import NODE, second_broker
from tests.lab.support.wait import until
from tests.lab.support.way_home import command

RECORDS, READ = 20, 7


def readers(mirror: OwnMirror) -> str:
    return f"{mirror.name}-readers"


@contextmanager
def mirrored(regions: Regions) -> Iterator[OwnMirror]:
    """A deployed mirror of a topic whose group has read a part, translated to the target."""

    def quick(config: dict[str, Any]) -> None:
        config["mirror"].update(sync_group_offsets_interval_seconds=3, emit_checkpoints_interval_seconds=3)

    with own_mirror(regions, "leaderless", quick) as made:
        kafka.create_topic(regions.kafka("east"), made.topic())
        made.produce(*(f"old {number}" for number in range(RECORDS)))
        kafka.commit(regions.kafka("east"), readers(made), made.topic(), READ)
        made.stack.up().ok()
        try:
            yield made
        finally:
            for region in ("east", "west"):
                kafka.delete_empty_group(regions.kafka(region), readers(made))


def on_the_second_broker(mirror: OwnMirror, regions: Regions) -> int:
    """A further partition, whose copy only the second broker of west has; the group has read a part of it."""
    east, west = regions.kafka("east"), regions.kafka("west")
    number = kafka.add_partition(west, mirror.copy(), NODE)
    assert kafka.add_partition(east, mirror.topic(), 0) == number
    mirror.produce(*(f"more {one}" for one in range(RECORDS)), partition=number)
    until("its records", lambda: len(mirror.copied(partition=number)) == RECORDS, seconds=120)
    kafka.commit(east, readers(mirror), mirror.topic(), READ, partition=number)
    until(
        "the group's translation there",
        lambda: kafka.committed(west, readers(mirror), mirror.copy(), partition=number) >= 0,
        seconds=120,
    )
    return number


def test_a_failover_goes_on_without_it_where_that_is_accepted(regions: Regions, tmp_path: Path) -> None:
    west, report = regions.kafka("west"), tmp_path / "incident.json"
    with mirrored(regions) as mirror, second_broker(regions, "west") as second:
        number = on_the_second_broker(mirror, regions)
        command(mirror.stack, "verify", "--check", "lag", "--wait", "60").ok()
        with killed(regions, second, alone=True), dead(regions, "east"):
            until("no leader", lambda: -1 in kafka.leaders(west, mirror.copy()), seconds=60)
            refused = command(mirror.stack, "failover", "--dry-run", "-o", "json")
            assert refused.code == 1, refused.output
            (step,) = (
                one for one in json.loads(refused.stdout)["steps"] if one["step"] == "end-transactions"
            )
            assert (step["state"], step["remaining"]) == ("waiting", 1)
            assert f"{mirror.copy()}" in step["text"]
            assert "--accept-unread-partitions" in step["remedy"]
            accepted = ("--accept-unread-partitions", "--report", str(report))
            command(mirror.stack, "failover", "--yes", *accepted).ok()
            kafka.produce(west, mirror.copy(), ["goes on"])
            assert 0 <= kafka.committed(west, readers(mirror), mirror.copy()) <= READ
            found = json.loads(report.read_text())
            assert found["missing"]["missing_at_most_at_last_look"] == 0
            assert f"{mirror.copy()}-{number}" in found["groups"][readers(mirror)]["reason"]
        until("its leader", lambda: -1 not in kafka.leaders(west, mirror.copy()), seconds=60)
        there = kafka.read(west, mirror.copy(), partition=number)
        assert [one.value for one in there] == [f"more {one}".encode() for one in range(RECORDS)]
        kafka.produce(west, mirror.copy(), ["goes on here, too"], partition=number)
        assert "nothing to do" in command(mirror.stack, "failover", "--yes").ok().output
        mirror.clear_target()
