"""Everybody whom no ACL keeps from writing is named before anything is done."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.clients.acls import Acl
from mirror.cutover.fence import unfenceable
from mirror.cutover.fence.unfenceable import Unfenceable, blocked_by, by_broker_settings, may_write
from tests.unit.cutover.fence.test_kafka_users import acl, user

TOPICS = ["orders", "payments"]


def kafka(**spec: Any) -> dict[str, Any]:
    return {"spec": {"kafka": {"authorization": {"type": "simple"}, **spec}}}


def allow(principal: str, topic: str, operation: str = "WRITE", **more: str) -> Acl:
    return Acl("TOPIC", topic, more.get("pattern", "LITERAL"), principal, "*", operation, "ALLOW")


def test_nobody() -> None:
    assert unfenceable.at_strimzi(kafka(), [user(acl("orders", "Write"))], TOPICS) == []
    assert blocked_by([], frozenset()) is None


def test_super_users_everybody_and_paused_users() -> None:
    paused = user(acl("orders", "Write"), **{"strimzi.io/pause-reconciliation": "true"})
    reader = user(acl("orders", "Read"), name="bob", **{"strimzi.io/pause-reconciliation": "true"})
    resource = kafka(
        authorization={"type": "simple", "superUsers": ["CN=admin", "User:root"]},
        config={"allow.everyone.if.no.acl.found": True},
    )
    found = unfenceable.at_strimzi(resource, [paused, reader], TOPICS)
    assert [one.user for one in found] == ["CN=admin", "root", "*", "ann"]


def test_each_has_to_be_accepted_by_name() -> None:
    found = [Unfenceable("CN=admin", "a super user"), Unfenceable("*", "open")]
    verdict = blocked_by(found, {"CN=admin"})
    assert verdict is not None
    assert verdict.state == "blocked"
    assert verdict.text == "1 user cannot be fenced: *: open"
    assert "--accept-unfenced '*'" in verdict.remedy
    assert blocked_by(found, {"CN=admin", "*"}) is None


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        (None, "everybody may write"),
        ({"type": "opa"}, "its authorization is opa, which takes no ACLs"),
        ({"type": "keycloak"}, "its authorization is keycloak"),
        ({"type": "keycloak", "delegateToKafkaAcls": True}, ""),
        ({"type": "custom", "supportsAdminApi": True}, ""),
        ({"type": "simple"}, ""),
    ],
)
def test_clusters_on_which_acls_do_not_count(authorization: Any, reason: str) -> None:
    told = unfenceable.without_authorization({"spec": {"kafka": {"authorization": authorization}}})
    assert reason in told
    assert bool(told) == bool(reason)


def test_principals_that_write_by_acls_without_a_kafka_user() -> None:
    acls = [
        allow("User:ann", "orders"),
        allow("User:stray", "orders"),
        allow("User:reader", "orders", "READ"),
    ]
    found = unfenceable.without_kafka_user(acls, {"User:ann"}, TOPICS)
    assert [one.user for one in found] == ["stray"]


def test_who_may_write_by_kafkas_acls() -> None:
    acls = [allow("User:ann", "pay", pattern="PREFIXED"), allow("User:*", "orders")]
    assert may_write(acls, "User:ann", TOPICS) == ["orders", "payments"]
    deny = Acl("TOPIC", "orders", "LITERAL", "User:*", "*", "WRITE", "DENY")
    assert may_write([*acls, deny], "User:ann", TOPICS) == ["payments"]
    elsewhere = deny._replace(host="10.0.0.1")
    assert may_write([*acls, elsewhere], "User:ann", TOPICS) == ["orders", "payments"]


def test_the_settings_of_brokers_that_hide_names() -> None:
    assert by_broker_settings({}) == []
    [hidden] = by_broker_settings({"super.users": None})
    assert hidden.user == "super.users"
    assert [one.user for one in by_broker_settings({"super.users": "User:a;User:CN=b"})] == ["a", "CN=b"]
    everyone = "allow.everyone.if.no.acl.found"
    assert by_broker_settings({everyone: "false"}) == []
    assert [one.user for one in by_broker_settings({everyone: None})] == ["*"]
