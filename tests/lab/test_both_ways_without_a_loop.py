"""Two mirrors, one each way, with producers on both sides: each record once, and no name grows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from settings.acls import source_user_acls
from settings.load import load
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.mirrors import Sections, cluster, deployed, flow, live
from tests.lab.support.stack import Stack
from tests.lab.support.traffic import traffic, values
from tests.lab.support.wait import until

USER = "bothways-reader"
WAYS = {"east": "west", "west": "east"}
ALIASES = {"east": "ost", "west": "far-west"}
"""Their own: with the aliases of the lab's mirror, the two would share a topic of offset syncs."""


def mirror(source: str, target: str) -> Sections:
    """Its patterns fit what the other mirror made, too: it is MM2 that has to see where a topic came from."""
    name = f"bothways-{source}-{target}"
    return {
        "source": live(source, USER) | {"alias": ALIASES[source]},
        "target": cluster(target) | {"alias": ALIASES[target]},
        "mirror": flow(name, "bothways-.*", rf"{ALIASES[target]}\.bothways-.*", replication_policy="default"),
    }


@pytest.fixture(scope="module")
def both(regions: Regions) -> Iterator[Stack]:
    for source, target in WAYS.items():
        regions.make_user(source, USER, "scram-sha-512", source_user_acls(load(mirror(source, target))))
        kafka.create_topic(regions.kafka(source), f"bothways-{source}")
    mirrors = {f"bothways-{source}-{target}": mirror(source, target) for source, target in WAYS.items()}
    with deployed(regions, "bothways", {"mirrors": mirrors}) as stack:
        yield stack
    for source in WAYS:
        kafka.delete_topic(regions.kafka(source), f"bothways-{source}")
        regions.remove_user(source, USER)


def test_each_record_is_on_each_side_once_and_no_topic_goes_round(both: Stack, regions: Regions) -> None:
    east, west = regions.kafka("east"), regions.kafka("west")
    copies = {region: f"{ALIASES[region]}.bothways-{region}" for region in WAYS}
    with traffic(east, "bothways-east") as eastern, traffic(west, "bothways-west") as western:
        for running, there, copy in (
            (eastern, west, copies["east"]),
            (western, east, copies["west"]),
        ):
            until(f"{copy}", lambda there=there, copy=copy: copy in kafka.topics(there), seconds=60)  # type: ignore[misc]  # a lambda's default
            running.some_more(100)
        # Long enough for MM2 to look for new topics again, now that the copies are there (5 s).
        for running in (eastern, western):
            running.some_more(200)
        counts = {"east": eastern.end(), "west": western.end()}
    for source, target in WAYS.items():
        original, copy = f"bothways-{source}", copies[source]
        config, count = regions.kafka(target), counts[source]
        until(
            f"{count} records of {copy}",
            lambda config=config, copy=copy, count=count: len(kafka.read(config, copy)) >= count,  # type: ignore[misc]  # a lambda's default
            seconds=60,
        )
        records = kafka.contents(config, copy)
        assert [value for _, value, _, _ in records[0]] == values(original, count)
        assert records == kafka.contents(regions.kafka(source), original)
    names = {
        region: {name for name in kafka.topics(regions.kafka(region)) if "bothways-" in name}
        for region in WAYS
    }
    internal = {
        f"__bothways-{s}-{t}-{kind}" for s, t in WAYS.items() for kind in ("config", "offset", "status")
    }
    assert names["east"] - internal == {"bothways-east", copies["west"]}
    assert names["west"] - internal == {"bothways-west", copies["east"]}


def test_both_mirrors_are_proven(both: Stack) -> None:
    for source, target in WAYS.items():
        assert not both.failed_checks("--mirror", f"bothways-{source}-{target}", "--wait", "60")
