"""Two topics with a group each: one is moved while both are written, and the other is mirrored on."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import yaml
from confluent_kafka import KafkaError, KafkaException, Producer

from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.command import run
from tests.lab.support.cutovers import cutover
from tests.lab.support.lab import NAMESPACE, KafkaUser, Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until

MOVES, STAYS = "moves", "stays"
OLD, READ = 20, 7
"""Records before the move, and those that each group has read."""


class Numbered:
    """A producer that goes on whatever it is told, and knows which of its records were acknowledged."""

    def __init__(self, config: kafka.Config, topic: str) -> None:
        self.acknowledged: list[bytes] = []
        self.refused = 0
        self._topic = topic
        self._ends = threading.Event()
        self._producer = Producer({**config, "acks": "all", "linger.ms": 5})
        self._thread = threading.Thread(target=self._run, name=topic, daemon=True)
        self._thread.start()

    def more(self) -> None:
        """Wait until further records are acknowledged."""
        enough = len(self.acknowledged) + 20
        until(f"records in {self._topic}", lambda: len(self.acknowledged) >= enough, seconds=90)

    def end(self) -> list[bytes]:
        self._ends.set()
        self._thread.join()
        assert self._producer.flush(60) == 0
        return self.acknowledged

    def _run(self) -> None:
        number = 0
        while not self._ends.wait(0.02):
            try:
                value = f"{number}".encode()
                self._producer.produce(self._topic, value, partition=0, on_delivery=self._told)
            except KafkaException:  # librdkafka knows of the refusal already
                self.refused += 1
            self._producer.poll(0)
            number += 1

    def _told(self, error: KafkaError | None, message: Any) -> None:
        if error is None:
            self.acknowledged.append(message.value())
        else:
            self.refused += 1


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    """A deployed mirror with two topics, and a copied user for each that may not write on the target yet."""

    def copies(config: dict[str, Any]) -> None:
        name = config["mirror"]["name"]
        config["users"].update({"copy": [f"{name}-{MOVES}", f"{name}-{STAYS}"], "standby_writes": "refuse"})
        config["mirror"]["sync_group_offsets_interval_seconds"] = 2
        config["mirror"]["emit_checkpoints_interval_seconds"] = 2
        config["verification"]["deadline_seconds"] = 900

    with own_mirror(regions, "parts", copies) as made, ExitStack() as undo:
        for topic in (MOVES, STAYS):
            kafka.create_topic(regions.kafka("east"), made.topic(topic))
            made.produce(*(f"old {number}" for number in range(OLD)), suffix=topic)
            kafka.commit(regions.kafka("east"), group(made, topic), made.topic(topic), READ)
            undo.callback(kafka.delete_group, regions.kafka("east"), group(made, topic))
            undo.callback(kafka.delete_group, regions.kafka("west"), group(made, topic))
            rules = [Acl("topic", made.topic(topic), "literal", ("Describe", "Write"))]
            regions.make_user("east", f"{made.name}-{topic}", "scram-sha-512", rules)
            undo.callback(regions.remove_user, "east", f"{made.name}-{topic}")
        made.stack.up().ok()
        yield made


def group(mirror: OwnMirror, topic: str) -> str:
    return f"{mirror.name}-{topic}-readers"


@contextmanager
def coupled(mirror: OwnMirror) -> Iterator[str]:
    """A group that reads both topics."""
    east, name = mirror.regions.kafka("east"), f"{mirror.name}-both"
    for topic in (MOVES, STAYS):
        kafka.commit(east, name, mirror.topic(topic), READ)
    try:
        yield name
    finally:
        kafka.delete_group(east, name)
        kafka.delete_group(mirror.regions.kafka("west"), name)


def writes(mirror: OwnMirror, topic: str) -> bool:
    """Whether the copied user of a topic may write to its copy on the target."""
    told: list[KafkaError | None] = []
    producer = Producer(
        {**mirror.regions.scram("west", f"{mirror.name}-{topic}"), "message.timeout.ms": 30_000}
    )
    try:
        producer.produce(mirror.copy(topic), b"on target", on_delivery=lambda error, _: told.append(error))
    except KafkaException:  # librdkafka knows of the refusal already
        return False
    assert producer.flush(90) == 0
    (answer,) = told  # a KafkaError must not be compared with None: that leaves a TypeError pending
    return answer is None


def declared(mirror: OwnMirror) -> list[Any]:
    """The generations, which change with each change of a `spec`, of the mirror and of its copied users."""
    west = mirror.regions.kubernetes("west")
    users = [west.get(KafkaUser, f"{mirror.name}-{one}", namespace=NAMESPACE) for one in (MOVES, STAYS)]
    return [one.metadata.generation for one in (mirror.regions.mirror_resource(mirror.name), *users)]


def test_a_group_that_reads_both_topics_keeps_them_together(mirror: OwnMirror) -> None:
    with coupled(mirror) as both:
        refused = cutover(mirror, "--topic", mirror.topic(MOVES), "--topic", "no-such-topic", "--yes")
    assert refused.code == 2
    assert f"group {both} reads topics on both sides: {mirror.topic(MOVES)} would move" in refused.stderr
    assert "topic no-such-topic is not mirrored" in refused.stderr


def test_one_topic_moves_under_load_and_the_other_goes_on(mirror: OwnMirror) -> None:
    west, moves, stays = mirror.regions.kafka("west"), mirror.topic(MOVES), mirror.topic(STAYS)
    assert not writes(mirror, MOVES)
    producers = {
        topic: Numbered(mirror.regions.scram("east", f"{mirror.name}-{topic}"), mirror.topic(topic))
        for topic in (MOVES, STAYS)
    }
    for producer in producers.values():
        producer.more()

    fenced = cutover(mirror, "--topic", moves, "--until", "prove-fence", "--yes").ok()
    assert '"step": "prove-fence"' in fenced.stdout
    whole = cutover(mirror, "--yes")
    assert whole.code == 2
    assert f"a cutover of topic {moves} and group {group(mirror, MOVES)} is in progress" in whole.stderr
    assert f"moves topic {moves}" in cutover(mirror, "status").ok().stdout
    cutover(mirror, "rollback", "--yes").ok()
    producers[MOVES].more()

    moved = cutover(mirror, "--topic", moves, "--yes", "--write-stack-file").ok()
    assert json.loads(moved.stdout.splitlines()[-1])["event"] == "ended"
    producers[STAYS].more()
    written = producers[MOVES].end()
    assert producers[MOVES].refused
    assert mirror.copied(MOVES) == [f"old {number}".encode() for number in range(OLD)] + written
    offset = kafka.committed(west, group(mirror, MOVES), mirror.copy(MOVES))
    assert kafka.read(west, mirror.copy(MOVES), start=offset)[0].value == f"old {READ}".encode()
    assert writes(mirror, MOVES)
    assert not writes(mirror, STAYS)

    # The other topic is mirrored and its group translated; the moved group is not set back.
    all_of_it = producers[STAYS].end()
    # The end: MM2 translates an offset in the middle of a log to an earlier one.
    end = OLD + len(all_of_it)
    kafka.commit(mirror.regions.kafka("east"), group(mirror, STAYS), stays, end)
    ahead = offset + 3
    kafka.commit(west, group(mirror, MOVES), mirror.copy(MOVES), ahead)
    until(
        "the other topic to be mirrored",
        lambda: len(mirror.copied(STAYS)) == end,
        seconds=60,
    )
    assert mirror.copied(STAYS)[OLD:] == all_of_it
    until(
        "the other group to be translated",
        lambda: kafka.committed(west, group(mirror, STAYS), mirror.copy(STAYS)) >= end,
        seconds=60,
    )
    assert kafka.committed(west, group(mirror, MOVES), mirror.copy(MOVES)) == ahead


def test_the_stack_file_names_the_part_and_changes_nothing_in_the_clusters(mirror: OwnMirror) -> None:
    document = yaml.safe_load(mirror.stack.file.read_text())
    assert document["config"]["region-mirror:mirror"]["moved"] == {
        "topics": [mirror.topic(MOVES)],
        "groups": [group(mirror, MOVES)],
    }
    before = declared(mirror)
    planned = run(
        [sys.executable, "-m", "mirror", "plan", "--config-file", str(mirror.stack.file)],
        cwd=mirror.stack.project,
        env=mirror.stack.environment,
    )
    assert "No changes" in planned.ok().stdout
    mirror.stack.up().ok()
    assert declared(mirror) == before
    assert mirror.stack.failed_checks() == set()
    again = cutover(mirror, "--topic", mirror.topic(MOVES), "--yes").ok()
    assert "nothing to do" in again.stdout
    back = cutover(mirror, "rollback", "--yes")
    assert back.code == 1
    assert "a rollback would lose these records" in back.stdout


def test_a_record_that_a_super_user_writes_to_the_sources_copy_is_found(mirror: OwnMirror) -> None:
    assert mirror.stack.failed_checks() == set()
    mirror.produce("late", "later", suffix=MOVES)
    assert mirror.stack.failed_checks() == {"moved-topics-unwritten"}
    report = mirror.stack.verify().output
    assert "2 records written to the source after the topic moved" in " ".join(report.split())


def test_a_stack_file_that_takes_the_topic_back_is_refused(mirror: OwnMirror) -> None:
    mirror.stack.configure(lambda config: config["mirror"].pop("moved"))
    refused = mirror.stack.pulumi("preview", "--stack", mirror.name)
    assert refused.code != 0
    assert "would mirror them again" in " ".join(refused.output.split())
