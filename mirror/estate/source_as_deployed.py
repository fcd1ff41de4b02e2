"""The source as it was deployed, from the target's Kubernetes: for a promoted mirror.

After a failover the source may never come back, or as another one, and `pulumi up` has to work: with what the
stack has copied to the target before. Clients log in with the copied users there, so a source that is built
anew, with other passwords, or to which a mirror brings records home, must not change them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from manifests.estate import CopiedUser, SourceEstate
from manifests.strimzi.kafka_user import copied_user
from manifests.strimzi.resource import read_mirror_maker2
from manifests.strimzi.standby import is_read_only
from mirror.clients.kubernetes import Kubernetes
from mirror.estate.findings import Notes
from mirror.estate.kafka_user_differences import differing
from mirror.estate.target_clients import copied_resources
from mirror.mm2.phase import AT_REST, phase_of
from mirror.problems import CouldNotRun, NotThere
from mirror.text.names import few
from settings.model import Settings
from settings.names import Names

_SCRAM = "scram-sha-512"


def source_as_deployed(settings: Settings, kubernetes: Kubernetes) -> SourceEstate | None:
    """Read the addresses, the CA, the credential and the copied users that the stack has deployed; None where
    no mirror is deployed that was promoted. Raises CouldNotRun.
    """
    names, namespace = Names.of(settings), settings.target.namespace
    resource = _promoted(settings, kubernetes)
    if resource is None:
        return None
    flow = read_mirror_maker2(resource).flows.get(settings.source.alias)
    if flow is None:
        raise CouldNotRun(
            f"looking for source {settings.source.alias} in KafkaMirrorMaker2 {namespace}/{names.mirror}",
            "it does not mirror from there",
            "check `source.alias`",
        )
    trusted = (flow.connection.get("tls") or {}).get("trustedCertificates")
    return SourceEstate(
        str(flow.connection.get("bootstrapServers", "")),
        _text(kubernetes, namespace, names.source_ca_secret) if trusted else {},
        _text(kubernetes, namespace, names.source_user_secret) if settings.source.has_credential else {},
        _users(settings, kubernetes),
    )


def users_as_deployed(
    settings: Settings, kubernetes: Kubernetes, known: Collection[str]
) -> tuple[CopiedUser, ...] | None:
    """As `source_as_deployed`, the copied users alone, of those that are `known` by the source. The ones
    whose password was deleted are left out, so that they are made again.
    """
    return None if _promoted(settings, kubernetes) is None else _users(settings, kubernetes, known)


def _promoted(settings: Settings, kubernetes: Kubernetes) -> Mapping[str, Any] | None:
    namespace, name = settings.target.namespace, Names.of(settings).mirror
    try:
        resource: Mapping[str, Any] = kubernetes.strimzi("KafkaMirrorMaker2", namespace, name)
    except NotThere:
        return None
    return resource if phase_of(resource) in AT_REST else None


def _users(
    settings: Settings, kubernetes: Kubernetes, known: Collection[str] | None = None
) -> tuple[CopiedUser, ...]:
    names, namespace = Names.of(settings), settings.target.namespace
    there = copied_resources(settings, kubernetes)
    # A user that the stack file no longer chooses remains on the target, and is not the stack's any more.
    chosen = (there if settings.users.selector else settings.users.copy) if known is None else known
    users = []
    for name, user in sorted((name, one) for name, one in there.items() if name in chosen):
        spec = dict(user.get("spec") or {})
        password = None
        if (spec.get("authentication") or {}).get("type") == _SCRAM:
            try:
                password = _text(kubernetes, namespace, names.password_secret(name)).get("password")
            except NotThere:
                if known is None:
                    raise
                continue
        users.append(CopiedUser(name, spec, password, deployed=True))
    return tuple(users)


def with_deployed_users(
    settings: Settings, source: SourceEstate, deployed: Iterable[CopiedUser], notes: Notes
) -> SourceEstate:
    """Return the source with each copied user as it is deployed, and warn of those that differ. A user that
    is not deployed yet is that of the source.
    """
    there = {one.name: one for one in deployed}
    others = [
        one.name
        for one in source.kafka_users
        if one.name in there and _differs(settings, one, there[one.name])
    ]
    if others:
        notes.warn(
            f"users of {settings.source.alias} whose login, permissions or quotas are not those of their "
            f"copies any more: {few(others)}. Mirror {settings.mirror.name} is {settings.mirror.phase}, so "
            "clients use the copies, and they remain as they are deployed"
        )
    users = tuple(there[one.name] if one.name in others else one for one in source.kafka_users)
    return replace(source, kafka_users=users)


def _differs(settings: Settings, user: CopiedUser, deployed: CopiedUser) -> bool:
    if is_read_only(settings, deployed.spec):  # the promotion was interrupted before it let this user write
        return False
    if user.password != deployed.password:
        return True
    wanted = copied_user(settings, user.name, user.spec)["spec"]
    return any(differing(deployed.spec, wanted))


def _text(kubernetes: Kubernetes, namespace: str, secret: str) -> dict[str, str]:
    return {key: value.decode() for key, value in kubernetes.secret(namespace, secret).items()}
