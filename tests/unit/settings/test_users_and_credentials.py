"""Where users and credentials come from decides what has to be there."""

from __future__ import annotations

from typing import Any

import pytest

from settings.load import load
from settings.problems import SettingsError
from tests.unit.settings.sample import raw
from tests.unit.settings.sources import EXPORTED, SECRET, credentials, refused, sections


@pytest.mark.parametrize("authentication", ["scram-sha-512", "scram-sha-256", "plain"])
def test_a_password_is_enough(authentication: str) -> None:
    assert load(sections(credentials(authentication))).source.origin == "credentials"


@pytest.mark.parametrize("authentication", ["scram-sha-512", "scram-sha-256", "plain", "oauth"])
def test_without_a_password_nobody_logs_in(authentication: str) -> None:
    problems = refused(sections(credentials(authentication, password=None)))
    assert "region-mirror:source.credentials.password" in problems["source.credentials.password"]


def test_a_certificate_needs_its_key() -> None:
    problems = refused(sections(credentials("tls", password=None, certificate=SECRET)))
    assert list(problems) == ["source.credentials.key"]


def test_a_certificate_and_its_key_are_enough() -> None:
    assert load(sections(credentials("tls", password=None, certificate=SECRET, key=SECRET)))


@pytest.mark.parametrize(
    ("authentication", "more", "path"),
    [
        ("tls", {"certificate": SECRET, "key": SECRET}, "password"),
        ("plain", {"certificate": SECRET}, "certificate"),
        ("plain", {"key": SECRET}, "key"),
    ],
)
def test_what_the_login_does_not_use_is_refused(authentication: str, more: Any, path: str) -> None:
    problems = refused(sections(credentials(authentication, **more)))
    assert (
        f"has no effect with source.authentication {authentication}" in problems[f"source.credentials.{path}"]
    )


def test_trust_is_one_ca() -> None:
    assert list(refused(sections(credentials(ca=SECRET)))) == ["source.credentials.public_ca"]
    assert "public_ca: true" in refused(sections(credentials(public_ca=False)))["source.credentials.ca"]
    assert load(sections(credentials(ca=SECRET, public_ca=False)))


@pytest.mark.parametrize("authentication", ["plain", "scram-sha-256"])
@pytest.mark.parametrize("origin", ["kubernetes", "exported"])
def test_kafka_users_log_in_as_strimzi_lets_them(authentication: str, origin: str) -> None:
    found = raw() if origin == "kubernetes" else sections({"exported": EXPORTED})
    found["source"]["authentication"] = authentication
    assert "a KafkaUser has no other mechanism" in refused(found)["source.authentication"]


def test_another_clusters_user_may_have_any_name() -> None:
    assert load(sections({**credentials(), "user": "ABCDEF123+/="})).source.user == "ABCDEF123+/="


def test_an_exported_user_is_a_kafka_user() -> None:
    assert "KafkaUser" in refused(sections({"exported": EXPORTED, "user": "Source_User"}))["source.user"]


def test_credentials_come_from_one_place() -> None:
    assert "one place" in refused(sections({**credentials(), "exported": EXPORTED}))["source.exported"]


@pytest.mark.parametrize("key", ["kubeconfig", "context", "listener"])
@pytest.mark.parametrize("origin", [credentials(), {"exported": EXPORTED}])
def test_what_is_read_on_kubernetes_has_no_meaning_elsewhere(key: str, origin: dict[str, Any]) -> None:
    assert "has no effect" in refused(sections({**origin, key: "x"}))[f"source.{key}"]


@pytest.mark.parametrize("origin", [credentials(), {"exported": EXPORTED}])
def test_elsewhere_the_address_is_needed(origin: dict[str, Any]) -> None:
    problems = refused(sections({**origin, "bootstrap_servers": None}))
    assert list(problems) == ["source.bootstrap_servers"]


@pytest.mark.parametrize(
    ("users", "path"), [({"copy": ["ann"]}, "users.copy"), ({"selector": {"app": "x"}}, "users.selector")]
)
def test_users_cannot_be_copied_from_outside_strimzi(users: dict[str, Any], path: str) -> None:
    problems = refused({**sections(credentials()), "users": users})
    assert "without KafkaUsers" in problems[path]
    assert "create KafkaUsers on the target yourself" in problems[path]


def test_users_are_copied_from_an_export_of_them() -> None:
    given = {**sections({"exported": EXPORTED}), "users": {"copy": ["ann"]}}
    assert load(given).users.copy == ("ann",)
    given["source"]["exported"] = {**EXPORTED, "kafka_users": []}
    assert "oc get secret -l strimzi.io/kind=KafkaUser" in refused(given)["source.exported.kafka_users"]


@pytest.mark.parametrize(
    "labels", [{"app": "orders"}, {"example.com/mirrored": "true"}, {"a": ""}, {"a": True}]
)
def test_labels(labels: dict[str, Any]) -> None:
    assert load(raw(users__selector=labels)).users.selector.keys() == labels.keys()


@pytest.mark.parametrize(
    "labels",
    [
        {"": "x"},
        {"/a": "x"},
        {"a b": "x"},
        {"-a": "x"},
        {"a/b/c": "x"},
        {"Ex.com/a": "x"},
        {"a": "x y"},
        {"a": "-"},
    ],
)
def test_what_is_no_label_selects_nobody(labels: dict[str, Any]) -> None:
    (path,) = refused(raw(users__selector=labels))
    assert path.startswith("users.selector.")


@pytest.mark.parametrize(
    ("authentication", "remedy"),
    [
        ("custom", "Custom authentication is not supported as such. If it is OAuth with a client secret"),
        ("AWS-MSK-IAM", "Did you mean aws-msk-iam?"),
        ("tls-external", "Write tls. The user's Secret has to hold tls.crt and tls.key"),
        ("scram-sha512", "Did you mean scram-sha-"),
    ],
)
def test_a_login_that_is_not_supported_has_a_way_out(authentication: str, remedy: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(sections(credentials(authentication)))
    assert (
        f"must be one of scram-sha-512, scram-sha-256, plain, oauth, aws-msk-iam, tls, none. {remedy}"
        in str(error.value)
    )
