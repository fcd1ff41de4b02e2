"""Permissions that are nobody's ACLs, and targets that would create no user, fail the preview."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from manifests.estate import Estate
from mirror.estate import reading
from mirror.estate.findings import EstateError
from mirror.estate.kafka_authorization import elsewhere, fewer_permissions, takes_no_users
from mirror.estate.reading import read_estate
from settings.model import Settings
from tests.unit.support.fake_kubernetes import OPERATOR, FakeKubernetes, authority, two_regions
from tests.unit.support.made_up import settings

ALIASES = "east", "west"
SIMPLE = {"type": "simple"}
CUSTOM = {"type": "custom", "authorizerClass": "com.example.Authorizer", "superUsers": []}
TLS = {"authentication": {"type": "tls"}}
ACLS = [{"resource": {"type": "topic", "name": "orders"}, "operations": ["Read"]}]
WITH_ACLS = {**TLS, "authorization": {"type": "simple", "acls": ACLS}}
Sides = dict[str, FakeKubernetes]


def kafka(authorization: dict[str, Any] | None = None, **config: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {"config": {key.replace("_", "."): value for key, value in config.items()}}
    if authorization is not None:
        spec["authorization"] = authorization
    return {"spec": {"kafka": spec, **OPERATOR}}


STRICT = kafka(SIMPLE)
GENEROUS = kafka(SIMPLE, allow_everyone_if_no_acl_found="true")


def fewer(source: dict[str, Any] | None, target: dict[str, Any] | None, spec: dict[str, Any]) -> list[str]:
    return [one.message for one in fewer_permissions(source, target, {"app": spec}, ALIASES)]


@pytest.mark.parametrize(
    ("source", "spec", "reason"),
    [
        (kafka({**SIMPLE, "superUsers": ["CN=app"]}), TLS, "its superUsers contain CN=app"),
        (kafka({**SIMPLE, "superUsers": ["User:CN=app"]}), TLS, "its superUsers contain CN=app"),
        (kafka({**SIMPLE, "superUsers": ["CN=app"]}), WITH_ACLS, "its superUsers contain CN=app"),
        (
            kafka({**SIMPLE, "superUsers": ["app"]}),
            {"authentication": {"type": "scram-sha-512"}},
            "its superUsers contain app",
        ),
        (
            kafka({**SIMPLE, "superUsers": ["CN=app,O=Example,C=NL"]}),
            {"authentication": {"type": "tls-external"}},
            "its superUsers contain CN=app,O=Example,C=NL",
        ),
        (GENEROUS, TLS, "its config sets allow.everyone.if.no.acl.found"),
        (kafka(SIMPLE, allow_everyone_if_no_acl_found=True), TLS, "allow.everyone.if.no.acl.found"),
        (kafka(), TLS, "its brokers have no authorization"),
    ],
)
def test_a_user_that_may_do_more_than_its_acls_say(
    source: dict[str, Any], spec: dict[str, Any], reason: str
) -> None:
    [message] = fewer(source, STRICT, spec)
    assert reason in message
    assert message.startswith("east permits more than ACLs")
    assert ("the 1 ACLs" if spec is WITH_ACLS else "no permission") in message


@pytest.mark.parametrize(
    ("source", "target", "spec"),
    [
        (STRICT, STRICT, TLS),
        (kafka({**SIMPLE, "superUsers": ["CN=another", "app", "CN=app,O=Example"]}), STRICT, TLS),
        (kafka({**SIMPLE, "superUsers": ["CN=app"]}), kafka({**SIMPLE, "superUsers": ["CN=app"]}), TLS),
        (GENEROUS, GENEROUS, TLS),
        (GENEROUS, STRICT, WITH_ACLS),
        (kafka(SIMPLE, allow_everyone_if_no_acl_found="false"), STRICT, TLS),
        (None, STRICT, TLS),
    ],
)
def test_a_user_with_as_many_permissions_on_the_target(
    source: dict[str, Any] | None, target: dict[str, Any], spec: dict[str, Any]
) -> None:
    assert fewer(source, target, spec) == []


def test_a_super_user_is_not_made_up_for_by_a_target_that_lets_everyone_in() -> None:
    """`allow.everyone` ends where a resource has an ACL; a super user's permissions do not."""
    assert fewer(kafka({**SIMPLE, "superUsers": ["CN=app"]}), GENEROUS, TLS)


