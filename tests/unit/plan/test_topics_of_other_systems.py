"""`.*` takes along the state of other systems: a plan says what a copy of it does on the target."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.plan.other_systems import connect_topics, other_system_notes
from mirror.plan.planned import SourceLook
from tests.unit.plan.made_up import plan
from tests.unit.settings.sample import settings

CONNECT = ("connect-cluster-configs", "connect-cluster-offsets", "connect-cluster-status")
OTHERS = ("_schemas", "strimzi.cruisecontrol.metrics", "_confluent-metrics")
LOOK = SourceLook(dict.fromkeys(("orders", *CONNECT, *OTHERS), (1, 0)), ("billing",))
IDENTITY = {"mirror__replication_policy": "identity"}


def notes(connects: dict[str, tuple[str, ...]] | None = None, **changes: Any) -> list[str]:
    given = settings(**{"mirror__topics": [".*"], **IDENTITY, **changes})
    return list(other_system_notes(given, LOOK, connects or {}))


def test_each_system_is_named_with_the_effect_and_the_exclude() -> None:
    connect, registry, cruise, confluent = notes()
    assert connect.startswith(
        "Topics of Kafka Connect would be mirrored under their own names: connect-cluster-configs, c"
    )
    assert "starts the source's connectors" in connect
    assert registry.startswith(
        "Topics of a schema registry would be mirrored under their own names: _schemas."
    )
    assert "the source's schema ids" in registry
    assert "strimzi.cruisecontrol.metrics" in cruise
    assert "_confluent-metrics" in confluent
    assert 'mirror.topics_exclude: ["_confluent.*"]' in confluent


def test_the_excludes_that_it_names_are_enough() -> None:
    excludes = [
        r".*connect.*[-_\.]configs?", r".*connect.*[-_\.]offsets?", r".*connect.*[-_\.]status.*",
        "_schemas.*", ".*apicurio.*", "kafkasql-.*",
        r"strimzi\.cruisecontrol\..*", ".*CruiseControl.*", "_confluent.*",
    ]  # fmt: skip
    said = " ".join(notes())
    assert all(f'"{one}"' in said for one in excludes)
    assert notes(mirror__topics_exclude=excludes) == []


def test_a_topic_that_is_listed_by_name_is_wanted() -> None:
    assert notes(mirror__topics=["orders", *CONNECT]) == []


@pytest.mark.parametrize("topics", [[".*"], ["orders", *CONNECT]])
def test_a_connect_cluster_of_the_target_that_would_read_them_is_named_in_any_case(topics: list[str]) -> None:
    first = notes({"etl": CONNECT, "other": ("a", "b", "c")}, mirror__topics=topics)[0]
    assert first.startswith(
        "KafkaConnect kafka/etl on west reads connect-cluster-configs, connect-cluster-offs"
    )
    assert "it would start the source's connectors" in first


def test_copies_with_a_prefix_are_read_by_nobody() -> None:
    assert notes({"etl": CONNECT}, mirror__replication_policy="default") == []


def test_topics_that_could_not_be_read_are_not_guessed() -> None:
    given = settings(mirror__topics=[".*"], **IDENTITY)
    assert list(other_system_notes(given, SourceLook(topics_unknown="no answer"), {"etl": CONNECT})) == []


@pytest.mark.parametrize("name", ["orders-connected", "reconnects", "schemas", "offsets", "interconnect-x"])
def test_an_applications_topic_is_nobody_elses(name: str) -> None:
    look = SourceLook({name: (1, 0)})
    assert list(other_system_notes(settings(mirror__topics=[".*"], **IDENTITY), look, {})) == []


def test_the_topics_of_both_api_versions_are_known() -> None:
    names = ("a-configs", "a-offsets", "a-status")
    fields = dict(zip(("configStorageTopic", "offsetStorageTopic", "statusStorageTopic"), names, strict=True))
    keys = dict(
        zip(("config.storage.topic", "offset.storage.topic", "status.storage.topic"), names, strict=True)
    )
    assert connect_topics({"spec": fields}) == connect_topics({"spec": {"config": keys}}) == names
    assert connect_topics({"spec": {}}) == CONNECT


def test_a_plan_says_it() -> None:
    found = plan(settings(mirror__topics=[".*"], **IDENTITY), look=LOOK)
    assert [one for one in found.notes if "_schemas" in one]
