"""Rules for a source without TLS or without a login: what would protect the connection has no effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from settings.model import ANONYMOUS, Settings
from settings.problems import MISSING, Problem

_UNENCRYPTED: Mapping[str, str] = {
    "plain": "the password itself would cross the network unencrypted",
    "oauth": "the token itself would cross the network unencrypted, and everybody who reads it can log in",
    "aws-msk-iam": "the signature itself would cross the network, and everybody who reads it can log in",
    "tls": "a client certificate is part of a TLS handshake",
}
"""The logins that need TLS, and why. With SCRAM no password crosses the network (RFC 5802)."""


def login_survives_without_tls(settings: Settings) -> Iterator[Problem]:
    """Without TLS only SCRAM keeps the password off the network."""
    source = settings.source
    if not source.encrypted and (why := _UNENCRYPTED.get(source.authentication)):
        rule = f"cannot be used together with source.authentication {source.authentication}: {why}"
        remedy = "Remove the line and use a listener with TLS, or log in with SCRAM"
        yield Problem("source.encryption", source.encryption, rule, remedy)


def no_ca_without_tls(settings: Settings) -> Iterator[Problem]:
    """A CA that is named but not used would be relied on."""
    source, given, referred = settings.source, settings.source.credentials, settings.source.secret_ref
    if source.encrypted:
        return
    named: dict[str, object] = {
        "source.ca_secret": source.ca_secret,
        "source.public_ca": source.public_ca or None,
    }
    if given is not None:
        named["source.credentials.public_ca"] = given.public_ca or None
        # The value is a secret, and is not shown.
        named["source.credentials.ca"] = None if given.ca is None else MISSING
    if referred is not None:
        named["source.credentials.secret_ref.ca_secret"] = referred.ca_secret
        named["source.credentials.secret_ref.ca_pattern"] = referred.ca_pattern
    for path, value in named.items():
        if value is not None:
            rule = "has no effect with source.encryption none: without TLS no certificate is checked"
            yield Problem(path, value, rule, "Remove it, or remove source.encryption")


def nobody_logs_in(settings: Settings) -> Iterator[Problem]:
    """Kafka knows every client without a login under one name."""
    source = settings.source
    if source.logs_in:
        return
    if source.user != ANONYMOUS:
        rule = f"has no effect with source.authentication none: Kafka knows the mirror as {ANONYMOUS}"
        yield Problem("source.user", source.user, rule, f"Write {ANONYMOUS}, or set source.authentication")


def no_secret_of_others_without_a_credential(settings: Settings) -> Iterator[Problem]:
    """A Secret that nothing reads would be maintained for nothing."""
    source = settings.source
    if source.secret_ref is not None and not source.has_credential:
        rule = f"has no effect with source.authentication {source.authentication}"
        remedy = "Remove it, or set source.authentication; a CA belongs into source.credentials.ca"
        yield Problem("source.credentials.secret_ref", MISSING, rule, remedy)


def exports_have_a_ca_and_a_user(settings: Settings) -> Iterator[Problem]:
    """An exported source has TLS and a login."""
    source = settings.source
    if source.exported is not None and not (source.encrypted and source.logs_in):
        key = "authentication" if source.encrypted else "encryption"
        rule = f"cannot be used together with source.{key} none: it holds a CA and the Secret of a user"
        remedy = "Use source.credentials, or the source's Kubernetes (source.cluster, source.namespace)"
        yield Problem("source.exported", MISSING, rule, remedy)


RULES = (
    login_survives_without_tls,
    no_ca_without_tls,
    nobody_logs_in,
    no_secret_of_others_without_a_credential,
    exports_have_a_ca_and_a_user,
)
