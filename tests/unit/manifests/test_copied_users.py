"""The target's copy of a KafkaUser: same rights, under the names that topics have there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from manifests.strimzi.kafka_user import copied_user
from tests.unit.settings.sample import settings


def acl(resource: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"resource": resource, "operations": ["Read"], **more}


def spec(*acls: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"authorization": {"type": "simple", "acls": list(acls)}, **more}


def copied(given: dict[str, Any], **changes: object) -> dict[str, Any]:
    body: dict[str, Any] = copied_user(settings(**changes), "ann", given)["spec"]
    return body


def copied_acl(rule: dict[str, Any], **changes: object) -> dict[str, Any]:
    (result,) = copied(spec(rule), **changes)["authorization"]["acls"]
    return dict(result)


def test_the_target_clusters_user_operator_sees_it() -> None:
    metadata = copied_user(settings(), "ann", {})["metadata"]
    assert (metadata["name"], metadata["namespace"]) == ("ann", "kafka")
    assert metadata["labels"] == {"strimzi.io/cluster": "west"}


def test_a_scram_user_takes_its_password_from_the_copied_secret() -> None:
    given = {
        "authentication": {
            "type": "scram-sha-512",
            "password": {"valueFrom": {"secretKeyRef": {"name": "old"}}},
        }
    }
    assert copied(given)["authentication"] == {
        "type": "scram-sha-512",
        "password": {"valueFrom": {"secretKeyRef": {"name": "east-to-west-ann-password", "key": "password"}}},
    }


def test_a_tls_user_keeps_its_validity() -> None:
    authentication = {"type": "tls", "validityDays": 90, "renewalDays": 10}
    assert copied({"authentication": authentication})["authentication"] == authentication


@pytest.mark.parametrize("given", [{"authentication": {"type": "tls-external"}}, {}])
def test_a_user_without_credential_stays_one(given: dict[str, Any]) -> None:
    assert copied(given) == given


def test_quotas_are_copied_and_templates_are_not() -> None:
    given = {"quotas": {"producerByteRate": 1024}, "template": {"secret": {}}}
    assert copied(given) == {"quotas": {"producerByteRate": 1024}}


def test_everything_of_a_rule_is_kept() -> None:
    rule = acl({"type": "group", "name": "g", "patternType": "prefix"}, type="deny", host="10.0.0.1")
    assert copied_acl(rule) == rule


def test_the_single_operation_of_v1beta2_becomes_a_list() -> None:
    rule = {"resource": {"type": "topic", "name": "orders"}, "operation": "Write"}
    assert copied_acl(rule, users__standby_writes="allow") == {
        "resource": {"type": "topic", "name": "orders"},
        "operations": ["Write"],
    }


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({"type": "topic", "name": "orders"}, "east.orders"),
        ({"type": "topic", "name": "ord", "patternType": "prefix"}, "east.ord"),
        ({"type": "topic", "name": "*", "patternType": "literal"}, "*"),
        ({"type": "group", "name": "orders"}, "orders"),
        ({"type": "transactionalId", "name": "orders"}, "orders"),
    ],
)
def test_topics_take_their_new_names_with_the_default_policy(resource: dict[str, str], expected: str) -> None:
    rule = copied_acl(acl(resource), mirror__replication_policy="default")
    assert rule["resource"] == {**resource, "name": expected}


def test_a_cluster_rule_has_no_name() -> None:
    rule = acl({"type": "cluster"})
    assert copied_acl(rule, mirror__replication_policy="default") == rule


def test_topics_keep_their_names_with_the_identity_policy() -> None:
    rule = acl({"type": "topic", "name": "orders", "patternType": "literal"})
    assert copied_acl(rule) == rule


@pytest.mark.parametrize(
    ("resource", "topics", "expected"),
    [
        ({"name": "device-heartbeats"}, ["orders"], ["east.device-heartbeats"]),
        ({"name": "device-", "patternType": "prefix"}, ["device-.*"], ["device-", "east.device-"]),
        ({"name": "device-", "patternType": "prefix"}, [".*"], ["device-", "east.device-"]),
        ({"name": "device-", "patternType": "prefix"}, ["orders", "device-1"], ["device-"]),
        ({"name": "de", "patternType": "prefix"}, ["device-h.*"], ["de", "east.device-h"]),
        ({"name": "device-hot", "patternType": "prefix"}, ["device-hear.*"], ["device-hot"]),
        ({"name": "*", "patternType": "literal"}, [".*"], ["*"]),
    ],
)
def test_the_identity_policy_renames_what_looks_like_heartbeats(
    resource: dict[str, str], topics: list[str], expected: list[str]
) -> None:
    """IdentityReplicationPolicy puts the alias before names that end with `heartbeats`."""
    given = spec(acl({"type": "topic", **resource}))
    acls = copied(given, mirror__topics=topics)["authorization"]["acls"]
    assert [one["resource"]["name"] for one in acls] == expected
    assert {one["resource"].get("patternType") for one in acls} == {resource.get("patternType")}


def test_a_prefix_and_a_name_in_it_have_types_of_their_own() -> None:
    given = spec(acl({"type": "topic", "name": "device-", "patternType": "prefix"}))
    acls = copied(given, mirror__topics=["device-heartbeats"])["authorization"]["acls"]
    assert [(one["resource"]["name"], one["resource"]["patternType"]) for one in acls] == [
        ("device-", "prefix"),
        ("east.device-heartbeats", "literal"),
    ]


def test_a_tls_user_may_keep_its_certificate() -> None:
    given = settings()
    keeping = replace(given, users=replace(given.users, tls="keep-certificate"))
    spec = {"authentication": {"type": "tls", "validityDays": 90, "renewalDays": 10}}
    body = copied_user(keeping, "ann", spec)["spec"]
    # Strimzi's CRD refuses a validity with any other type than tls.
    assert body["authentication"] == {"type": "tls-external"}


def test_v1beta2_is_given_what_it_has() -> None:
    spec = {
        "authentication": {"type": "tls", "validityDays": 90, "renewalDays": 10},
        "authorization": {
            "type": "simple",
            "acls": [acl({"type": "topic", "name": "orders"})],
        },
    }
    rendered = copied_user(settings(), "ann", spec, "v1beta2")
    assert rendered["apiVersion"] == "kafka.strimzi.io/v1beta2"
    assert rendered["spec"]["authentication"] == {"type": "tls"}
    assert rendered["spec"]["authorization"]["acls"][0]["operations"] == ["Read"]
