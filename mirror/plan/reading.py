"""Reads the inputs of a plan from the target's Kubernetes; `source_look` reads those of the source's Kafka.

An unreadable part becomes a sentence in the plan, never an error: a preview must not fail because a cluster
does not answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from manifests.declaration import Declaration
from manifests.estate import Estate
from manifests.metadata import DECLARED, KINDS_BESIDE_THE_MIRROR, Manifest, Owner, mirror_of
from manifests.strimzi.resource import read_mirror_maker2
from mirror.clients.kubernetes import Kubernetes
from mirror.estate.connection import connect
from mirror.estate.seen import Seen
from mirror.plan.assemble import plan_of
from mirror.plan.other_systems import connect_topics
from mirror.plan.planned import DeployedResources, Plan
from mirror.plan.source_look import LOOK_SECONDS, look_at_source
from mirror.problems import CouldNotRead, CouldNotRun, NotThere, one_line
from settings.model import Settings
from settings.names import Names

_AT_ONCE = 16  # Secrets that are read in parallel

_HEARTBEATS = ("KafkaConnect", "KafkaConnector")
"""The kinds of the heartbeats' resources. A KafkaConnect may be of others, too."""


def read_plan(
    settings: Settings,
    estate: Estate,
    root: Path,
    *,
    known: Collection[str],
    owner: Owner | None = None,
) -> Plan:
    """Read the deployed resources and the source, and plan one mirror.

    `root`: base folder of kubeconfig paths. `known`: names of all mirrors of the stack. `owner`: the stack,
    where its name is known.
    """
    with look_at_source(settings, estate) as finish:  # beside the reading of the target
        deployed = read_deployed_resources(settings, estate, root, known)
        flow = read_mirror_maker2(deployed.mirror_maker2).flows.get(settings.source.alias)
        source = finish(flow, LOOK_SECONDS)
    plan = plan_of(settings, estate, deployed, source, owner)
    if deployed.unread is not None:
        return plan
    seen = Seen.of(settings, estate.target.kafka, deployed.mirror_maker2, deployed.kafka_users)
    return replace(plan, seen=seen)


def read_plans(
    mirrors: Sequence[tuple[Settings, Estate]],
    root: Path,
    known: Collection[str] = (),
    owner: Owner | None = None,
) -> list[Plan]:
    """Plan several mirrors in parallel. `known`: all mirrors of the stack, if `mirrors` are only some.
    `owner`: the stack, where its name is known.
    """
    known = {*known, *(settings.mirror.name for settings, _ in mirrors)}
    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(lambda one: read_plan(one[0], one[1], root, known=known, owner=owner), mirrors))


def read_deployed_resources(
    settings: Settings, estate: Estate, root: Path, known: Collection[str]
) -> DeployedResources:
    """Read the mirror's resources and Secrets from the target's Kubernetes."""
    declared = Declaration.of(settings, estate)
    name, namespace = settings.mirror.name, settings.target.namespace
    try:
        kubernetes = connect(settings.target, root)
        with ThreadPoolExecutor(max_workers=5) as pool:
            mirrors = pool.submit(kubernetes.strimzi_list, "KafkaMirrorMaker2", namespace)
            users = pool.submit(kubernetes.strimzi_list, "KafkaUser", namespace)
            own = [one for one in (declared.source_user, declared.source_ca) if one is not None]
            wanted = [*own, *declared.passwords.values()]
            secrets = pool.submit(_secrets, kubernetes, namespace, wanted)
            objects = {
                kind: pool.submit(_recorded, kubernetes, kind, settings) for kind in KINDS_BESIDE_THE_MIRROR
            }
            beats = [pool.submit(_listed, kubernetes, kind, namespace) for kind in _HEARTBEATS]
        found = {str(one["metadata"]["name"]): one for one in mirrors.result()}
        ours = {declared.mirror_user["metadata"]["name"], declared.verifier_user["metadata"]["name"]}
        ours |= set(declared.copied_users)
        return DeployedResources(
            found.get(name),
            {
                user: one
                for one in users.result()
                if (user := str(one["metadata"]["name"])) in ours or mirror_of(one["metadata"]) == name
            },
            secrets.result(),
            {
                other: one
                for other, one in sorted(found.items())
                if mirror_of(one["metadata"]) not in (None, name, *known) and other not in (name, *known)
            },
            {
                f"{one['kind']} {one['metadata']['name']}": one
                for one in (*beats[0].result(), *beats[1].result())
                if mirror_of(one["metadata"]) == name
            },
            *_gathered(objects),
            {
                str(one["metadata"]["name"]): connect_topics(one)
                for one in beats[0].result()
                if mirror_of(one["metadata"]) != name
            },
        )
    except CouldNotRun as error:
        return DeployedResources(unread=f"{one_line(error.tried)}: {one_line(error.happened)}")


def _listed(kubernetes: Kubernetes, kind: str, namespace: str) -> list[dict[str, Any]]:
    """Return the resources of a kind; none if the CRD is not installed."""
    try:
        # The items of a list have no `kind`.
        return [{"kind": kind, **one} for one in kubernetes.strimzi_list(kind, namespace)]
    except NotThere:
        return []


def _recorded(kubernetes: Kubernetes, kind: str, settings: Settings) -> dict[str, str]:
    """Return the recorded digests of the mirror's own objects of a kind, by `<kind> <name>`. The baseline is
    none of them. Raises CouldNotRead where listing is forbidden.
    """
    try:
        found = kubernetes.metadata(kind, settings.target.namespace)
    except NotThere:  # the API does not serve the kind
        return {}
    baseline = Names.of(settings).baseline_config_map
    return {
        f"{kind} {one['name']}": str((one.get("annotations") or {}).get(DECLARED, ""))
        for one in found
        if mirror_of(one) == settings.mirror.name and (kind, one["name"]) != ("ConfigMap", baseline)
    }


def _gathered(objects: Mapping[str, Future[dict[str, str]]]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the digests, and the reason for each kind that could not be read."""
    digests: dict[str, str] = {}
    unread: dict[str, str] = {}
    for kind, reading in objects.items():
        try:
            digests |= reading.result()
        except CouldNotRead as error:
            unread[kind] = one_line(error.happened)
    return digests, unread


def _secrets(
    kubernetes: Kubernetes, namespace: str, manifests: Sequence[Manifest]
) -> dict[str, dict[str, bytes]]:
    """Read these Secrets, each by its name: a list would contain every credential of the namespace."""
    names = sorted({str(one["metadata"]["name"]) for one in manifests})

    def attempt(name: str) -> dict[str, bytes] | None:
        try:
            return kubernetes.secret(namespace, name)
        except NotThere:
            return None

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        found = zip(names, pool.map(attempt, names), strict=True)
        return {name: data for name, data in found if data is not None}
