"""The command cutover on a real mirror under traffic: rehearsed, killed, rolled back, and then completed.

The producer numbers every record and notes which ones the source acknowledged: none of these may be lost.
"""

from __future__ import annotations

import json
import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from confluent_kafka import KafkaError, KafkaException, Producer

from lab.layout import NAMESPACE
from mirror.estate.fenced_user import annotation
from settings.acls import Acl
from tests.lab.support import drill_load, kafka
from tests.lab.support.command import Ran, run
from tests.lab.support.cutovers import cutover, started, up_to
from tests.lab.support.lab import KafkaUser, Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.stack import CHECKOUT
from tests.lab.support.wait import until

PARTITIONS = 3
READ = 7
"""Records of partition 0 that the group has read at the source."""


class Numbered:
    """A producer that goes on whatever it is told, and knows what was acknowledged, by partition."""

    def __init__(self, config: kafka.Config, topic: str) -> None:
        self.acknowledged: list[list[bytes]] = [[] for _ in range(PARTITIONS)]
        self.refused: list[int] = []
        self._topic = topic
        self._ends = threading.Event()
        self._producer = Producer({**config, "acks": "all", "linger.ms": 5})
        self._thread = threading.Thread(target=self._run, name="numbered", daemon=True)

    @property
    def count(self) -> int:
        return sum(map(len, self.acknowledged))

    def more(self) -> None:
        """Wait until further records are acknowledged."""
        enough = self.count + 20
        until("the source to accept records", lambda: self.count >= enough, seconds=90)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._ends.set()
        self._thread.join()
        assert self._producer.flush(60) == 0

    def _run(self) -> None:
        number = 0
        while not self._ends.wait(0.02):
            partition = number % PARTITIONS
            value = f"{number}".encode()
            try:
                self._producer.produce(self._topic, value, partition=partition, on_delivery=self._told)
            except KafkaException as error:  # librdkafka knows of the refusal already
                self.refused.append(error.args[0].code())
            self._producer.poll(0)
            number += 1

    def _told(self, error: KafkaError | None, message: Any) -> None:
        if error is None:
            self.acknowledged[message.partition()].append(message.value())
        else:
            self.refused.append(error.code())


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    with own_mirror(regions, "cutover") as made:
        kafka.create_topic(regions.kafka("east"), made.topic(), PARTITIONS)
        made.produce(*(f"old {number}" for number in range(20)))
        kafka.commit(regions.kafka("east"), group(made), made.topic(), READ)
        drill_load.topics(made)
        made.stack.up().ok()
        try:
            yield made
        finally:
            kafka.delete_group(regions.kafka("east"), group(made))
            kafka.delete_group(regions.kafka("west"), group(made))


@pytest.fixture(scope="module")
def traffic(regions: Regions, mirror: OwnMirror) -> Iterator[Numbered]:
    """A KafkaUser's producer: the fence stops no super user."""
    name = writer(mirror)
    rules = [Acl("topic", mirror.topic(), "literal", ("Describe", "Write"))]
    regions.make_user("east", name, "scram-sha-512", rules)
    made = Numbered(regions.scram("east", name), mirror.topic())
    made.start()
    try:
        made.more()
        yield made
    finally:
        made.end()
        regions.remove_user("east", name)


def group(mirror: OwnMirror) -> str:
    return f"{mirror.name}-readers"


def writer(mirror: OwnMirror) -> str:
    return f"{mirror.name}-writer"


def drill(mirror: OwnMirror) -> Ran:
    """The same command under a load that numbers its records, as `region-mirror drill cutover` runs it."""
    with drill_load.production(mirror) as production:
        load = shlex.join([sys.executable, "-m", "lab.drill", "--production", str(production)])
        command = [sys.executable, "-m", "mirror", "drill", "cutover", "--yes", "--load", load, "-o", "json"]
        command += ["--config-file", str(mirror.stack.file), "--html", "drill.html"]
        environment = {**mirror.stack.environment, "PYTHONPATH": str(CHECKOUT)}
        return run(command, cwd=mirror.stack.project, env=environment)


def user_of(regions: Regions, mirror: OwnMirror) -> Any:
    return regions.kubernetes("east").get(KafkaUser, writer(mirror), namespace=NAMESPACE)


def events(ran: Ran) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_a_dry_run_changes_nothing(mirror: OwnMirror, regions: Regions, traffic: Numbered) -> None:
    before = user_of(regions, mirror).metadata.resourceVersion
    found = json.loads(cutover(mirror, "--dry-run").ok().stdout)
    verdicts = {step["step"]: step["state"] for step in found["steps"]}
    assert (verdicts["preflight"], verdicts["fence"]) == ("done", "todo")
    assert user_of(regions, mirror).metadata.resourceVersion == before
    assert found["events"] == []
    traffic.more()


