"""Explains why a connection to a Kafka cluster fails: login, certificate or network."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from mirror.clients.access import (
    ClusterAccess,
    MskIamCredential,
    OAuthCredential,
    PlainCredential,
    ScramCredential,
)
from mirror.problems import CouldNotConnect, one_line

# Restarting brokers answer again within seconds.
PATIENCE_SECONDS = 12.0
_FIRST_TURN_SECONDS = 0.5
_PAUSE_SECONDS = 0.1
_POLL_SECONDS = 0.05
_NO_ANSWER_YET = frozenset({KafkaError._TRANSPORT, KafkaError._TIMED_OUT})
_DECISIVE = frozenset({KafkaError._AUTHENTICATION, KafkaError._SSL, KafkaError.SASL_AUTHENTICATION_FAILED})
_KEPT = 100
_RECENT_SECONDS = 120.0
"""librdkafka holds the same error of a broker back for 30 s (`rd_kafka_broker_set_error`)."""


class Errors:
    """Collects the errors that librdkafka reports through `error_cb`, which it calls from other threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._seen: dict[tuple[int, str], float] = {}
        """When each was reported last."""

    def __call__(self, error: KafkaError) -> None:
        """Keep an error; each different one once, and at most `_KEPT` of a client that lasts for weeks: their
        texts have durations and counts."""
        with self._lock:
            self._seen[(error.code(), one_line(error.str()))] = self._clock()
            if len(self._seen) > _KEPT:
                del self._seen[min(self._seen, key=lambda one: self._seen[one])]

    def clear(self) -> None:
        """Forget all errors, so that those of earlier requests do not explain the next one."""
        with self._lock:
            self._seen.clear()

    @property
    def seen(self) -> list[tuple[int, str]]:
        """Code and text of each different error, in the order of arrival."""
        with self._lock:
            return list(self._seen)

    def latest(self) -> str:
        """Return the text of the error that was reported last, in the last minutes; else "": what hindered a
        client weeks ago explains nothing."""
        with self._lock:
            since = self._clock() - _RECENT_SECONDS
            telling = [
                (at, text)
                for (code, text), at in self._seen.items()
                if at > since and code != KafkaError._ALL_BROKERS_DOWN
            ]
        return max(telling, default=(0.0, ""))[1]

    @property
    def decisive(self) -> bool:
        """Whether waiting longer is useless, because the broker has refused the connection."""
        return any(code in _DECISIVE or _certificate_alert(text) for code, text in self.seen)


def await_metadata(
    admin: AdminClient, access: ClusterAccess, errors: Errors, patience: float = PATIENCE_SECONDS
) -> Any:
    """The cluster's metadata. Raises CouldNotConnect as soon as the broker has refused the connection, at the
    latest after `patience` seconds.

    `list_topics` blocks without serving `error_cb`, so it runs in a thread while this one polls. It asks in
    turns, the first ones short: a process must not end before the thread does, because Python's end would
    destroy the client under it (SIGSEGV instead of the exit code).
    """
    errors.clear()
    outcome: list[Any] = []
    refused, ended = threading.Event(), threading.Event()

    def ask() -> None:
        ends, turn = time.monotonic() + patience, _FIRST_TURN_SECONDS
        while not outcome:
            left = ends - time.monotonic()
            try:
                outcome.append(admin.list_topics(timeout=max(_FIRST_TURN_SECONDS, min(turn, left))))
            except KafkaException as error:
                if error.args[0].code() not in _NO_ANSWER_YET or left <= turn or refused.wait(_PAUSE_SECONDS):
                    # Its frames refer to this list and to the client, which would live until a collection.
                    outcome.append(error.with_traceback(None))
            turn *= 2
        ended.set()

    asking = threading.Thread(target=ask, name=f"metadata of {access.alias}")
    asking.start()
    deadline = time.monotonic() + patience + 1
    while not outcome and time.monotonic() < deadline:
        # `poll` would sleep on after the answer has come.
        ended.wait(_POLL_SECONDS)
        admin.poll(0)
        if errors.decisive and not outcome:
            refused.set()
            raise explain(access, errors.seen)
    if outcome and not isinstance(outcome[0], KafkaException):
        return outcome[0]
    admin.poll(0)
    seen = errors.seen
    if outcome and not seen:
        error = outcome[0].args[0]
        seen = [(error.code(), one_line(error.str()))]
    raise explain(access, seen)


