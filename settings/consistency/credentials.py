"""Rules for the source's credentials: one place, and complete for the mechanism of the user."""

from __future__ import annotations

import re
import typing
from collections.abc import Collection, Iterator

from settings.model import Settings, SourceSettings, TargetAuthentication
from settings.model.secret_ref import SecretRefSettings
from settings.names import Names
from settings.problems import MISSING, Problem
from settings.rules import kubernetes

# RFC 7628, 3.1 (KIP-342): the name of a SASL extension.
_EXTENSION = re.compile(r"[A-Za-z]+")
_USUAL_KEYS = SecretRefSettings(name="")
_OF_KAFKA_USERS = typing.get_args(TargetAuthentication)


def one_origin(settings: Settings) -> Iterator[Problem]:
    """The credentials come from one place, because two could differ."""
    if settings.source.exported is not None and settings.source.credentials is not None:
        rule = "cannot be used together with source.credentials: credentials have one place"
        yield Problem("source.exported", MISSING, rule, "Remove one of the two")


def user_is_a_kafka_user(settings: Settings) -> Iterator[Problem]:
    """The user of a source that Strimzi runs is a KafkaUser."""
    source = settings.source
    if source.origin != "credentials" and source.logs_in and kubernetes.resource_name(source.user):
        rule = "must be the metadata.name of a KafkaUser: lower-case letters, digits, hyphens or dots"
        remedy = "See `kubectl get kafkausers` at the source; other names require source.credentials"
        yield Problem("source.user", source.user, rule, remedy)


def kafka_users_log_in_as_strimzi_lets_them(settings: Settings) -> Iterator[Problem]:
    """KafkaUsers log in with SCRAM-SHA-512 or with a certificate."""
    source = settings.source
    if source.origin != "credentials" and source.logs_in and source.authentication not in _OF_KAFKA_USERS:
        rule = f"must be one of {', '.join(_OF_KAFKA_USERS)}, because a KafkaUser has no other mechanism"
        remedy = "Set it to the KafkaUser's spec.authentication.type, or use source.credentials"
        yield Problem("source.authentication", source.authentication, rule, remedy)


def brokers_are_trusted(settings: Settings) -> Iterator[Problem]:
    """Trust is explicit: the cluster's own CA, or public CAs."""
    given = settings.source.credentials
    if given is None or not settings.source.encrypted:
        return
    referred = given.secret_ref
    if referred is not None and referred.ca_secret is not None:
        for key, value in (("ca", given.ca), ("public_ca", given.public_ca or None)):
            if value is not None:
                rule = (
                    "cannot be used together with source.credentials.secret_ref.ca_secret: one CA is trusted"
                )
                yield Problem(f"source.credentials.{key}", MISSING, rule, "Remove one of the two")
        return
    if referred is not None and referred.ca_pattern is not None:
        rule = "has no effect without source.credentials.secret_ref.ca_secret"
        remedy = "Set ca_secret to the Secret with the CA certificates, or remove the line"
        yield Problem("source.credentials.secret_ref.ca_pattern", referred.ca_pattern, rule, remedy)
    if given.ca is not None and given.public_ca:
        rule = "cannot be used together with source.credentials.ca: either one CA or public CAs are trusted"
        yield Problem("source.credentials.public_ca", True, rule, "Remove one of the two")
    if given.ca is None and not given.public_ca:
        rule = "is missing: it says which CA signed the brokers' certificates"
        remedy = (
            "Set it as a secret, or set public_ca: true if a public CA signed them (MSK, Confluent Cloud)"
        )
        if referred is not None:
            remedy += ", or secret_ref.ca_secret to the Secret with the CA certificates"
        yield Problem("source.credentials.ca", MISSING, rule, remedy)


def one_trust_a_side(settings: Settings) -> Iterator[Problem]:
    """A CA is named in one place, where it has an effect."""
    source = settings.source
    sides = (("source", source),) if source.encrypted else ()
    for side, given in (*sides, ("target", settings.target)):
        if given.public_ca and given.ca_secret is not None:
            rule = f"cannot be used together with {side}.ca_secret: either one CA or public CAs are trusted"
            yield Problem(f"{side}.public_ca", True, rule, "Remove one of the two")
    if source.origin == "kubernetes" or not source.encrypted:
        return
    place = "source.credentials.ca" if source.origin == "credentials" else "source.exported.cluster_ca"
    if source.ca_secret is not None:
        rule = "has no effect: the source's Kubernetes is not read"
        yield Problem("source.ca_secret", source.ca_secret, rule, f"Remove it; {place} is the CA")
    if source.public_ca:
        rule = "has no effect: the source's Kubernetes is not read"
        remedy = f"Remove it; the root certificate of that CA belongs into {place}"
        if source.origin == "credentials":
            remedy = "Set source.credentials.public_ca instead"
        yield Problem("source.public_ca", True, rule, remedy)


