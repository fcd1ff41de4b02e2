"""Reads how the copied users connect to the deployed target: from Kafka and KafkaUsers, never a Secret."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from manifests.clients import Client, client_of, to_json
from manifests.metadata import mirror_of
from manifests.strimzi.standby import is_read_only
from mirror.clients.kubernetes import Kubernetes
from mirror.estate.connection import connect
from mirror.estate.kafka_listeners import client_listeners
from mirror.estate.origin import named
from mirror.problems import CouldNotRead, NotThere
from settings.model import Settings
from settings.names import Names

_AT_ONCE = 16
_DECLARE = "`pulumi up` declares it; `pulumi up --refresh`, if it was deleted outside Pulumi"


@dataclass(frozen=True, slots=True)
class TargetClients:
    """The copied users of one mirror, by name."""

    mirror: str
    target: str
    clients: Mapping[str, Client]

    @property
    def work(self) -> bool:
        """Whether each user has a listener that takes its login, and a KafkaUser that is Ready."""
        return all(one.problem is None for one in self.clients.values())

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"mirror": self.mirror, "target": self.target, "clients": to_json(self.clients)}


def read_clients(settings: Settings, root: Path) -> TargetClients:
    """Raises CouldNotRun where the target's Kafka or the KafkaUsers cannot be read."""
    return clients_of(settings, connect(settings.target, root))


def clients_of(settings: Settings, kubernetes: Kubernetes) -> TargetClients:
    """As `read_clients`, from an open API."""
    target = settings.target
    kafka = kubernetes.strimzi("Kafka", target.namespace, target.cluster)
    listeners = client_listeners(kafka, target.listener)
    clients = {}
    resources = copied_resources(settings, kubernetes)
    for name, resource in sorted(resources.items()):
        kind = ((resource.get("spec") or {}).get("authentication") or {}).get("type")
        reason = unready(resource)
        problem = (reason, "look at its status and the User Operator's log") if reason else None
        client = client_of(settings, name, kind, listeners, problem)
        client = replace(client, read_only=is_read_only(settings, resource.get("spec") or {}))
        secret = (resource.get("status") or {}).get("secret")
        if client.secret is not None and secret:
            client = replace(client, secret=f"{target.namespace}/{secret}")
        clients[name] = client
    for name in settings.users.copy:
        if name not in resources:
            message = f"there is no KafkaUser {target.namespace}/{name} of this mirror on the target"
            clients[name] = Client(name, "unknown", "", problem=message, remedy=_DECLARE)
    return TargetClients(settings.mirror.name, target.alias, clients)


def copied_resources(settings: Settings, kubernetes: Kubernetes) -> dict[str, Mapping[str, Any]]:
    """The target's KafkaUsers that carry this mirror's name, without its own; by name.

    Raises CouldNotRun where they cannot be read.
    """
    if not settings.users.copy and not settings.users.selector:
        return {}
    names, namespace = Names.of(settings), settings.target.namespace
    own = {names.mirror_user, names.verifier_user}
    try:
        listed = kubernetes.strimzi_list("KafkaUser", namespace)
    except CouldNotRead:
        if settings.users.selector:
            raise
        listed = _one_by_one(settings, kubernetes)
    ours = [one for one in listed if mirror_of(one.get("metadata") or {}) == settings.mirror.name]
    return {named(one): one for one in ours if named(one) not in own}


def _one_by_one(settings: Settings, kubernetes: Kubernetes) -> list[dict[str, Any]]:
    """Where listing is forbidden, as it is to an account with permissions for single names."""

    def attempt(name: str) -> dict[str, Any] | None:
        try:
            return kubernetes.strimzi("KafkaUser", settings.target.namespace, name)
        except NotThere:
            return None

    with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="users") as pool:
        return [one for one in pool.map(attempt, settings.users.copy) if one is not None]


def unready(resource: Mapping[str, Any]) -> str | None:
    """What a KafkaUser's status lacks for the User Operator to have made it as it is declared now."""
    status, metadata = resource.get("status") or {}, resource.get("metadata") or {}
    conditions = {one.get("type"): one for one in status.get("conditions") or []}
    ready = conditions.get("Ready")
    if ready is None or ready.get("status") != "True":
        why = conditions.get("NotReady") or ready or {}
        reason = ": ".join(str(why[key]) for key in ("reason", "message") if why.get(key))
        return f"its KafkaUser is not Ready ({reason or 'the User Operator has not looked at it'})"
    observed, generation = status.get("observedGeneration"), metadata.get("generation")
    if observed is not None and generation is not None and observed < generation:
        return f"the User Operator has seen generation {observed} of its KafkaUser, not {generation} yet"
    return None
