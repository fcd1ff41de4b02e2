"""users.yaml: what each service needs, and nothing that could harm production."""

from __future__ import annotations

from typing import Any

import pytest

from lab.layout import NAMESPACE
from lab.workload.connection import SOURCE
from lab.workload.kafka_users import production_users
from lab.workload.roster import GROUPS, TOPIC_ADMIN, TOPICS

USERS = {user["metadata"]["name"]: user for user in production_users()}
READING = {"Describe", "DescribeConfigs", "Read"}


def may(user: str, operation: str, kind: str, name: str) -> bool:
    return any(
        acl["resource"]["type"] == kind
        and operation in acl["operations"]
        and (
            acl["resource"]["name"] in ("*", name)
            if acl["resource"].get("patternType", "literal") == "literal"
            else name.startswith(acl["resource"]["name"])
        )
        for acl in acls(user)
    )


def acls(user: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = USERS[user]["spec"]["authorization"]["acls"]
    return found


@pytest.mark.parametrize("name", USERS)
def test_every_user_is_one_the_user_operator_sees(name: str) -> None:
    assert USERS[name]["apiVersion"] == "kafka.strimzi.io/v1"
    assert USERS[name]["metadata"]["namespace"] == NAMESPACE
    assert USERS[name]["metadata"]["labels"]["strimzi.io/cluster"] == SOURCE


def test_the_mirrors_source_user_reads_everything_and_writes_nothing() -> None:
    assert {operation for acl in acls("mirror-source") for operation in acl["operations"]} == READING
    assert {
        (acl["resource"]["type"], acl["resource"]["name"], *sorted(acl["operations"]))
        for acl in acls("mirror-source")
    } == {("topic", "*", *sorted(READING)), ("group", "*", "Describe")}


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_topics_are_written_by_their_producer_alone_and_read_by_their_consumer(topic: Any) -> None:
    assert [name for name in USERS if may(name, "Write", "topic", topic.name)] == [topic.producer]
    assert may(topic.consumer, "Read", "topic", topic.name)
    assert may(topic.consumer, "Read", "group", topic.reader_group)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_groups_may_be_joined_by_their_user_alone(group: Any) -> None:
    assert [name for name in USERS if may(name, "Read", "group", group.name)] == [group.user]
    assert may(group.user, "Read", "topic", group.topic)


def test_transactions_need_their_own_right() -> None:
    for transactional_id in ("payments-history", "payments-service", "payments-by-hand"):
        assert may("payments-producer", "Write", "transactionalId", transactional_id)


def test_the_topic_admin_sees_no_record() -> None:
    operations = {operation for acl in acls(TOPIC_ADMIN) for operation in acl["operations"]}
    assert not operations & {"Read", "Write", "All"}


def test_there_is_a_user_with_quotas_and_one_with_a_certificate() -> None:
    assert any("quotas" in user["spec"] for user in USERS.values())
    assert {user["spec"]["authentication"]["type"] for user in USERS.values()} == {"scram-sha-512", "tls"}