def login_is_complete(settings: Settings) -> Iterator[Problem]:
    """Require a certificate and its key, or a password, as the mechanism needs; reject the others."""
    source, given = settings.source, settings.source.credentials
    if given is None:
        return
    needed = source.credential_settings
    if given.secret_ref is not None and source.has_credential:
        for key in ("password", "certificate", "key"):
            if getattr(given, key) is not None:
                rule = (
                    "cannot be used together with source.credentials.secret_ref: credentials have one place"
                )
                yield Problem(f"source.credentials.{key}", MISSING, rule, "Remove one of the two")
        yield from _unused_keys(source, given.secret_ref, needed)
        return
    for key in ("password", "certificate", "key"):
        path = f"source.credentials.{key}"
        if key in needed and getattr(given, key) is None:
            rule = f"is missing: {source.user} logs in with source.authentication {source.authentication}"
            remedy = f"Set it with `pulumi config set --secret --path region-mirror:{path}`"
            yield Problem(path, MISSING, rule, remedy)
        elif key not in needed and getattr(given, key) is not None:
            rule = f"has no effect with source.authentication {source.authentication}"
            yield Problem(path, MISSING, rule, "Remove it, or change source.authentication")


def _unused_keys(
    source: SourceSettings, referred: SecretRefSettings, needed: Collection[str]
) -> Iterator[Problem]:
    """Find keys of the Secret that the login does not read."""
    for setting, credential in (
        ("password_key", "password"),
        ("certificate_key", "certificate"),
        ("private_key_key", "key"),
    ):
        value, usual = getattr(referred, setting), getattr(_USUAL_KEYS, setting)
        if credential not in needed and value != usual:
            rule = f"has no effect with source.authentication {source.authentication}"
            path = f"source.credentials.secret_ref.{setting}"
            yield Problem(path, value, rule, "Remove it, or change source.authentication")


def oauth_is_complete(settings: Settings) -> Iterator[Problem]:
    """OAuth needs its identity provider; another login has none. Values reach a JAAS text unescaped."""
    source, given = settings.source, settings.source.oauth
    if source.authentication == "oauth" and given is None:
        rule = "is missing: source.authentication is oauth"
        yield Problem("source.oauth", MISSING, rule, "Set token_endpoint and client_id in it")
    if given is None:
        return
    if source.authentication != "oauth":
        rule = f"has no effect with source.authentication {source.authentication}"
        yield Problem("source.oauth", MISSING, rule, "Remove it, or set source.authentication: oauth")
    for key, value in given.extensions.items():
        if not _EXTENSION.fullmatch(key) or not value or set(value) & set('"\\,'):
            path = f"source.oauth.extensions.{key}"
            rule = "must have a name of letters, and a value without quotes, backslashes and commas"
            yield Problem(path, value, rule, "Write e.g. logicalCluster: lkc-1234")


def referred_secrets_are_of_others(settings: Settings) -> Iterator[Problem]:
    """The User Operator would overwrite a Secret with the name of one of the mirror's own users."""
    referred, names = settings.source.secret_ref, Names.of(settings)
    if referred is None:
        return
    for key in ("name", "ca_secret"):
        secret = getattr(referred, key)
        if secret in (names.mirror_user, names.verifier_user):
            rule = "is the Secret of a user that this mirror creates on the target"
            remedy = "Keep the source's credential in a Secret with another name"
            yield Problem(f"source.credentials.secret_ref.{key}", secret, rule, remedy)


RULES = (
    one_origin,
    user_is_a_kafka_user,
    kafka_users_log_in_as_strimzi_lets_them,
    brokers_are_trusted,
    one_trust_a_side,
    login_is_complete,
    oauth_is_complete,
    referred_secrets_are_of_others,
)
