"""Who verifies in the target's Kubernetes: a ServiceAccount that may read what the checks read, by name.

Each rule stands beside the module that reads. What is not copied or not logged in with is not allowed either:
a stack without copied users lets nobody see KafkaUsers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from manifests.estate import CopiedUser, Estate
from manifests.metadata import metadata
from settings.model import Settings
from settings.names import Names

Manifest = dict[str, Any]

LABELS = {"app.kubernetes.io/name": "region-mirror", "app.kubernetes.io/component": "verification"}
_STRIMZI = "kafka.strimzi.io"


def verification_account(settings: Settings, estate: Estate) -> tuple[Manifest, ...]:
    """ServiceAccount, Role and RoleBinding, in the order in which they are made."""
    return _service_account(settings), _role(settings, estate), _role_binding(settings)


def _service_account(settings: Settings) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(
            settings,
            Names.of(settings).verification,
            labels=LABELS,
            annotations=settings.verification.service_account_annotations,
        ),
        # The pod asks for its token itself, with an end.
        "automountServiceAccountToken": False,
    }


def _role(settings: Settings, estate: Estate) -> Manifest:
    """What the checks read, and the one ConfigMap that they write."""
    names = Names.of(settings)
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": metadata(settings, names.verification, labels=LABELS),
        "rules": [
            _rule(_STRIMZI, "kafkamirrormaker2s", "get", [names.mirror]),
            *_copied_users(settings, estate),
            _rule("", "secrets", "get", _secrets(settings, estate)),
            _rule("", "configmaps", "get", [names.baseline_config_map]),
            _rule("", "configmaps", "patch", [names.verification]),
        ],
    }


def _copied_users(settings: Settings, estate: Estate) -> Iterator[dict[str, Any]]:
    """The KafkaUsers (mirror.observe.copied_users), and where they log in (mirror.observe.users)."""
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
    # mirror.deployed
    yield from (names.source_user_secret, names.target_ca_secret, names.verifier_user)
    if estate.source.ca:
        yield names.source_ca_secret
    # mirror.observe.certificates: how long the mirror's own certificate lasts
    if settings.target.authentication == "tls":
        yield names.mirror_user
    # mirror.observe.copied_users
    users = estate.source.kafka_users
    yield from (names.password_secret(user.name) for user in users if user.password is not None)
    if settings.users.tls == "new-certificate" and (certified := [one.name for one in users if _tls(one)]):
        yield f"{settings.target.cluster}-clients-ca-cert"
        yield from certified  # the User Operator's, of the user's name


def _tls(user: CopiedUser) -> bool:
    return (user.spec.get("authentication") or {}).get("type") == "tls"


def _role_binding(settings: Settings) -> Manifest:
    name = Names.of(settings).verification
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": metadata(settings, name, labels=LABELS),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": settings.target.namespace}],
    }


def _rule(group: str, resource: str, verb: str, names: Iterable[str] | None = None) -> dict[str, Any]:
    rule: dict[str, Any] = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
    if names is not None:
        rule["resourceNames"] = sorted(set(names))
        # To RBAC no names mean all of them.
        assert rule["resourceNames"], f"a right to {verb} {resource} names none"
    return rule
