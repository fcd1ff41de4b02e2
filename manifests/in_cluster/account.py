"""As whom pods look in the target's Kubernetes: a ServiceAccount that may read what the checks read, by name.

Each rule stands beside the module that reads. What is not copied or not logged in with is not allowed either:
a stack without copied users lets nobody see KafkaUsers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from manifests.estate import CopiedUser, Estate
from manifests.metadata import metadata
from settings.model import Settings
from settings.names import Names

Manifest = dict[str, Any]

_STRIMZI = "kafka.strimzi.io"
_RBAC = "rbac.authorization.k8s.io"


def account(
    settings: Settings, estate: Estate, name: str, labels: Mapping[str, str], *, writes: str | None = None
) -> tuple[Manifest, ...]:
    """ServiceAccount, Role and RoleBinding of this name, in the order in which they are made; `writes` is the
    one ConfigMap that it may change.
    """
    rules = list(_reading(settings, estate))
    if writes is not None:
        rules.append(_rule("", "configmaps", "patch", [writes]))
    annotations = settings.verification.service_account_annotations
    return (
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": metadata(settings, name, labels=labels, annotations=annotations),
            # The pod asks for its token itself, with an end.
            "automountServiceAccountToken": False,
        },
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "Role",
            "metadata": metadata(settings, name, labels=labels),
            "rules": rules,
        },
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "RoleBinding",
            "metadata": metadata(settings, name, labels=labels),
            "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": settings.target.namespace}],
        },
    )


def _reading(settings: Settings, estate: Estate) -> Iterator[dict[str, Any]]:
    """What the checks read."""
    names = Names.of(settings)
    yield _rule(_STRIMZI, "kafkamirrormaker2s", "get", [names.mirror])
    yield from _copied_users(settings, estate)
    yield _rule("", "secrets", "get", _secrets(settings, estate))
    yield _rule("", "configmaps", "get", [names.baseline_config_map])


def _copied_users(settings: Settings, estate: Estate) -> Iterator[dict[str, Any]]:
    """The KafkaUsers, and where they log in: mirror.verify.reading.copied_users and .users read them."""
    if not estate.source.kafka_users:
        return
    yield _rule(_STRIMZI, "kafkas", "get", [settings.target.cluster])
    if settings.users.selector:
        # RBAC holds no list to names, and whom a selector chooses only a list tells. It shows no secret.
        yield _rule(_STRIMZI, "kafkausers", "list")
    else:
        yield _rule(_STRIMZI, "kafkausers", "get", settings.users.copy)


def _secrets(settings: Settings, estate: Estate) -> Iterator[str]:
    """Those by which the checks log in to both clusters, as the mirror and as its users do."""
    names = Names.of(settings)
    # mirror.estate.deployed
    yield from (names.source_user_secret, names.target_ca_secret, names.verifier_user)
    if estate.source.ca:
        yield names.source_ca_secret
    # mirror.verify.reading.certificates: how long the mirror's own certificate lasts
    if settings.target.authentication == "tls":
        yield names.mirror_user
    # mirror.verify.reading.copied_users
    users = estate.source.kafka_users
    yield from (names.password_secret(user.name) for user in users if user.password is not None)
    if settings.users.tls == "new-certificate" and (certified := [one.name for one in users if _tls(one)]):
        yield f"{settings.target.cluster}-clients-ca-cert"
        yield from certified  # the User Operator's, of the user's name


def _tls(user: CopiedUser) -> bool:
    return (user.spec.get("authentication") or {}).get("type") == "tls"


def _rule(group: str, resource: str, verb: str, names: Iterable[str] | None = None) -> dict[str, Any]:
    rule: dict[str, Any] = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
    if names is not None:
        rule["resourceNames"] = sorted(set(names))
        # To RBAC no names mean all of them.
        assert rule["resourceNames"], f"a right to {verb} {resource} names none"
    return rule
