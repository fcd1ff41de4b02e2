"""Login, certificate and network problems are told apart, soon, with the cluster, the user and a way out."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from mirror.clients.access import ClusterAccess, ScramCredential, TlsCredential
from mirror.clients.cluster import Cluster
from mirror.clients.connection import Errors, await_metadata, explain
from mirror.problems import CouldNotConnect
from tests.unit.support.mock_kafka import PlainAccess

SCRAM = ClusterAccess("kafka.example:9093", "ca", ScramCredential("mirror-source", "hunter2"), "east")
TLS = ClusterAccess("kafka.example:9093", "ca", TlsCredential("crt", "key", "verifier"), "west")
DOWN = (KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down")


def said(access: ClusterAccess, *errors: tuple[int, str]) -> CouldNotConnect:
    error = explain(access, errors)
    assert "hunter2" not in str(error)
    return error


def test_a_wrong_password() -> None:
    error = said(
        SCRAM,
        DOWN,
        (
            KafkaError._AUTHENTICATION,
            "sasl_ssl://kafka.example:9093/bootstrap: SASL authentication error: Authentication failed "
            "during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512 (after 12ms "
            "in state AUTH_REQ)",
        ),
    )
    assert "east at kafka.example:9093 as User:mirror-source" in error.tried
    assert error.happened.startswith("login refused")
    assert "after 12ms" not in error.happened
    assert "KafkaUser mirror-source" in error.way_out


def test_a_refused_client_certificate() -> None:
    text = "ssl://x: Disconnected: SSL alert: ssl/tls alert certificate expired"
    error = said(TLS, (KafkaError._TRANSPORT, text), DOWN)
    assert "refused our client certificate" in error.happened
    assert "User:CN=verifier" in error.tried


def test_an_untrusted_authority() -> None:
    text = (
        "ssl://x: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker "
        "certificate could not be verified, verify that ssl.ca.location is correctly configured"
    )
    error = said(TLS, (KafkaError._SSL, text), DOWN)
    assert error.happened.startswith("TLS failed")
    assert "-cluster-ca-cert" in error.way_out


def test_a_host_name_that_the_certificate_does_not_name() -> None:
    text = "SSL handshake failed: certificate verify failed: (X509_V_ERR_HOSTNAME_MISMATCH) hostname mismatch"
    assert "another host name" in said(TLS, (KafkaError._SSL, text)).way_out


def test_an_address_that_hangs_up() -> None:
    error = said(
        TLS, (KafkaError._TRANSPORT, "ssl://x/bootstrap: Disconnected (after 1ms in state APIVERSION)")
    )
    assert "then closes the connection" in error.way_out


def test_no_answer_at_all() -> None:
    assert "no answer in time" in said(TLS, DOWN).happened


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    access = PlainAccess(f"localhost:{port}", "", ScramCredential("mirror-source", "hunter2"), "east")
    cluster = Cluster(access)
    with pytest.raises(CouldNotConnect) as caught:
        connect_within(cluster, 3)
    assert "not reachable" in str(caught.value)
    assert "Connection refused" in str(caught.value)


def test_a_listener_that_never_answers() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        access = PlainAccess(f"localhost:{silent.getsockname()[1]}", "", ScramCredential("u", "p"), "east")
        began = time.monotonic()
        with pytest.raises(CouldNotConnect):
            connect_within(Cluster(access), 3)
        assert time.monotonic() - began < 10


def test_unreadable_certificates_are_said_at_once() -> None:
    with pytest.raises(CouldNotConnect) as caught:
        Cluster(TLS).connect()
    assert "TLS failed" in str(caught.value)


def connect_within(cluster: Cluster, patience: float) -> None:
    """Connects with less patience than people get, so that the test is short."""
    from confluent_kafka.admin import AdminClient

    errors = Errors()
    config: dict[str, Any] = {**cluster.access.client_config(), "error_cb": errors, "log_level": 0}
    admin = AdminClient(config)
    await_metadata(admin, cluster.access, errors, patience)


def test_what_hindered_a_client_weeks_ago_explains_nothing() -> None:
    """An exporter's consumers last for weeks: "not read in time" named the refused login of a month ago."""
    now = [0.0]
    errors = Errors(lambda: now[0])
    assert errors.latest() == ""
    refused, gone = "authentication failed (after 12ms)", "Connection refused (after 3ms)"
    errors(KafkaError(KafkaError._AUTHENTICATION, refused))
    assert errors.latest() == refused
    now[0] += 30 * 86_400
    assert errors.latest() == ""
    errors(KafkaError(KafkaError._TRANSPORT, gone))
    errors(KafkaError(DOWN[0], DOWN[1]))
    assert errors.latest() == gone
    now[0] += 1
    errors(KafkaError(KafkaError._AUTHENTICATION, refused))
    assert errors.latest() == refused, "reported again"


def test_a_client_that_lasts_keeps_few_errors() -> None:
    """Their texts have durations, so that each is another one."""
    errors = Errors()
    for number in range(1_000):
        errors(KafkaError(KafkaError._TRANSPORT, f"Disconnected (after {number}ms in state UP)"))
    assert len(errors.seen) == 100
    assert errors.seen[-1][1] == "Disconnected (after 999ms in state UP)"


def test_a_refused_login_leaves_no_thread_behind() -> None:
    class Refusing:
        """Answers no metadata request, and reports the refusal of the login when it is polled."""

        def __init__(self, errors: Errors) -> None:
            self.errors = errors

        def list_topics(self, timeout: float) -> None:
            time.sleep(timeout)
            raise KafkaException(KafkaError(KafkaError._TRANSPORT))

        def poll(self, timeout: float) -> None:
            time.sleep(timeout)
            self.errors(KafkaError(KafkaError._AUTHENTICATION, "SASL authentication error"))

    errors = Errors()
    with pytest.raises(CouldNotConnect):
        await_metadata(Refusing(errors), SCRAM, errors, patience=60)  # type: ignore[arg-type]
    [asking] = [one for one in threading.enumerate() if one.name == "metadata of east"]
    assert not asking.daemon, "the process would end while librdkafka still works for this thread"
    asking.join(5)
    assert not asking.is_alive()
