"""The ServiceAccount of the pods in the target's Kubernetes, with permission to read what the checks read.

Each rule names the resources, and a comment names the module that reads them. No rule allows more: without
copied users, for example, the pods have no access to KafkaUsers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from manifests.estate import Estate
from manifests.metadata import Manifest, metadata
from settings.model import Settings
from settings.names import Names

STRIMZI = "kafka.strimzi.io"
_RBAC = "rbac.authorization.k8s.io"


def account(
    settings: Settings,
    estate: Estate,
    name: str,
    labels: Mapping[str, str],
    *,
    writes: Iterable[str],
    copied_users: bool = True,
) -> tuple[Manifest, ...]:
    """Render ServiceAccount, Role and RoleBinding of this name, in the order in which they are created.
    `writes` are the only ConfigMaps that the account may change. `copied_users`: the account may read the
    KafkaUsers and the credentials of copied users.
    """
    rules = list(_reading(settings, estate, copied_users=copied_users))
    if writable := sorted(writes):
        rules.append(rule("", "configmaps", "patch", writable))
    return account_of(settings, name, labels, rules)


def account_of(
    settings: Settings, name: str, labels: Mapping[str, str], rules: Iterable[Mapping[str, Any]]
) -> tuple[Manifest, ...]:
    """Render ServiceAccount, Role with these rules, and RoleBinding."""
    annotations = settings.verification.service_account_annotations
    return (
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": metadata(settings, name, labels=labels, annotations=annotations),
            # The pod requests its token itself, with an expiry.
            "automountServiceAccountToken": False,
        },
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "Role",
            "metadata": metadata(settings, name, labels=labels),
            "rules": list(rules),
        },
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "RoleBinding",
            "metadata": metadata(settings, name, labels=labels),
            "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": settings.target.namespace}],
        },
    )


def _reading(settings: Settings, estate: Estate, *, copied_users: bool) -> Iterator[dict[str, Any]]:
    """Return the rules for what the checks read."""
    names = Names.of(settings)
    yield rule(STRIMZI, "kafkamirrormaker2s", "get", [names.mirror])
    secrets = list(_secrets(settings, estate))
    if copied_users:
        yield from _copied_users(settings, estate)
        secrets += _secrets_of_copied_users(settings, estate)
    yield rule("", "secrets", "get", secrets)
    # mirror.last_look.store reads the look before: the rate of each topic is the difference
    yield rule("", "configmaps", "get", [names.baseline_config_map, names.last_look])


def _copied_users(settings: Settings, estate: Estate) -> Iterator[dict[str, Any]]:
    """Return the rules for copied KafkaUsers and the Kafka with their listeners, which
    mirror.verify.reading.copied_users and .users read.
    """
    if not estate.source.kafka_users:
        return
    yield rule(STRIMZI, "kafkas", "get", [settings.target.cluster])
    if settings.users.selector:
        # RBAC cannot limit a list to names, and a selector needs a list. KafkaUsers contain no secret.
        yield rule(STRIMZI, "kafkausers", "list")
    else:
        yield rule(STRIMZI, "kafkausers", "get", settings.users.copy)


def _secrets(settings: Settings, estate: Estate) -> Iterator[str]:
    """Return the Secrets with which the checks log in to both clusters, as the mirror and as its users."""
    names = Names.of(settings)
    # mirror.estate.deployed
    yield names.verifier_user
    if settings.source.has_credential:
        yield names.source_user_secret
    if not settings.target.public_ca:
        yield names.target_ca_secret
    if estate.source.ca:
        yield names.source_ca_secret
    # mirror.verify.reading.certificates reads the expiry of the mirror's own certificate
    if settings.target.authentication == "tls":
        yield names.mirror_user


def _secrets_of_copied_users(settings: Settings, estate: Estate) -> Iterator[str]:
    """Return the Secrets that mirror.verify.reading.copied_users reads."""
    names = Names.of(settings)
    users = estate.source.kafka_users
    yield from (names.password_secret(user.name) for user in users if user.password is not None)
    if settings.users.tls == "new-certificate" and (
        certified := [one.name for one in users if one.authentication == "tls"]
    ):
        yield f"{settings.target.cluster}-clients-ca-cert"
        yield from certified  # the User Operator names the Secret after the user


def rule(group: str, resource: str, verb: str, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Render one rule of a Role. `names`: the only objects for which it holds; RBAC cannot limit `create` and
    `list` to names.
    """
    made: dict[str, Any] = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
    if names is not None:
        made["resourceNames"] = sorted(set(names))
        if not made["resourceNames"]:
            # For RBAC an empty list of names means all names.
            raise ValueError(f"the permission to {verb} {resource} names no resource")
    return made