def explain(access: ClusterAccess, seen: Sequence[tuple[int, str]]) -> CouldNotConnect:
    """One message from librdkafka's errors: the most specific error, and its way out."""
    tried = f"connecting to Kafka cluster {access.describe()}"
    for code, text in seen:
        if code in (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED):
            return CouldNotConnect(tried, f"login refused: {_trimmed(text)}", _credential_remedy(access))
    for _, text in seen:
        if _certificate_alert(text):
            return CouldNotConnect(
                tried,
                f"the broker refused our client certificate: {_trimmed(text)}",
                _credential_remedy(access),
            )
    for code, text in seen:
        if code == KafkaError._SSL or "certificate verify failed" in text:
            return CouldNotConnect(tried, f"TLS failed: {_trimmed(text)}", _tls_remedy(text))
    telling = [text for code, text in seen if code != KafkaError._ALL_BROKERS_DOWN]
    happened = _trimmed(telling[0]) if telling else "no answer in time"
    if "Disconnected" in happened or "closed" in happened.lower():
        way_out = (
            "the address accepts and then closes the connection: check that `authentication` in the "
            "stack file is "
            "that of `listener`, and that the port belongs to a Kafka listener"
        )
        if not access.encrypted:
            way_out += " without TLS (source.encryption is none)"
    else:
        way_out = (
            "check that the brokers are running, and check address (`kubectl get kafka`), DNS, "
            "firewall and VPN"
        )
    return CouldNotConnect(tried, f"not reachable: {happened}", way_out)


def _certificate_alert(text: str) -> bool:
    lowered = text.lower()
    return "alert" in lowered and ("certificate" in lowered or "unknown ca" in lowered)


def _credential_remedy(access: ClusterAccess) -> str:
    if isinstance(access.credential, ScramCredential):
        return (
            f"check that KafkaUser {access.credential.username} is Ready and that the deployed copy of its "
            "password is current: `pulumi up` copies it again"
        )
    if isinstance(access.credential, OAuthCredential):
        return (
            f"check that {access.credential.token_endpoint} issues tokens for client id "
            f"{access.credential.client_id} with this client secret, and that the brokers take the user name "
            f"{access.credential.username} from them; `pulumi up` copies the client secret again"
        )
    if isinstance(access.credential, MskIamCredential):
        return (
            "check that AWS's default chain finds credentials here (`aws sts get-caller-identity`), and that "
            f"IAM policies let {access.credential.username} connect (kafka-cluster:Connect)"
        )
    if isinstance(access.credential, PlainCredential):
        return (
            f"check that user or API key {access.credential.username} exists on the cluster and that the "
            "deployed copy of its password is current: `pulumi up` copies it again"
        )
    return (
        "check that the client certificate is valid and signed by this cluster's clients CA; "
        "then run `pulumi up`"
    )


def _tls_remedy(text: str) -> str:
    lowered = text.lower()
    if "hostname" in lowered or "ip address mismatch" in lowered:
        return "the certificate is for another host name: use the listener's own bootstrap address"
    if "expired" in lowered:
        return "the broker's certificate has expired: renew it (a running Strimzi does so by itself)"
    if "verify failed" in lowered:
        return (
            "the deployed cluster CA is not the one that signed the broker's certificate: `pulumi up` copies "
            "<cluster>-cluster-ca-cert again; never use <cluster>-clients-ca-cert"
        )
    return "check that the listener uses TLS, and which `authentication` it needs"


def _trimmed(text: str) -> str:
    """Remove the timings at the end of librdkafka's messages."""
    for noise in (" (after ", " (install ca-certificates"):
        text = text.split(noise)[0]
    return text.strip()
