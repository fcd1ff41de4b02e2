"""Rules for copied users: they must exist at the source, and their names must not clash on the target."""

from __future__ import annotations

from collections.abc import Iterator

from settings.model import Settings
from settings.names import Names
from settings.problems import MISSING, Problem

_KUBERNETES_NAME_MAX = 253


def users_are_somewhere(settings: Settings) -> Iterator[Problem]:
    """KafkaUsers are copied from the source's Kubernetes or from exported files."""
    source, users = settings.source, settings.users
    path = "users.copy" if users.copy else "users.selector"
    if not users.copy and not users.selector:
        return
    if source.origin == "credentials":
        rule = "has no effect with source.credentials, which is for a source without KafkaUsers"
        remedy = "Remove it, and create KafkaUsers on the target yourself"
        yield Problem(path, list(users.copy) or dict(users.selector), rule, remedy)
    if source.exported is not None and not source.exported.kafka_users:
        rule = f"is missing: {path} copies users from it"
        remedy = (
            "Export them: `oc get kafkauser -o yaml`, and their Secrets: "
            "`oc get secret -l strimzi.io/kind=KafkaUser -o yaml`"
        )
        yield Problem("source.exported.kafka_users", MISSING, rule, remedy)


def users_are_not_the_mirrors_own(settings: Settings) -> Iterator[Problem]:
    """Names of users and Secrets must be unique."""
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
            rule = f"is the name of {own_users[user]}, which derives from mirror.name"
            yield Problem(path, user, rule, "Choose another mirror.name")
        elif user in own_secrets:
            rule = f"cannot be copied: its Secret would be {own_secrets[user]}"
            yield Problem(path, user, rule, "Choose another mirror.name or source.alias")
        if len(secret := names.password_secret(user)) > _KUBERNETES_NAME_MAX:
            rule = (
                f"is too long: its Secret {secret!r} would have more than {_KUBERNETES_NAME_MAX} characters"
            )
            yield Problem(path, user, rule, "Choose a shorter mirror.name")


RULES = (users_are_somewhere, users_are_not_the_mirrors_own)
