"""The source's credentials: from one place, complete for the way in which the user logs in."""

from __future__ import annotations

from collections.abc import Iterator

from settings import rules
from settings.model import Settings
from settings.problems import MISSING, Problem

_STRIMZI = ("scram-sha-512", "tls")
"""What a KafkaUser can log in with (Strimzi's User Operator, `KafkaUserAuthentication`)."""


def one_origin(settings: Settings) -> Iterator[Problem]:
    """Two places could say different things."""
    if settings.source.exported is not None and settings.source.credentials is not None:
        rule = "excludes source.credentials: the source's credentials come from one place"
        yield Problem("source.exported", MISSING, rule, "Remove one of the two")


def user_is_a_kafka_user(settings: Settings) -> Iterator[Problem]:
    """Where the source is Strimzi's, its users are KafkaUsers."""
    source = settings.source
    if source.origin != "credentials" and rules.resource_name(source.user):
        rule = "must be the metadata.name of a KafkaUser: lower-case letters, digits, hyphens or dots"
        remedy = "See `kubectl get kafkausers` at the source; other names need source.credentials"
        yield Problem("source.user", source.user, rule, remedy)


def kafka_users_log_in_as_strimzi_lets_them(settings: Settings) -> Iterator[Problem]:
    """KafkaUsers have SCRAM-SHA-512 or a certificate, nothing else."""
    source = settings.source
    if source.origin != "credentials" and source.authentication not in _STRIMZI:
        rule = f"must be one of {', '.join(_STRIMZI)}, because a KafkaUser can log in with nothing else"
        remedy = "Set it to the KafkaUser's spec.authentication.type, or use source.credentials"
        yield Problem("source.authentication", source.authentication, rule, remedy)


def brokers_are_trusted(settings: Settings) -> Iterator[Problem]:
    """Trust is explicit: a CA of the cluster's own, or the public ones."""
    given = settings.source.credentials
    if given is None:
        return
    if given.ca is not None and given.public_ca:
        rule = (
            "excludes source.credentials.ca: the brokers' certificates come from one CA or from public ones"
        )
        yield Problem("source.credentials.public_ca", True, rule, "Remove one of the two")
    if given.ca is None and not given.public_ca:
        rule = "is missing: it says which CA signed the brokers' certificates"
        remedy = "Set it as a secret, or public_ca: true where a public CA signed them (MSK, Confluent Cloud)"
        yield Problem("source.credentials.ca", MISSING, rule, remedy)


def login_is_complete(settings: Settings) -> Iterator[Problem]:
    """A certificate and its key, or a password: what the way to log in asks for, and nothing else."""
    source, given = settings.source, settings.source.credentials
    if given is None:
        return
    needed = ("certificate", "key") if source.authentication == "tls" else ("password",)
    for key in ("password", "certificate", "key"):
        path = f"source.credentials.{key}"
        if key in needed and getattr(given, key) is None:
            rule = f"is missing: {source.user} logs in with source.authentication {source.authentication}"
            remedy = f"Set it with `pulumi config set --secret --path region-mirror:{path}`"
            yield Problem(path, MISSING, rule, remedy)
        elif key not in needed and getattr(given, key) is not None:
            rule = f"has no meaning with source.authentication {source.authentication}"
            yield Problem(path, MISSING, rule, "Remove it, or change source.authentication")


RULES = (
    one_origin,
    user_is_a_kafka_user,
    kafka_users_log_in_as_strimzi_lets_them,
    brokers_are_trusted,
    login_is_complete,
)
