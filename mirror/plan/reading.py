"""Reads the inputs of a plan: the target's Kubernetes, and the source's Kafka within a few seconds.

An unreadable part becomes a sentence in the plan, never an error: a preview must not fail because a cluster
does not answer.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from manifests.declaration import Declaration
from manifests.estate import Estate
from manifests.metadata import DECLARED, Manifest, Owner, mirror_of
from manifests.strimzi.resource import MirrorFlow, read_mirror_maker2
from mirror.clients.access import (
    PLAIN,
    SCRAM_MECHANISMS,
    ClusterAccess,
    Credential,
    MskIamCredential,
    NoCredential,
    PlainCredential,
    ScramCredential,
    TlsCredential,
)
from mirror.clients.cluster import Cluster
from mirror.clients.kubernetes import Kubernetes
from mirror.clients.records import Bounds, ConfigValue, TopicPartition
from mirror.estate import oauth
from mirror.estate.connection import connect
from mirror.plan import matches
from mirror.plan.assemble import plan_of
from mirror.plan.objects import KINDS
from mirror.plan.other_systems import connect_topics
from mirror.plan.planned import DeployedResources, Plan, SourceLook
from mirror.problems import CouldNotRead, CouldNotRun, NotThere, one_line
from settings.model import Settings
from settings.names import Names

LOOK_SECONDS = 5.0
"""Limit for reading the source's Kafka."""
_MOST_COUNTED = 2_000  # added topics with their configurations; partitions whose records are counted
_AT_ONCE = 16  # Secrets that are read in parallel

_HEARTBEATS = ("KafkaConnect", "KafkaConnector")
"""The kinds of the heartbeats' resources. A KafkaConnect may be of others, too."""

T = TypeVar("T")


def read_plan(
    settings: Settings,
    estate: Estate,
    root: Path,
    *,
    seconds: float = LOOK_SECONDS,
    known: Collection[str] = (),
    owner: Owner | None = None,
) -> Plan:
    """Read the deployed resources and the source, and plan one mirror.

    `root`: base folder of kubeconfig paths. `seconds`: limit for reading the source. `known`: names of all
    mirrors of the stack. `owner`: the stack, where its name is known.
    """
    deployed = read_deployed_resources(settings, estate, root, known)
    flow = read_mirror_maker2(deployed.mirror_maker2).flows.get(settings.source.alias)
    return plan_of(settings, estate, deployed, look_at_source(settings, estate, flow, seconds), owner)


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
    settings: Settings, estate: Estate, root: Path, known: Collection[str] = ()
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
            objects = {kind: pool.submit(_recorded, kubernetes, kind, settings) for kind in KINDS}
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


def source_access(settings: Settings, estate: Estate) -> ClusterAccess:
    """Return the login of MM2 on the source: the stack's source user with its credential from `estate`.

    Raises KeyError for a missing Secret key.
    """
    source, secret = settings.source, estate.source.user_secret
    credential: Credential
    if not source.logs_in:
        credential = NoCredential()
    elif source.msk_iam is not None:
        identity = source.msk_iam
        credential = MskIamCredential(source.user, identity.region, identity.role_arn or "")
    elif source.authentication == "tls":
        credential = TlsCredential(secret["user.crt"], secret["user.key"], source.user)
    elif source.oauth is not None:
        credential = oauth.given(source.user, source.oauth, secret["password"])
    elif source.authentication == PLAIN:
        credential = PlainCredential(source.user, secret["password"])
    else:
        mechanism = SCRAM_MECHANISMS[source.authentication]
        credential = ScramCredential(source.user, secret["password"], mechanism)
    ca = "\n".join(estate.source.ca[key] for key in sorted(estate.source.ca))
    servers = estate.source.bootstrap_servers
    return ClusterAccess(servers, ca, credential, source.alias, encrypted=source.encrypted)


def look_at_source(
    settings: Settings, estate: Estate, flow: MirrorFlow | None, seconds: float = LOOK_SECONDS
) -> SourceLook:
    """Read the source's topics and groups, and count the records of added topics."""
    try:
        access = source_access(settings, estate)
    except KeyError as error:
        why = f"the Secret of the source user has no {error}"
        return SourceLook(topics_unknown=why, groups_unknown=why)
    return look_with(access, settings, flow, seconds)


