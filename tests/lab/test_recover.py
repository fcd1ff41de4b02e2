"""After a failover: exactly the records that never crossed are listed, and a run that is killed and repeated
writes each of them once.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Producer

from manifests.strimzi.resource import CHECKPOINT_CONNECTOR
from mirror.cutover.connectors.change import change, states_patch
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.open import opened
from mirror.cutover.steps.promote import Promote
from settings.acls import source_user_acls
from settings.load import load
from settings.names import internal_topics
from tests.lab.support import kafka
from tests.lab.support.command import Ran, run
from tests.lab.support.lab import Regions
from tests.lab.support.mirrors import Sections, cluster, deployed, flow, live
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

NAME, TOPIC, USER = "recovery-east-west", "recovery-orders", "recovery-reader"
GROUP = "recovery-readers"
CROSSED, LATER = 100, 9_000
CONFLICTING = 5


def sections() -> Sections:
    """Names are kept (identity); the aliases are not those of the lab's mirror."""
    return {
        "source": live("east", USER) | {"alias": "recovery-east"},
        "target": cluster("west") | {"alias": "recovery-west"},
        "mirror": flow(NAME, "recovery-.*", groups=["recovery-.*"]),
        "users": {"copy": []},
    }


@pytest.fixture(scope="module")
def promoted(regions: Regions) -> Iterator[Stack]:
    """100 records have crossed when the mirror is promoted; 9,000 others, and an aborted one, never cross."""
    east, west = regions.kafka("east"), regions.kafka("west")
    regions.make_user("east", USER, "scram-sha-512", source_user_acls(load(sections())))
    kafka.create_topic(east, TOPIC, 2)
    kafka.produce(east, TOPIC, [f"old {number}" for number in range(CROSSED)])
    with deployed(regions, "recovery", sections()) as stack:
        until("the first records", lambda: len(kafka.read(west, TOPIC)) == CROSSED, seconds=60)
        kafka.commit(east, GROUP, TOPIC, 40)
        refused = recover(stack)
        assert refused.code == 2
        assert "was not promoted" in refused.output
        (settings,) = stack.settings()
        with opened(settings, stack.project) as world:
            journal = ConfigMapJournal(world.target_kubernetes, settings)
            until("a committed position", lambda: stack.failed_checks() <= {"groups-translated"}, seconds=60)
            Promote().do(world, journal)
        aborted(east)
        kafka.produce(east, TOPIC, [f"late {number}" for number in range(LATER)])
        kafka.produce(east, TOPIC, ["other partition"], partition=1)
        kafka.commit(east, GROUP, TOPIC, CROSSED + 2)
        # A batch of recovered records has to fit, which librdkafka's default of a megabyte does not.
        kafka.configure(west, TOPIC, "max.message.bytes", "8000")
        # Keys k0 to k4 are written anew.
        kafka.produce(west, TOPIC, [f"new {number}" for number in range(CONFLICTING)])
        yield stack
    kafka.delete_topic(east, TOPIC)
    kafka.delete_topic(west, f"{TOPIC}.recovered")
    regions.remove_user("east", USER)


def aborted(config: dict[str, Any]) -> None:
    producer = Producer({**config, "transactional.id": "recovery-aborted"})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(TOPIC, b"aborted", b"a", 0)
    producer.flush(30)
    producer.abort_transaction(30)


def argv(stack: Stack, *arguments: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "mirror",
        "recover",
        *arguments,
        "--config-file",
        str(stack.file),
        "-o",
        "json",
    ]


def recover(stack: Stack, *arguments: str) -> Ran:
    return run(argv(stack, *arguments), cwd=stack.project, env=stack.environment)


def test_exactly_the_records_that_never_crossed_are_listed(promoted: Stack) -> None:
    ran = recover(promoted)
    assert ran.code == 1, ran.output
    found = json.loads(ran.stdout)
    assert (found["missing"], found["conflicts"], found["gone"], found["undecided"]) == (
        LATER + 1,
        CONFLICTING,
        0,
        0,
    )
    first, second = found["partitions"]
    offsets = [(one["first"], one["records"]) for one in first["ranges"]]
    # One offset is the aborted record's, the next one its marker's.
    assert offsets == [(CROSSED + 2, LATER)]
    assert [(one["first"], one["records"]) for one in second["ranges"]] == [(0, 1)]
    assert {one["target_offset"] for one in first["first_conflicts"]} <= set(range(CROSSED, CROSSED + 20))
    assert found["source_fenced"], "no KafkaUser may write to it"


