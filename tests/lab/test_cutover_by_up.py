"""A copied user may only read until the promotion, and `pulumi up` promotes if the stack file asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition
from lightkube.types import PatchType

from lab.layout import NAMESPACE
from manifests.metadata import PHASE
from mirror.cutover.fence.kafka_user import PAUSE
from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.lab import KafkaUser, Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until

USER = "by-up-app"


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    def copying(config: dict[str, Any]) -> None:
        config["users"] |= {"copy": [USER], "standby_writes": "refuse"}
        config["cutover"] = {"by_up": True}

    with own_mirror(regions, "by-up", copying) as made:
        kafka.create_topic(regions.kafka("east"), made.topic())
        made.produce("a", "b", "c")
        kafka.commit(regions.kafka("east"), group(made), made.topic(), 1)
        rules = [
            Acl("topic", made.topic(), "literal", ("Read", "Write")),
            Acl("group", group(made), "literal", ("Read",)),
        ]
        regions.make_user("east", USER, "scram-sha-512", rules)
        try:
            made.stack.up().ok()  # the check users-work passes for a standby
            yield made
        finally:
            regions.remove_user("east", USER)
            kafka.delete_group(regions.kafka("east"), group(made))
            kafka.delete_group(regions.kafka("west"), group(made))


def group(mirror: OwnMirror) -> str:
    return f"{mirror.name}-readers"


def login(regions: Regions, region: str) -> dict[str, Any]:
    """The user's login."""
    config = {key: value for key, value in regions.kafka(region).items() if key.startswith("ssl.ca")}
    return config | {
        "bootstrap.servers": regions.listener(region, "scram"),
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": USER,
        "sasl.password": regions.password(region, USER),
    }


def written(regions: Regions, region: str, topic: str) -> int | None:
    """The error code with which a record of the user is refused; None where it is accepted."""
    codes: list[int | None] = []

    def told(error: KafkaError | None, _: Message) -> None:
        codes.append(None if error is None else error.code())

    producer = Producer({**login(regions, region), "message.timeout.ms": 20_000})
    producer.produce(topic, b"by the user", on_delivery=told)
    assert producer.flush(30) == 0
    return codes[0]


def first_read(regions: Regions, mirror: OwnMirror) -> bytes | None:
    """The first record that the user reads on the target, with its own group."""
    consumer = Consumer({**login(regions, "west"), "group.id": group(mirror), "enable.auto.commit": False})
    try:
        consumer.assign([TopicPartition(mirror.copy(), 0, 0)])
        record = consumer.poll(30)
        assert record is not None
        assert record.error() is None
        return record.value()
    finally:
        consumer.close()


def change(mirror: OwnMirror, **settings: str) -> None:
    mirror.stack.configure(lambda config: config["mirror"].update(settings))


def test_a_standby_may_be_read_and_not_written(mirror: OwnMirror, regions: Regions) -> None:
    assert written(regions, "west", mirror.copy()) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert first_read(regions, mirror) == b"a"
    assert mirror.copied() == [b"a", b"b", b"c"]


def test_a_fence_that_needs_a_person_refuses_the_up_and_nothing_is_changed(
    mirror: OwnMirror, regions: Regions
) -> None:
    east = regions.kubernetes("east")

    def pause(value: str | None) -> None:
        body = {"metadata": {"annotations": {PAUSE: value}}}
        east.patch(KafkaUser, USER, body, namespace=NAMESPACE, patch_type=PatchType.MERGE)

    change(mirror, phase="promoted")
    pause("true")
    try:
        refused = mirror.stack.up()
    finally:
        pause(None)
    assert refused.code != 0
    assert f"would stop at step fence: 1 user cannot be fenced: {USER}" in refused.output
    assert "Traceback" not in refused.output
    assert PHASE not in regions.mirror_resource(mirror.name).metadata.annotations


def test_an_up_moves_everything_and_the_next_preview_has_no_change(
    mirror: OwnMirror, regions: Regions
) -> None:
    change(mirror, phase="promoted")
    told = mirror.stack.preview().ok().output
    assert "`pulumi up` runs the cutover to west before it changes anything else" in told
    assert "cutover now: fence: todo: 1 KafkaUser may write to mirrored topics" in told
    moved = mirror.stack.up().ok().output
    assert "cutover: promote: the mirror is promoted: both connectors are stopped for good" in moved
    assert written(regions, "east", mirror.topic()) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert written(regions, "west", mirror.copy()) is None
    assert mirror.copied() == [b"a", b"b", b"c", b"by the user"]
    assert kafka.committed(regions.kafka("west"), group(mirror), mirror.copy()) == 1
    mirror.stack.preview("--expect-no-changes").ok()


def test_a_region_that_is_built_anew_changes_no_user_of_the_target(
    mirror: OwnMirror, regions: Regions
) -> None:
    """Its User Operator makes another password; production has moved, and every `pulumi up` copied it."""
    password = regions.password("west", USER)
    rules = [Acl("topic", mirror.topic(), "literal", ("Read",))]

    def gone() -> None:
        regions.remove_user("east", USER)
        until("no login in the old region", lambda: not regions.password("east", USER), seconds=60)

    gone()
    regions.make_user("east", USER, "scram-sha-512", rules)
    assert regions.password("east", USER) != password
    told = mirror.stack.up().ok().output
    assert f"are not those of their copies any more: {USER}. Mirror {mirror.name} is promoted" in told
    assert regions.password("west", USER) == password
    assert written(regions, "west", mirror.copy()) is None
    gone()
    try:
        told = mirror.stack.up().ok().output
        assert "copied users are declared as they are deployed" in told
        assert written(regions, "west", mirror.copy()) is None
    finally:
        regions.make_user("east", USER, "scram-sha-512", rules)


def test_no_stack_file_takes_the_promotion_back(mirror: OwnMirror, regions: Regions) -> None:
    change(mirror, phase="replicate")
    refused = mirror.stack.preview()
    assert refused.code != 0
    assert "Set `mirror.phase: promoted` in the stack file" in refused.output
    assert written(regions, "west", mirror.copy()) is None
