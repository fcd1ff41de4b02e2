"""Drain, stop of the sync, exact groups, promotion: there and back on a real mirror; no `up` reverts it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from confluent_kafka import Producer

from mirror.cutover.connectors.change import MANAGER
from mirror.cutover.step import Step, Verdict, World
from mirror.cutover.steps.drain import Drain
from mirror.cutover.steps.move_groups import MoveGroups
from mirror.cutover.steps.promote import Promote
from mirror.cutover.steps.prove import Prove
from mirror.cutover.steps.stop_sync import StopSync
from mirror.verify.reading.look import Session
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until
from tests.unit.support.memory_journal import MemoryJournal

RECORDS, READ = 20, 7
OFFSET_END = -1
"""For a request to delete records: all of them."""


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    """A deployed mirror whose topic ends in aborted records, which MM2's position never passes."""

    def slow_sync(config: dict[str, Any]) -> None:
        config["mirror"]["sync_group_offsets_interval_seconds"] = 600

    with own_mirror(regions, "moving", slow_sync) as made:
        kafka.create_topic(regions.kafka("east"), made.topic())
        made.produce(*(f"v{number}" for number in range(RECORDS)))
        made.stack.up().ok()
        abort(regions.kafka("east"), made.topic())
        yield made


@pytest.fixture
def world(mirror: OwnMirror) -> Iterator[World]:
    """What the engine would open."""
    with ExitStack() as stack:
        (settings,) = mirror.stack.settings()
        yield World(settings, mirror.stack.project, Session(settings, mirror.stack.project, stack))


def abort(config: kafka.Config, topic: str) -> None:
    """Write records in a transaction that is aborted."""
    producer = Producer({**config, "transactional.id": f"{topic}-aborts"})
    producer.init_transactions(30)
    producer.begin_transaction()
    for number in range(3):
        producer.produce(topic, f"aborted {number}".encode(), partition=0)
    producer.flush(30)
    producer.abort_transaction(30)


def done(step: Step, world: World, journal: MemoryJournal) -> Verdict:
    """Walk one step as the engine does."""
    seen: list[Verdict] = []

    def is_done() -> bool:
        seen.append(step.look(world))
        assert seen[-1].state != "blocked", seen[-1]
        if seen[-1].state == "todo":
            step.do(world, journal)
        return seen[-1].state == "done"

    until(f"step {step.name}", is_done, seconds=120)
    return seen[-1]


def groups_on_source(mirror: OwnMirror) -> tuple[str, str]:
    """A group in the middle of the log, and one that has read everything before the aborted records."""
    east = mirror.regions.kafka("east")
    half, full = f"{mirror.name}-half", f"{mirror.name}-full"
    kafka.commit(east, half, mirror.topic(), READ)
    kafka.commit(east, full, mirror.topic(), RECORDS)
    return half, full


def test_rolled_back_the_mirror_runs_and_pulumi_owns_it_again(mirror: OwnMirror, world: World) -> None:
    half, full = groups_on_source(mirror)
    west, journal = mirror.regions.kafka("west"), MemoryJournal()
    drained = done(Drain(), world, journal)
    assert "every record of 1 partition" in drained.text
    done(StopSync(), world, journal)

    refused = mirror.stack.pulumi("preview", "--stack", mirror.name)
    assert refused.code != 0
    assert "a cutover is in progress" in refused.output

    before = {group: kafka.committed(west, group, mirror.copy()) for group in (half, full)}
    moved = done(MoveGroups(), world, journal)
    assert "2 groups on the target: 2 exact" in moved.text
    [first, *_] = kafka.read(west, mirror.copy(), start=kafka.committed(west, half, mirror.copy()))
    assert first.value == f"v{READ}".encode()
    assert kafka.read(west, mirror.copy(), start=kafka.committed(west, full, mirror.copy())) == []

    MoveGroups().undo(world, journal)
    for group, offset in before.items():
        if offset >= 0:
            assert kafka.committed(west, group, mirror.copy()) == offset
    StopSync().undo(world, journal)
    assert journal.content == {}
    managed = world.resource()["metadata"]["managedFields"]
    assert not any(one["manager"] == MANAGER and "f:spec" in one["fieldsV1"] for one in managed)

    def changed(config: dict[str, Any]) -> None:
        config["mirror"]["emit_checkpoints_interval_seconds"] = 7

    mirror.stack.configure(changed)
    mirror.stack.up().ok()


def test_promoted_it_stays_stopped_whatever_the_stack_file_says(mirror: OwnMirror, world: World) -> None:
    half, full = groups_on_source(mirror)
    west, journal = mirror.regions.kafka("west"), MemoryJournal()
    for before in (Drain(), StopSync(), MoveGroups()):
        done(before, world, journal)
    proof = done(Prove(), world, journal)
    assert proof.text.startswith("PROVEN: 12 checks pass")
    done(Promote(), world, journal)
    earlier: tuple[Step, ...] = (Drain(), StopSync(), MoveGroups(), Prove())
    for step in earlier:
        assert step.look(world).text.startswith("the mirror is promoted since ")

    refused = mirror.stack.pulumi("preview", "--stack", mirror.name)
    assert refused.code != 0
    assert "Set `mirror.phase: promoted` in the stack file" in refused.output

    def promoted(config: dict[str, Any]) -> None:
        config["mirror"]["phase"] = "promoted"

    mirror.stack.configure(promoted)
    generation = world.resource()["metadata"]["generation"]
    # Pulumi's state does not know of the cutover yet; the lines of the plan compare with the cluster.
    assert "No changes." in mirror.stack.pulumi("preview", "--stack", mirror.name).ok().output
    mirror.stack.up().ok()
    assert world.resource()["metadata"]["generation"] == generation
    mirror.stack.pulumi("preview", "--stack", mirror.name, "--expect-no-changes").ok()
    assert Promote().look(world).state == "done"

    kafka.commit(west, half, mirror.copy(), kafka.committed(west, full, mirror.copy()))
    mirror.produce("written to the source after the promotion")
    assert b"written to the source after the promotion" not in mirror.copied()


def test_retired_it_is_destroyed_with_its_internal_topics_and_without_the_data(mirror: OwnMirror) -> None:
    def retired(config: dict[str, Any]) -> None:
        config["mirror"]["phase"] = "retired"

    mirror.stack.configure(retired)
    mirror.stack.up().ok()
    kept = mirror.copied()
    refused = mirror.stack.destroy(override=False)
    assert refused.code != 0
    assert f"1 records of {mirror.alias} are not mirrored yet" in refused.output
    assert mirror.internal_topics()

    east = mirror.regions.kafka("east")
    kafka.delete_records(east, mirror.topic(), OFFSET_END)
    mirror.stack.destroy(override=False).ok()
    assert mirror.internal_topics() == set()
    assert mirror.copied() == kept