def test_killed_amid_the_writing_and_run_again_it_writes_each_record_once(
    promoted: Stack, regions: Regions
) -> None:
    with subprocess.Popen(
        argv(promoted, "--write", "--to", "topic", "--yes"),
        cwd=promoted.project,
        env=dict(promoted.environment),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "records recovered" in line:
                break
        os.kill(process.pid, signal.SIGKILL)
    west = regions.kafka("west")
    recovered = len(kafka.read(west, TOPIC)) - CROSSED - CONFLICTING
    assert 0 < recovered < LATER, "killed too late"
    ran = recover(promoted, "--write", "--to", "topic", "--yes").ok()
    found = json.loads(ran.stdout)
    assert (found["left"], found["passed"]) == (0, True)
    values = [record.value for record in kafka.read(west, TOPIC)]
    late = [f"late {number}".encode() for number in range(LATER)]
    assert values[CROSSED + CONFLICTING :] == late[CONFLICTING:]
    held = [record.value for record in kafka.read(west, f"{TOPIC}.recovered")]
    assert held == late[:CONFLICTING]
    assert [one.value for one in kafka.read(west, TOPIC, partition=1)] == [b"other partition"]
    again = json.loads(recover(promoted, "--write", "--to", "topic", "--yes").ok().stdout)
    assert (again["missing"], again["written"], again["recovered_before"]) == (0, [], LATER + 1)


def test_only_what_is_new_since_the_promotion_goes_back(promoted: Stack, regions: Regions) -> None:
    """Among it what `recover --to topic` wrote, which east has already: refused unless that is accepted."""
    east, west = regions.kafka("east"), regions.kafka("west")
    refused = reverse(promoted)
    assert refused.code == 1, refused.output
    assert f"{LATER - CONFLICTING + 1:,} records that `recover --to topic` wrote" in refused.output
    before = len(kafka.read(east, TOPIC))
    text = reverse(promoted, "--accept-doubled").ok().stdout
    [start] = re.findall(r"offsets (\d+),", text)
    there = kafka.read(west, TOPIC)
    # Markers of MM2's transactions lie between the last mirrored record and the first one of a client.
    assert there[CROSSED - 1].offset < int(start) <= there[CROSSED].offset
    back = Stack.create(
        regions.lab.root / "recovery-back", regions.lab.root, "recovery-back", regions.pulumi_environment()
    )
    back.file.write_text(text)
    (settings,) = back.settings()
    regions.make_user("west", USER, "tls", source_user_acls(settings))
    try:
        back.up().ok()
        kafka.produce(west, TOPIC, ["last"])
        wanted = [record.value for record in kafka.read(west, TOPIC)][CROSSED:]
        until(
            "the last record",
            lambda: len(kafka.read(east, TOPIC)) >= before + len(wanted),
            seconds=60,
            every=2,
        )
        assert [record.value for record in kafka.read(east, TOPIC)][before:] == wanted
    finally:
        back.destroy().ok()
        _forget(regions, back)
        regions.remove_user("west", USER)


def test_a_copy_that_was_created_again_is_compared_as_a_whole(promoted: Stack, regions: Regions) -> None:
    """Its log has grown past its end at the promotion: only the record at MM2's position tells."""
    west = regions.kafka("west")
    kafka.delete_topic(west, TOPIC)
    until("the end of the copy", lambda: TOPIC not in kafka.topics(west), seconds=30)
    kafka.create_topic(west, TOPIC, 2)
    kafka.produce(west, TOPIC, [f"again {number}" for number in range(3 * CROSSED)])
    found = json.loads(recover(promoted).stdout)
    first = next(one for one in found["partitions"] if one["partition"] == 0)
    assert (
        f"the record at offset {CROSSED - 1}, up to which MM2 has mirrored, is not in the copy"
        in first["anew"]
    )
    assert first["crossed"] == 0


def test_nothing_is_recovered_while_a_connector_is_declared_to_run_again(promoted: Stack) -> None:
    """As GitOps does that applies a manifest of the days before; the annotation of the phase remains."""
    (settings,) = promoted.settings()
    with opened(settings, promoted.project) as world:
        alias, running = settings.source.alias, {CHECKPOINT_CONNECTOR: "running"}
        change(world.target_kubernetes, world.resource, [lambda now: states_patch(now, alias, running, {})])
        for refused in (recover(promoted), recover(promoted, "--write", "--yes"), reverse(promoted)):
            assert refused.code == 2, refused.output
            assert "is declared to run" in refused.output
        Promote().do(world, ConfigMapJournal(world.target_kubernetes, settings))
        until("the stop", lambda: recover(promoted).code != 2, seconds=90)


def reverse(stack: Stack, *arguments: str) -> Ran:
    argv = [sys.executable, "-m", "mirror", "reverse", *arguments, "--config-file", str(stack.file)]
    return run(argv, cwd=stack.project, env=stack.environment)


def _forget(regions: Regions, stack: Stack) -> None:
    """Delete the topics of Connect and MM2 that the way back had in east."""
    (settings,) = stack.settings()
    east = regions.kafka("east")
    for topic in set(internal_topics(settings)) & kafka.topics(east):
        kafka.delete_topic(east, topic)
