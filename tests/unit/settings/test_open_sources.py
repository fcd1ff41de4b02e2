"""A source without TLS or without a login has to be meant: what would protect it is refused beside it."""

from __future__ import annotations

from typing import Any

import pytest

from settings.load import load
from settings.model import Settings
from settings.names import Names, source_secrets
from tests.unit.settings.sample import raw
from tests.unit.settings.sources import EXPORTED, PROVIDER, SECRET, refused, sections

OPEN = {"encryption": "none", "authentication": "none", "user": "ANONYMOUS"}


def loaded(**source: Any) -> Settings:
    return load(sections(source))


def test_tls_and_a_login_are_the_default() -> None:
    found = loaded(credentials={"public_ca": True, "password": SECRET}).source
    assert found.encrypted
    assert found.logs_in


@pytest.mark.parametrize("mechanism", ["scram-sha-512", "scram-sha-256"])
def test_scram_needs_a_password_and_no_ca(mechanism: str) -> None:
    found = loaded(encryption="none", authentication=mechanism, credentials={"password": SECRET})
    assert found.source.origin == "credentials"
    assert not found.source.trusts_a_named_ca


def test_an_open_source_needs_no_credentials() -> None:
    found = loaded(**OPEN)
    assert found.source.origin == "credentials"
    assert found.fence == "acls"
    assert Names.of(found).source_user_secret not in source_secrets(found)


def test_an_open_listener_of_strimzi_is_read_from_kubernetes() -> None:
    found = raw()
    found["source"] |= OPEN
    assert load(found).source.origin == "kubernetes"


def test_tls_without_a_login_trusts_a_ca() -> None:
    assert loaded(
        authentication="none", user="ANONYMOUS", credentials={"ca": SECRET}
    ).source.trusts_a_named_ca
    problems = refused(sections({"authentication": "none", "user": "ANONYMOUS", "credentials": {}}))
    assert list(problems) == ["source.credentials.ca"]


@pytest.mark.parametrize(
    ("login", "why"),
    [
        ({"authentication": "plain", "credentials": {"password": SECRET}}, "the password itself"),
        (
            {"authentication": "oauth", "oauth": PROVIDER, "credentials": {"password": SECRET}},
            "the token itself",
        ),
        ({"authentication": "tls", "credentials": {"certificate": SECRET, "key": SECRET}}, "TLS handshake"),
    ],
)
def test_a_login_that_needs_tls_is_refused_with_the_reason(login: dict[str, Any], why: str) -> None:
    problems = refused(sections({"encryption": "none", **login}))
    assert list(problems) == ["source.encryption"]
    assert why in problems["source.encryption"]
    assert "log in with SCRAM" in problems["source.encryption"]


@pytest.mark.parametrize(
    ("path", "credentials"),
    [
        ("source.credentials.ca", {"password": SECRET, "ca": SECRET}),
        ("source.credentials.public_ca", {"password": SECRET, "public_ca": True}),
        ("source.credentials.secret_ref.ca_secret", {"secret_ref": {"name": "a", "ca_secret": "b"}}),
        ("source.credentials.secret_ref.ca_pattern", {"secret_ref": {"name": "a", "ca_pattern": "b"}}),
    ],
)
def test_a_ca_without_tls_is_refused(path: str, credentials: dict[str, Any]) -> None:
    problems = refused(sections({"encryption": "none", "credentials": credentials}))
    assert list(problems) == [path]
    assert "without TLS no certificate is checked" in problems[path]


@pytest.mark.parametrize(("key", "value"), [("ca_secret", "east-ca"), ("public_ca", True)])
def test_a_ca_of_strimzis_source_without_tls_is_refused(key: str, value: Any) -> None:
    found = raw()
    found["source"] |= {"encryption": "none", key: value}
    assert list(refused(found)) == [f"source.{key}"]


@pytest.mark.parametrize(
    ("change", "path", "says"),
    [
        ({"user": "mirror"}, "source.user", "Write ANONYMOUS"),
        ({"credentials": {"password": SECRET}}, "source.credentials.password", "has no effect"),
        ({"credentials": {"certificate": SECRET}}, "source.credentials.certificate", "has no effect"),
        ({"credentials": {"secret_ref": {"name": "a"}}}, "source.credentials.secret_ref", "has no effect"),
        ({"oauth": PROVIDER}, "source.oauth", "has no effect"),
    ],
)
def test_a_credential_for_no_login_is_refused(change: dict[str, Any], path: str, says: str) -> None:
    problems = refused(sections({**OPEN, **change}))
    assert list(problems) == [path]
    assert says in problems[path]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"encryption": "none"}, "encryption"),
        ({"authentication": "none", "user": "ANONYMOUS"}, "authentication"),
    ],
)
def test_exports_hold_a_ca_and_a_user(change: dict[str, Any], key: str) -> None:
    problems = refused(sections({"exported": EXPORTED, **change}))
    assert list(problems) == ["source.exported"]
    assert f"source.{key} none" in problems["source.exported"]


def test_an_open_source_elsewhere_needs_its_address() -> None:
    problems = refused(sections({**OPEN, "bootstrap_servers": None}))
    assert "source.bootstrap_servers" in problems
