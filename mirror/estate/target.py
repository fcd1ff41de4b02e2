"""Reads the target: its listener and CA, the Strimzi API that it serves, its KafkaUsers and Secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from manifests.estate import StrimziApi, TargetEstate
from mirror.clients.kubernetes import Kubernetes
from mirror.estate.certificates import judge_trust
from mirror.estate.credential_rules import text
from mirror.estate.findings import Notes
from mirror.estate.kafka_authorization import takes_no_users
from mirror.estate.kafka_listeners import bootstrap_of, client_listeners, distrusted, unfit
from mirror.estate.origin import Content, labels_of
from mirror.problems import CouldNotConnect, CouldNotRead, CouldNotRun, NotThere
from settings.model import Settings
from settings.names import Names

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Target:
    """What was read at the target. `kafka_users` is None where listing is forbidden."""

    estate: TargetEstate | None
    kafka: Mapping[str, Any] | None = None
    kafka_users: tuple[Mapping[str, Any], ...] | None = None
    mirrors: tuple[Mapping[str, Any], ...] | None = None
    """The KafkaMirrorMaker2 of the namespace; None where listing is forbidden."""
    clients_authorities: Content | None = None
    """`<cluster>-clients-ca-cert`; read only where users keep their certificates."""
    side: Kubernetes | None = None
    """None if its API does not answer."""


def read_target(side: Kubernetes, settings: Settings, notes: Notes) -> Target:
    """Read the target; problems become notes. The first read shows whether the API answers."""
    target = settings.target
    try:
        kafka = side.strimzi("Kafka", target.namespace, target.cluster)
    except CouldNotConnect as error:
        notes.note(error)
        return Target(None)
    except CouldNotRun as error:
        notes.note(error)
        kafka = None
    bootstrap = bootstrap_of(kafka, target, target.listener, notes) if kafka is not None else None
    if kafka is not None:
        notes.add(unfit(kafka, target, target.listener))
    api = _api(side, settings, notes)
    ca = _authorities(side, settings, notes)
    if kafka is not None and ca is not None:
        notes.add(distrusted(kafka, target, target.listener, ca))
    estate = None
    if bootstrap is not None and ca is not None and api is not None:
        listeners = tuple(client_listeners(kafka or {}, target.listener))
        estate = TargetEstate(bootstrap, ca, api, listeners, kafka or {})
    namespace = settings.target.namespace
    with ThreadPoolExecutor(max_workers=3) as pool:
        users = pool.submit(_listed, "KafkaUsers", partial(side.strimzi_list, "KafkaUser", namespace), notes)
        listing = partial(side.strimzi_list, "KafkaMirrorMaker2", namespace)
        mirrors = pool.submit(_listed, "KafkaMirrorMaker2", listing, notes)
        clients = pool.submit(_clients, side, settings, notes)
    listed = users.result()
    if kafka is not None:
        notes.add(takes_no_users(kafka, namespace, target.cluster, _reconciled(listed, target.cluster)))
    return Target(estate, kafka, listed, mirrors.result(), clients.result(), side)


def secrets_there(
    side: Kubernetes | None, namespace: str, names: Iterable[str], notes: Notes
) -> list[Mapping[str, Any]]:
    """Return the metadata of those Secrets that exist. Each is read by its name: a permission to list Secrets
    is one to read all of them.
    """
    if side is None:
        return []

    def attempt(name: str) -> list[dict[str, Any]]:
        try:
            return [side.secret_metadata(namespace, name)]
        except NotThere:
            return []

    def read() -> list[dict[str, Any]]:
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            return [one for found in pool.map(attempt, names) for one in found]

    return list(_listed("Secrets", read, notes) or ())


def _reconciled(users: Iterable[Mapping[str, Any]] | None, cluster: str) -> bool:
    """Whether a User Operator has written a status to a KafkaUser of the cluster."""
    return any(
        labels_of(one).get("strimzi.io/cluster") == cluster and (one.get("status") or {}).get("conditions")
        for one in users or ()
    )


def _api(side: Kubernetes, settings: Settings, notes: Notes) -> StrimziApi | None:
    """The API version to declare: that of the stack file, else the newest that serves KafkaMirrorMaker2."""
    choice = settings.target.api_version
    try:
        served = side.strimzi_api("KafkaMirrorMaker2")
    except CouldNotRead as error:
        if choice != "auto":
            return choice
        notes.note(CouldNotRead(error.tried, error.happened, "set target.api_version to v1 or v1beta2"))
        return None
    except NotThere as error:
        notes.note(error)
        return None
    if choice == "auto" or choice == served:
        return served
    if not side.serves(choice, "KafkaMirrorMaker2"):
        message = f"{side.where} does not serve this version; it serves {served}"
        notes.note(CouldNotRun(f"target.api_version {choice}", message, "set it to auto, or remove it"))
        return None
    return choice


def _authorities(side: Kubernetes, settings: Settings, notes: Notes) -> dict[str, str] | None:
    if settings.target.public_ca:
        return {}
    namespace, name = settings.target.namespace, Names.of(settings).target_ca_secret
    data = notes.attempt(lambda: side.secret(namespace, name))
    if data is None:
        return None
    certificates = {key: text(value) for key, value in data.items() if key.endswith(".crt")}
    margin = timedelta(days=settings.verification.certificate_margin_days)
    notes.add(judge_trust(certificates, f"Secret {namespace}/{name}", margin=margin))
    return certificates


def _listed(
    what: str, read: Callable[[], list[dict[str, Any]]], notes: Notes
) -> tuple[Mapping[str, Any], ...] | None:
    try:
        return tuple(read())
    except CouldNotConnect as error:
        notes.note(error)
    except CouldNotRun as error:
        notes.warn(
            f"could not check whether the target already has {what} with the same names, which this stack "
            f"would take over: {error.tried}: {error.happened}. {error.way_out}"
        )
    return None


def _clients(side: Kubernetes, settings: Settings, notes: Notes) -> Content | None:
    if settings.users.tls != "keep-certificate" or not (settings.users.copy or settings.users.selector):
        return None
    namespace, name = settings.target.namespace, f"{settings.target.cluster}-clients-ca-cert"
    data = notes.attempt(lambda: side.secret(namespace, name))
    return None if data is None else Content(f"Secret {namespace}/{name}", data)
