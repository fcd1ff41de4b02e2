"""The rules between settings: each is sound by itself, but they do not go together."""

from __future__ import annotations

from collections.abc import Iterator

from settings import rules
from settings.model import Settings
from settings.names import Names
from settings.problems import MISSING, Problem

_KUBERNETES_NAME_MAX = 253


def inconsistencies(settings: Settings) -> Iterator[Problem]:
    """Find what does not go together."""
    source, target, mirror = settings.source, settings.target, settings.mirror
    if source.alias == target.alias:
        # Strimzi deploys it and says Ready, but the target's CA is lost for the connectors.
        yield Problem(
            "target.alias",
            target.alias,
            "must differ from source.alias",
            "Name each cluster after its region",
        )
    yield from _source(settings)
    if source.origin == "kubernetes" and source.listener is None and source.bootstrap_servers is None:
        yield Problem(
            "source.listener",
            MISSING,
            "is missing, and so is source.bootstrap_servers: one of them says where the source is",
            "Name a listener of the source's Kafka resource, or the addresses",
        )
    if mirror.replication_policy == "default":
        for path, alias in (("source.alias", source.alias), ("target.alias", target.alias)):
            if mirror.replication_policy_separator in alias:
                # DefaultReplicationPolicy.topicSource splits at the separator: MM2 would not see its own
                # topics and mirror them in circles.
                yield Problem(
                    path,
                    alias,
                    "must not hold mirror.replication_policy_separator "
                    f"({mirror.replication_policy_separator!r}) with replication_policy default: "
                    "MM2 could not tell where a topic came from",
                    "Choose another alias or separator",
                )
    yield from _users(settings)


def _source(settings: Settings) -> Iterator[Problem]:
    """One place for the source's credentials, and all that it needs."""
    source = settings.source
    if source.exported is not None and source.credentials is not None:
        rule = "excludes source.credentials: the source's credentials come from one place"
        yield Problem("source.exported", MISSING, rule, "Remove one of the two")
    if source.origin == "kubernetes":
        for key in ("cluster", "namespace"):
            if getattr(source, key) is None:
                rule = "is missing: it says where on Kubernetes the source is"
                remedy = "Set it; or, for a source that is not reached there, source.exported or .credentials"
                yield Problem(f"source.{key}", MISSING, rule, remedy)
    if source.origin != "credentials" and rules.resource_name(source.user):
        rule = "must be the metadata.name of a KafkaUser: lower-case letters, digits, hyphens or dots"
        remedy = "See `kubectl get kafkausers` at the source; other names need source.credentials"
        yield Problem("source.user", source.user, rule, remedy)
    if source.origin == "kubernetes":
        return
    if source.bootstrap_servers is None:
        rule = f"is missing: with source.{source.origin} nothing else says where the source is"
        yield Problem("source.bootstrap_servers", MISSING, rule, "Write e.g. kafka-1.example.com:9094")
    for key in ("kubeconfig", "context", "listener"):
        if (value := getattr(source, key)) is not None:
            rule = f"has no meaning with source.{source.origin}, which reads no Kubernetes"
            yield Problem(f"source.{key}", value, rule, "Remove the line")


def _users(settings: Settings) -> Iterator[Problem]:
    names = Names.of(settings)
    own_users = {names.mirror_user: "the mirror's own user", names.verifier_user: "the verification's user"}
    own_secrets = {
        names.source_ca_secret: "the copy of the source's CA",
        names.source_user_secret: "the copy of the source user's credential",
        names.target_ca_secret: "the target's CA",
    }
    own_secrets.update((names.password_secret(user), f"{user}'s password") for user in settings.users.copy)
    for index, user in enumerate(settings.users.copy):
        path = f"users.copy[{index}]"
        if user in own_users:
            yield Problem(
                path,
                user,
                f"is the name of {own_users[user]}, which mirror.name gives it",
                "Choose another mirror.name",
            )
        elif user in own_secrets:
            yield Problem(
                path,
                user,
                f"cannot be copied: its Secret would be {own_secrets[user]}",
                "Choose another mirror.name or source.alias",
            )
        if len(names.password_secret(user)) > _KUBERNETES_NAME_MAX:
            yield Problem(
                path,
                user,
                f"is too long: its Secret {names.password_secret(user)!r} would have more than "
                f"{_KUBERNETES_NAME_MAX} characters",
                "Choose a shorter mirror.name",
            )
