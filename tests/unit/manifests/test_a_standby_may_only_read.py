"""Until the promotion, a copied user may only read mirrored topics; everything else it keeps."""

from __future__ import annotations

from typing import Any

import pytest

from manifests.strimzi.kafka_user import copied_user
from mirror.estate.kafka_user_acls import allowed, rules_of
from settings.model import Settings
from tests.unit.settings.sample import settings


def acl(name: str, *operations: str, kind: str = "topic", prefix: bool = False) -> dict[str, Any]:
    resource = {"type": kind, "name": name, "patternType": "prefix" if prefix else "literal"}
    return {"resource": resource, "operations": list(operations)}


def copied(given: Settings, *acls: dict[str, Any]) -> list[dict[str, Any]]:
    spec = {"authorization": {"type": "simple", "acls": list(acls)}}
    found: list[dict[str, Any]] = copied_user(given, "ann", spec)["spec"]["authorization"]["acls"]
    return found


def denied(given: Settings, *acls: dict[str, Any]) -> list[str]:
    return [
        one["resource"]["name"] + ("*" if one["resource"]["patternType"] == "prefix" else "")
        for one in copied(given, *acls)
        if one.get("type") == "deny"
    ]


def test_it_may_read_and_describe_but_not_write() -> None:
    acls = copied(settings(), acl("orders", "Write", "Read"), acl("shop-", "Read", kind="group", prefix=True))
    assert acls[:2] == [acl("orders", "Write", "Read"), acl("shop-", "Read", kind="group", prefix=True)]
    assert acls[2:] == [
        {
            "type": "deny",
            "resource": {"type": "topic", "name": "orders", "patternType": "literal"},
            "operations": ["Write"],
            "host": "*",
        }
    ]
    rules = rules_of({"authorization": {"acls": acls}})
    assert allowed(rules, "topic", "orders") == {"Read", "Describe"}
    only_writes = copied(settings(), acl("orders", "Write"))
    assert allowed(rules_of({"authorization": {"acls": only_writes}}), "topic", "orders") == {"Describe"}


@pytest.mark.parametrize(
    ("topics", "writes", "expected"),
    [
        (["orders"], acl("orders", "All"), ["orders"]),
        (["orders"], acl("orders", "Read"), []),
        (["orders"], acl("invoices", "Write"), []),
        (["orders"], acl("ord", "Write", prefix=True), ["orders"]),
        (["orders", "ordinary"], acl("ord", "Write", prefix=True), ["orders", "ordinary"]),
        (["orders-.*"], acl("ord", "Write", prefix=True), ["orders-*"]),
        (["ord.*"], acl("orders-", "Write", prefix=True), ["orders-*"]),
        (["orders-.*"], acl("*", "Write"), ["orders-*"]),
        ([".*"], acl("*", "Write"), ["*"]),
        ([".*"], acl("orders", "Write"), ["orders"]),
        ([".*"], acl("mm2-status.x.internal", "Write"), []),
        (["orders-.*"], acl("orders-", "Write", kind="transactionalId", prefix=True), []),
    ],
)
def test_only_mirrored_topics_are_denied(
    topics: list[str], writes: dict[str, Any], expected: list[str]
) -> None:
    assert denied(settings(mirror__topics=topics), writes) == expected


def test_topics_that_the_mirror_leaves_out_stay_writable() -> None:
    given = settings(mirror__topics=["orders-.*"], mirror__topics_exclude=["orders-test.*"])
    assert denied(given, acl("orders-test-1", "Write"), acl("orders-1", "Write")) == ["orders-1"]


def test_a_rule_within_another_is_not_repeated() -> None:
    given = settings(mirror__topics=["orders-.*"])
    assert denied(given, acl("orders-1", "Write"), acl("orders-", "Write", prefix=True)) == ["orders-*"]


def test_renamed_topics_are_writable_unless_the_stack_file_refuses_it() -> None:
    renamed = {"mirror__replication_policy": "default"}
    assert denied(settings(**renamed), acl("orders", "Write")) == []
    refusing = settings(**renamed, users__standby_writes="refuse")
    assert denied(refusing, acl("orders", "Write")) == ["east.orders"]


def test_after_the_promotion_and_where_it_is_allowed_nothing_is_denied() -> None:
    for given in (
        settings(users__standby_writes="allow"),
        settings(mirror__phase="promoted"),
        settings(mirror__phase="retired", users__standby_writes="refuse"),
    ):
        assert denied(given, acl("orders", "Write")) == []