def refusals(target: dict[str, Any], reconciled: bool = False) -> list[str]:
    found = takes_no_users(target, "kafka", "west", reconciled)
    return [f"{one.message} -> {one.remedy}" for one in found]


@pytest.mark.parametrize(
    ("authorization", "told", "way_out"),
    [
        (CUSTOM, "custom without `supportsAdminApi: true`", "supportsAdminApi to true"),
        ({"type": "keycloak"}, "keycloak without `delegateToKafkaAcls: true`", "delegateToKafkaAcls to true"),
        ({"type": "opa", "url": "http://opa"}, "is opa, which takes no ACLs", "{type: simple}"),
        (None, "it has no spec.kafka.authorization", "{type: simple}"),
    ],
)
def test_an_authorizer_that_takes_no_acls(
    authorization: dict[str, Any] | None, told: str, way_out: str
) -> None:
    [refusal] = refusals(kafka(authorization))
    assert told in refusal
    assert way_out in refusal


@pytest.mark.parametrize(
    "authorization",
    [
        SIMPLE,
        {"type": "custom", "supportsAdminApi": True},
        {"type": "keycloak", "delegateToKafkaAcls": True},
    ],
)
def test_an_authorizer_that_takes_acls(authorization: dict[str, Any]) -> None:
    assert refusals(kafka(authorization)) == []


@pytest.mark.parametrize(
    ("entity_operator", "told"),
    [
        ({"userOperator": {"watchedNamespace": "apps"}}, "looks at namespace apps"),
        ({"userOperator": {"secretPrefix": "kafka-"}}, "names the Secrets of users kafka-<user>"),
        ({}, "no User Operator creates users"),
        (None, "no User Operator creates users"),
    ],
)
def test_a_user_operator_elsewhere_or_with_a_prefix_or_absent(
    entity_operator: dict[str, Any] | None, told: str
) -> None:
    [refusal] = refusals({"spec": {"kafka": {"authorization": SIMPLE}, "entityOperator": entity_operator}})
    assert told in refusal


def test_a_user_operator_of_its_own_is_known_by_the_users_that_it_reconciles() -> None:
    assert refusals({"spec": {"kafka": {"authorization": SIMPLE}}}, reconciled=True) == []


def test_a_user_operator_that_looks_at_the_clusters_own_namespace() -> None:
    watching = {"spec": {"kafka": {}, "entityOperator": {"userOperator": {"watchedNamespace": "kafka"}}}}
    assert elsewhere(watching, "kafka") is None
    assert elsewhere(watching, "other") == "kafka"


@pytest.fixture
def sides(monkeypatch: pytest.MonkeyPatch) -> Sides:
    both = two_regions(authority())
    monkeypatch.setattr(reading, "connect", lambda side, root: both[side.alias])
    return both


def read(given: Settings | None = None) -> Estate:
    return read_estate(given or settings(), Path())


def test_the_preview_fails_before_anything_is_declared(sides: Sides) -> None:
    given = settings()
    given = replace(given, users=replace(given.users, copy=("app",)))
    sides["east"].add_user("app")
    sides["east"].resources[("Kafka", "east")] |= kafka({**SIMPLE, "superUsers": ["CN=app"]})
    sides["west"].resources[("Kafka", "west")] |= STRICT
    with pytest.raises(EstateError) as caught:
        read(given)
    [finding] = caught.value.findings
    assert (finding.subject, "superUsers contain CN=app" in finding.message) == ("user app", True)


def test_a_target_without_a_user_operator_fails_unless_its_users_have_a_status(sides: Sides) -> None:
    sides["west"].resources[("Kafka", "west")]["spec"] = {"kafka": {"authorization": SIMPLE}}
    with pytest.raises(EstateError, match="no User Operator"):
        read()
    sides["west"].add_user("somebody", cluster="west")
    sides["west"].resources[("KafkaUser", "somebody")]["status"] = {"conditions": [{"type": "Ready"}]}
    assert read().target.api == "v1"


def test_a_source_whose_users_are_in_another_namespace_is_a_warning(sides: Sides) -> None:
    watching = {"entityOperator": {"userOperator": {"watchedNamespace": "apps"}}}
    sides["east"].resources[("Kafka", "east")]["spec"] = {"kafka": {"authorization": SIMPLE}, **watching}
    [warning] = read().warnings
    assert "looks at namespace apps" in warning
