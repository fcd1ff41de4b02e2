"""The mirror cannot harm production: its source user holds no write right, and needs none."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, KafkaException

from lab.region.clients import scram_client_config
from tests.lab.support import kafka
from tests.lab.support.lab import KafkaUser, Regions
from tests.lab.support.stack import Stack

READING = {"Read", "Describe", "DescribeConfigs"}


def test_the_source_user_is_granted_nothing_but_reading(proven: Stack, regions: Regions) -> None:
    user = regions.kubernetes("east").get(KafkaUser, "mirror-source", namespace="kafka")
    granted = {op for acl in user.spec["authorization"]["acls"] for op in acl["operations"]}
    assert granted <= READING


def test_a_write_with_the_source_users_password_is_refused(proven: Stack, regions: Regions) -> None:
    with pytest.raises(KafkaException) as refusal:
        kafka.produce(scram_client_config(regions.lab, "east", "mirror-source"), "orders", ["no"])
    assert refusal.value.args[0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED


def test_the_mirror_has_made_no_topic_on_the_source(proven: Stack, regions: Regions) -> None:
    made = {name for name in kafka.topics(regions.kafka("east")) if "mm2" in name or "checkpoints" in name}
    assert made == set()
