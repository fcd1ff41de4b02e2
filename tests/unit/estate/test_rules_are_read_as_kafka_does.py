"""What a KafkaUser's rules allow: literal names, prefixes, the wildcard, denials, and what implies what."""

from __future__ import annotations

from typing import Any

from mirror.estate.kafka_user_acls import allowed, asked, rules_of


def spec(*acls: dict[str, Any]) -> dict[str, Any]:
    return {"authorization": {"type": "simple", "acls": list(acls)}}


def acl(kind: str, name: str, *operations: str, **more: Any) -> dict[str, Any]:
    pattern = more.pop("pattern", "literal")
    resource = {"type": kind, "name": name, "patternType": pattern}
    return {"resource": resource, "operations": list(operations), **more}


def test_reading_and_writing_imply_describing() -> None:
    rules = rules_of(spec(acl("topic", "orders", "Read"), acl("topic", "orders", "AlterConfigs")))
    assert allowed(rules, "topic", "orders") == {"Read", "Describe", "AlterConfigs", "DescribeConfigs"}
    assert allowed(rules, "topic", "orders-eu") == set()
    assert allowed(rules, "group", "orders") == set()


def test_prefixes_and_the_wildcard_count() -> None:
    rules = rules_of(spec(acl("topic", "orders", "Read", pattern="prefix"), acl("topic", "*", "Describe")))
    assert allowed(rules, "topic", "orders-eu") == {"Read", "Describe"}
    assert allowed(rules, "topic", "payments") == {"Describe"}


def test_a_denial_wins_whatever_allows() -> None:
    rules = rules_of(
        spec(acl("topic", "*", "All"), acl("topic", "secret", "Read", pattern="prefix", type="deny"))
    )
    assert "Read" not in allowed(rules, "topic", "secrets")
    assert "Write" in allowed(rules, "topic", "secrets")


def test_what_holds_for_one_host_is_not_expected_here() -> None:
    rules = rules_of(spec(acl("topic", "orders", "Read", host="10.0.0.1")))
    assert allowed(rules, "topic", "orders") == set()


def test_the_single_operation_of_old_is_understood() -> None:
    old = {"resource": {"type": "group", "name": "g"}, "operation": "Read"}
    assert allowed(rules_of(spec(old)), "group", "g") == {"Read", "Describe"}


def test_rules_for_the_cluster_have_no_name() -> None:
    rules = rules_of(spec({"resource": {"type": "cluster"}, "operations": ["IdempotentWrite"]}))
    assert allowed(rules, "cluster", "") == {"IdempotentWrite"}


def test_literal_names_are_asked_for_and_a_few_of_what_prefixes_mean() -> None:
    rules = rules_of(
        spec(
            acl("topic", "orders", "Read"),
            acl("topic", "log-", "Read", pattern="prefix"),
            acl("topic", "secret", "Read", type="deny"),
        )
    )
    known = ["log-c", "log-b", "log-a", "secret", "other"]
    assert asked(rules, "topic", known) == ["orders", "log-a", "log-b"]
    assert asked(rules, "group", ["g"]) == []


def test_a_user_without_rules_may_do_nothing() -> None:
    assert rules_of({}) == []
    assert allowed([], "topic", "orders") == set()
