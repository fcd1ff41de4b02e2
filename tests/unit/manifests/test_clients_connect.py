"""Each user learns the listener that takes its login, the CA to trust and where its credential is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manifests.clients import addresses_in_words, client_of, client_places
from manifests.estate import CopiedUser, Estate, Listener
from tests.program.sample import SECRETS, estate
from tests.unit.settings.sample import settings

GIVEN = settings()
MTLS = Listener("mtls", "west:9095", "tls")
SCRAM = Listener("scram", "west:9094", "scram-sha-512")


def with_listeners(*listeners: Listener, users: tuple[CopiedUser, ...] = ()) -> Estate:
    there = estate(GIVEN, kafka_users=users)
    return replace(there, target=replace(there.target, listeners=listeners))


@pytest.mark.parametrize(
    ("kind", "listener", "protocol", "mechanism"),
    [
        ("scram-sha-512", "scram", "SASL_SSL", "SCRAM-SHA-512"),
        ("tls", "mtls", "SSL", None),
        ("tls-external", "mtls", "SSL", None),
    ],
)
def test_a_login_and_the_listener_that_takes_it(
    kind: str, listener: str, protocol: str, mechanism: str | None
) -> None:
    found = client_of(GIVEN, "ann", kind, [MTLS, SCRAM]).to_json()
    assert (found["listener"], found["securityProtocol"]) == (listener, protocol)
    assert found.get("saslMechanism") == mechanism
    assert found["caSecret"] == "kafka/west-cluster-ca-cert"
    assert "problem" not in found


def test_a_login_that_no_listener_takes_is_a_problem_with_a_way_out() -> None:
    found = client_of(GIVEN, "ann", "scram-sha-512", [MTLS]).to_json()
    assert "bootstrapServers" not in found
    assert found["problem"] == "no listener of Kafka kafka/west with TLS and an address takes scram-sha-512"
    assert "authentication: {type: scram-sha-512}" in found["remedy"]


def test_a_custom_listener_is_not_taken_for_one_that_works() -> None:
    client = client_of(GIVEN, "ann", "tls", [Listener("oauth", "west:9096", "custom")])
    assert client.listener is None
    assert "which logins oauth takes (custom) cannot be read" in str(client.problem)


def test_a_listener_with_its_own_certificate_is_not_trusted_by_the_cluster_ca() -> None:
    own = SCRAM._replace(own_certificate="public-cert")
    found = client_of(GIVEN, "ann", "scram-sha-512", [own]).to_json()
    assert "caSecret" not in found
    assert found["listenerCertificate"] == "kafka/public-cert"
    user = CopiedUser("ann", {"authentication": {"type": "scram-sha-512"}})
    words = addresses_in_words(GIVEN, with_listeners(own, users=(user,)))
    assert "trusting the CA that signed the certificate in Secret kafka/public-cert" in words


def test_a_user_without_credential_is_no_problem() -> None:
    client = client_of(GIVEN, "ann", None, [MTLS])
    assert (client.listener, client.problem, client.secret) == (None, None, None)


def test_the_words_name_both_kinds_where_nobody_is_copied() -> None:
    words = addresses_in_words(GIVEN, with_listeners(MTLS, SCRAM))
    assert "SCRAM users: bootstrap.servers=west:9094" in words
    assert "TLS users: bootstrap.servers=west:9095" in words


def test_no_secret_is_in_it() -> None:
    text = repr(client_places(GIVEN, estate(GIVEN)))
    assert "orders-consumer" in text
    assert not [secret for secret in SECRETS if secret in text]