def test_killed_behind_the_fence_it_is_rolled_back_to_a_proven_mirror(
    mirror: OwnMirror, regions: Regions, traffic: Numbered
) -> None:
    before = user_of(regions, mirror).spec
    with started(mirror) as process:
        up_to(process, "done", "prove-fence")
        process.send_signal(signal.SIGKILL)
    assert annotation(mirror.name) in user_of(regions, mirror).metadata.annotations
    accepted = traffic.count
    until("a refused record", lambda: KafkaError.TOPIC_AUTHORIZATION_FAILED in traffic.refused, seconds=30)
    assert traffic.count == accepted
    rolled_back = cutover(mirror, "rollback", "--yes").ok()
    assert "is proven again" in rolled_back.stdout
    assert user_of(regions, mirror).spec == before
    assert annotation(mirror.name) not in (user_of(regions, mirror).metadata.annotations or {})
    traffic.more()


def test_a_target_that_is_lost_behind_the_fence_lets_producers_write_again(
    mirror: OwnMirror, regions: Regions, traffic: Numbered
) -> None:
    before = user_of(regions, mirror).spec
    with started(mirror) as process:
        up_to(process, "done", "prove-fence")
        process.send_signal(signal.SIGKILL)
    alive = cutover(mirror, "rollback", "--target-is-lost", "--yes")
    assert alive.code == 2, alive.output
    assert "answers, and has the mirror" in alive.output
    kubeconfig = yaml.safe_load(regions.lab.kubeconfig("west").read_text())
    for one in kubeconfig["clusters"]:
        one["cluster"]["server"] = "https://127.0.0.1:1"
    stack = mirror.stack.file.with_name("Pulumi.lost.yaml")
    (mirror.stack.project / "dead").write_text(yaml.safe_dump(kubeconfig))
    stack.write_text(mirror.stack.file.read_text().replace(".lab/west/kubeconfig", "dead"))

    def lost(*options: str) -> Ran:
        argv = [sys.executable, "-m", "mirror", "cutover", "rollback", "--yes", "--config-file", str(stack)]
        return run([*argv, *options], cwd=mirror.stack.project, env=mirror.stack.environment)

    unreached = lost()
    assert unreached.code == 2, unreached.output
    assert "--target-is-lost lets producers write again" in unreached.output
    lost("--target-is-lost").ok()
    assert user_of(regions, mirror).spec == before
    traffic.more()
    assert "is proven again" in cutover(mirror, "rollback", "--yes").ok().stdout


def test_it_moves_everything_exactly(mirror: OwnMirror, regions: Regions, traffic: Numbered) -> None:
    drilled = drill(mirror)
    report = json.loads(drilled.stdout)
    assert drilled.code == 0, report["problems"]
    assert report["steps"][-1]["step"] == "promote"
    traffic.end()
    west = regions.kafka("west")
    for partition, acknowledged in enumerate(traffic.acknowledged):
        there = mirror.copied(partition=partition)
        assert (
            there
            == ([f"old {number}".encode() for number in range(20)] if not partition else []) + acknowledged
        )
    offset = kafka.committed(west, group(mirror), mirror.copy())
    unread = kafka.read(west, mirror.copy(), start=offset)
    assert len(unread) == 20 - READ + len(traffic.acknowledged[0])
    assert unread[0].value == f"old {READ}".encode()

    # The load of the drill: both producers were accepted on both sides and refused in between.
    assert report["passed"]
    assert 0 < report["window_seconds"] < 120
    for stream in report["streams"]:
        assert stream["refused"] + stream["unknown"] > 0
        assert min(stream["accepted_at_source"], stream["accepted_at_target"]) > 0
        assert (stream["lost"], stream["doubled"]) == (0, 0)
    running, stopped = report["groups"]
    for one in (running, stopped):
        assert one["read_at_target"]
        assert (one["lost"], one["twice"]) == (0, 0)
    assert running["read_at_source"]
    assert not stopped["read_at_source"]
    page = (mirror.stack.project / "drill.html").read_text()
    assert "PASSED" in page
    assert "<svg" in page


def test_run_again_it_has_nothing_to_do_and_there_is_no_way_back(mirror: OwnMirror) -> None:
    again = cutover(mirror, "--yes").ok()
    assert "nothing to do" in again.stdout
    back = cutover(mirror, "rollback", "--yes")
    assert back.code == 1
    assert "would lose these records" in back.stdout
