"""A cutover that is killed after each step, and trouble around it: each is named, and undone or survived."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from lab.processes import find
from settings.acls import Acl
from tests.lab.support import admin_login, kafka
from tests.lab.support.cutovers import cutover, started, up_to
from tests.lab.support.lab import NAMESPACE, KafkaUser, Regions
from tests.lab.support.own_mirror import OwnMirror, in_use, own_mirror
from tests.lab.support.wait import until

OLD, READ = 20, 7
"""Records before everything, and those that the group has read."""
BEFORE_PROMOTION = ("fence", "prove-fence", "drain", "stop-sync", "move-groups", "prove")


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    """A deployed mirror with one topic, a group that has stopped, and a user that writes."""

    def quick(config: dict[str, Any]) -> None:
        config["mirror"]["sync_group_offsets_interval_seconds"] = 2
        config["mirror"]["emit_checkpoints_interval_seconds"] = 2
        config["verification"]["deadline_seconds"] = 900

    with own_mirror(regions, "trouble", quick) as made, ExitStack() as undo:
        for region in ("east", "west"):
            undo.callback(kafka.delete_group, regions.kafka(region), made.readers)
        with in_use(made, OLD, READ, Acl("transactionalId", made.writer, "literal", ("Describe", "Write"))):
            yield made


def refusal(mirror: OwnMirror) -> int | None:
    """What the source answers to a record of the writer: an error code, or None where it takes the record."""
    told: list[KafkaError | None] = []
    producer = Producer({**mirror.regions.scram("east", mirror.writer), "message.timeout.ms": 20_000})
    try:
        producer.produce(mirror.topic(), b"asks", on_delivery=lambda error, _: told.append(error))
    except KafkaException as error:  # librdkafka knows of the refusal already
        return int(error.args[0].code())
    assert producer.flush(60) == 0
    (answer,) = told  # a KafkaError must not be compared with None: that leaves a TypeError pending
    return answer.code() if answer else None


def roll_back(mirror: OwnMirror) -> None:
    ran = cutover(mirror, "rollback", "--yes").ok()
    assert "is proven again" in ran.stdout


def acls(mirror: OwnMirror) -> Any:
    return mirror.regions.kubernetes("east").get(KafkaUser, mirror.writer, namespace=NAMESPACE).spec


@pytest.mark.parametrize("step", BEFORE_PROMOTION)
def test_killed_after_any_step_it_is_rolled_back_as_if_nothing_had_been(mirror: OwnMirror, step: str) -> None:
    before = acls(mirror)
    assert refusal(mirror) is None
    with started(mirror) as process:
        up_to(process, "done", step)
        process.send_signal(signal.SIGKILL)
    assert acls(mirror) != before
    assert refusal(mirror) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    roll_back(mirror)
    assert acls(mirror) == before
    assert refusal(mirror) is None
    east = mirror.regions.kafka("east")
    assert kafka.committed(east, mirror.readers, mirror.topic()) == READ


def test_an_open_transaction_is_waited_for_and_its_holder_named(mirror: OwnMirror, tmp_path: Path) -> None:
    producer = Producer({**mirror.regions.scram("east", mirror.writer), "transactional.id": mirror.writer})
    producer.init_transactions(60)
    producer.begin_transaction()
    producer.produce(mirror.topic(), b"in a transaction")
    assert producer.flush(60) == 0
    admin = ("--source-admin-config", admin_login.written(mirror.regions.kafka("east"), tmp_path))
    with started(mirror, "--until", "prove-fence", *admin) as process:
        seen = up_to(process, "looked", "prove-fence")
        while "held by" not in seen["text"]:
            seen = up_to(process, "looked", "prove-fence")
        assert f"{mirror.topic()}-0, held by {mirror.writer} (producer id " in seen["text"]
        assert f"--abort-transaction {mirror.writer}" in seen["verdict"]["remedy"]
        producer.commit_transaction(60)  # the fence takes Write on topics, and leaves transactions their end
        up_to(process, "done", "prove-fence")
    roll_back(mirror)


def test_a_group_that_does_not_leave_is_named_and_may_be_left_out(mirror: OwnMirror) -> None:
    east = mirror.regions.kafka("east")
    consumer = Consumer({**east, "group.id": mirror.readers, "enable.auto.commit": False})
    try:
        consumer.subscribe([mirror.topic()])
        until("the group to read", lambda: consumer.poll(1.0) is not None, seconds=60)
        with started(mirror) as process:
            seen = up_to(process, "looked", "move-groups")
            assert mirror.readers in seen["text"]
            assert "member" in seen["text"]
            consumer.poll(0)
        roll_back(mirror)
        consumer.poll(0)
        cutover(mirror, "--yes", "--until", "prove", "--leave-out-group", mirror.readers).ok()
        roll_back(mirror)
    finally:
        consumer.close()


def test_a_second_operator_is_refused(mirror: OwnMirror) -> None:
    with started(mirror, "--until", "prove-fence") as process:
        up_to(process, "acting", "fence")
        second = cutover(mirror, "--yes")
        assert second.code == 2
        assert f"/{process.pid} runs a cutover" in second.stderr
        up_to(process, "done", "prove-fence")
    roll_back(mirror)


def test_a_worker_dies_and_the_api_server_is_away_and_it_still_moves_exactly(mirror: OwnMirror) -> None:
    regions = mirror.regions
    api = found(regions, "west-kube-apiserver")
    with started(mirror) as process:
        up_to(process, "done", "prove-fence")
        found(regions, f"west-{NAMESPACE}-{mirror.name}-mirrormaker2-0").kill()
        api.suspend()
        try:
            time.sleep(30)
        finally:
            api.resume()
        assert process.stdout is not None
        last = [json.loads(line) for line in process.stdout][-1]
        process.wait(60)
    if last["event"] != "ended":  # late: the worker's tasks were away for longer than a step's patience
        assert last["event"] == "stopped"
        assert last["remedy"]
    until("the promotion", lambda: cutover(mirror, "--yes").code == 0, seconds=240, every=5)
    west = regions.kafka("west")
    values = mirror.copied()
    assert values[:OLD] == [f"old {number}".encode() for number in range(OLD)]
    assert values == [one.value for one in kafka.read(regions.kafka("east"), mirror.topic())]
    offset = kafka.committed(west, mirror.readers, mirror.copy())
    assert kafka.read(west, mirror.copy(), start=offset)[0].value == f"old {READ}".encode()


def found(regions: Regions, name: str) -> psutil.Process:
    process = find(regions.lab, name)
    assert process is not None, f"{name} does not run"
    assert os.getpid() != process.pid
    return process