def look_with(
    access: ClusterAccess, settings: Settings, flow: MirrorFlow | None, seconds: float
) -> SourceLook:
    """Read the source with a given login; parts that take longer than `seconds` are unknown."""
    found = _Look(access, settings, flow)
    # A daemon thread: librdkafka cannot be interrupted, and late answers are dropped.
    thread = threading.Thread(target=found.run, daemon=True, name=f"look at {access.alias}")
    thread.start()
    thread.join(seconds)
    return found.result(f"{access.alias} did not answer within {seconds:g} s")


class _Look:
    """Parts read so far; the reading thread sets each part once."""

    def __init__(self, access: ClusterAccess, settings: Settings, flow: MirrorFlow | None) -> None:
        self._access, self._settings, self._flow = access, settings, flow
        self._topics: dict[str, int] | str | None = None
        self._groups: tuple[str, ...] | str | None = None
        self._others: tuple[str, ...] = ()
        self._records: dict[str, int] = {}
        self._configs: dict[str, Mapping[str, ConfigValue]] = {}

    def run(self) -> None:
        try:
            self._look()
        except Exception as error:  # no failure of a client library may stop a preview
            why = f"{type(error).__name__}: {one_line(error)}"
            self._topics = self._topics or why
            self._groups = self._groups or why

    def _look(self) -> None:
        with Cluster(self._access) as cluster:
            try:
                cluster.connect()
            except CouldNotRun as error:
                self._topics = self._groups = one_line(error.happened)
                return
            self._topics = _attempt(
                lambda: {name: topic.partitions for name, topic in cluster.topics().items()}
            )
            groups = _attempt(lambda: tuple(cluster.groups()))
            if isinstance(groups, tuple):
                others = _attempt(lambda: tuple(cluster.other_groups()))
                # Without the groups of other types the plan would be silent about them.
                groups = groups if isinstance(others, tuple) else others
                self._others = others if isinstance(others, tuple) else ()
            self._groups = groups
            if isinstance(self._topics, dict):
                topics = self._topics
                counted = _attempt(lambda: self._count(cluster, topics))
                self._records = counted if isinstance(counted, dict) else {}
                configs = _attempt(
                    lambda: cluster.topic_config_values(self._entering(topics)[:_MOST_COUNTED])
                )
                if isinstance(configs, dict):
                    self._configs = {name: one for name, one in configs.items() if isinstance(one, Mapping)}

    def _entering(self, topics: dict[str, int]) -> list[str]:
        return matches.entering_topics(self._settings, self._flow, topics)

    def _count(self, cluster: Cluster, topics: dict[str, int]) -> dict[str, int]:
        entering = self._entering(topics)
        if sum(topics[name] for name in entering) > _MOST_COUNTED:
            return {}
        partitions = [TopicPartition(name, one) for name in entering for one in range(topics[name])]
        records = dict.fromkeys(entering, 0)
        for partition, bounds in cluster.bounds(partitions).items():
            if isinstance(bounds, Bounds):
                records[partition.topic] += bounds.end - bounds.start
            else:
                return {}
        return records

    def result(self, late: str) -> SourceLook:
        topics, groups, records = self._topics, self._groups, self._records
        return SourceLook(
            {name: (count, records.get(name)) for name, count in topics.items()}
            if isinstance(topics, dict)
            else {},
            groups if isinstance(groups, tuple) else (),
            None if isinstance(topics, dict) else (topics or late),
            None if isinstance(groups, tuple) else (groups or late),
            self._others if isinstance(groups, tuple) else (),
            self._configs,
        )


def _attempt(read: Callable[[], T]) -> T | str:
    """Return the answer, or a sentence with the reason of the failure."""
    try:
        return read()
    except CouldNotRun as error:
        return one_line(error.happened)
    except (re.error, Warning, OSError) as error:
        return one_line(error)
