"""The flows of all manifests that are judged together, across stack files, projects and teams. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from manifests.strimzi.deployed_flow import deployed_flow
from manifests.strimzi.resource import SOURCE_CONNECTOR, split_list
from policy.documents import Documents, MirrorDocument
from policy.rule import Context
from settings.loops import Loop, loops
from settings.model import Settings
from settings.overlap import Flow, both_write

_IN_KUBERNETES = re.compile(r"[^.]+|[^.]+\.[^.]+|.+\.svc(\..+)?")
"""Host names that mean another host in each Kubernetes cluster: `name`, `name.namespace`, `...svc`."""
SAME = (
    "Where one alias means different clusters in these files, write `environments` into the policy file "
    "(docs/policy.md)"
)
"""How to tell apart clusters that are taken as the same."""
SIDES = ("source", "target")
_LOOPBACK = re.compile(r"localhost|127\..*")


@dataclass(frozen=True, slots=True)
class Known:
    """A flow with its manifest."""

    flow: Flow
    mirror: MirrorDocument


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two mirrors that write the same topics of one target."""

    one: Known
    other: Known
    topics: str


def known_flows(documents: Documents, context: Context) -> tuple[Known, ...]:
    """Return the flow of each mirror whose source connector is declared and that may run again."""
    settings = {(document.origin, one.mirror.name): one for document, one in documents.settings()}
    mirrors = [
        mirror
        for mirror in documents.mirrors()
        if SOURCE_CONNECTOR not in mirror.flow.undeclared and not mirror.document.ended
    ]
    ends = []
    for mirror in mirrors:
        stack = settings.get((mirror.document.origin, str(mirror.document.metadata.get("name"))))
        ends += [_end(mirror, side, stack, context) for side in SIDES]
    clusters = _clusters(ends)
    found = []
    for number, mirror in enumerate(mirrors):
        name = f"{mirror.document.origin}/{mirror.document.name}"
        source, target = clusters[2 * number : 2 * number + 2]
        flow = deployed_flow(name, mirror.flow, mirror.target, source, target)
        if flow is not None:
            found.append(Known(flow, mirror))
    return tuple(found)


def circles(known: tuple[Known, ...]) -> Iterator[tuple[Loop, tuple[Known, ...]]]:
    """Find the loops, each with its mirrors in the order of the records."""
    by_flow = {id(one.flow): one for one in known}
    for loop in loops([one.flow for one in known]):
        yield loop, tuple(by_flow[id(flow)] for flow in loop.flows)


def overlaps(known: tuple[Known, ...]) -> Iterator[Overlap]:
    """Find mirrors that write the same topics of one target."""
    for index, one in enumerate(known):
        for other in known[index + 1 :]:
            if one.flow.destination != other.flow.destination:
                continue
            if topics := both_write(one.flow, other.flow):
                yield Overlap(one, other, topics)


def stopped(known: Known) -> bool:
    """Tell whether the mirror does not run now, but may run again."""
    state = known.mirror.flow.connectors[SOURCE_CONNECTOR].get("state")
    return known.mirror.spec.pods.get("replicas") == 0 or state in ("paused", "stopped")


@dataclass(frozen=True, slots=True)
class _End:
    """What a manifest tells about the cluster at one end of a mirror."""

    alias: str
    side: str
    environment: str
    resource: tuple[str | None, ...] | None
    """The Kafka resource with its Kubernetes, where a stack file names both."""
    addresses: frozenset[str]
    named: frozenset[str]

    def same(self, other: _End) -> bool:
        """Tell whether both are taken as the same cluster: by its Kafka resource, an address or a name of the
        policy file, else by its alias, unless what both ends tell of the cluster differs.
        """
        if self.environment != other.environment:
            return False
        if self.addresses & other.addresses or self.named & other.named:
            return True
        if self.resource and other.resource:
            return self.resource == other.resource
        # A target is reached at another address than a source: inside its own Kubernetes.
        if self.side == other.side and self.addresses and other.addresses:
            return False
        return self.alias == other.alias


def _end(mirror: MirrorDocument, side: str, stack: Settings | None, context: Context) -> _End:
    connection = mirror.flow.connection if side == "source" else mirror.spec.target
    alias = mirror.flow.alias if side == "source" else mirror.target
    servers = split_list(connection.get("bootstrapServers"))
    end = None if stack is None else getattr(stack, side)
    # Without a context, each stack may be deployed with another kubeconfig.
    known = end is not None and end.cluster is not None and (end.context or end.kubeconfig)
    return _End(
        alias,
        side,
        context.environment(mirror.document.subject),
        (end.kubeconfig, end.context, end.namespace, end.cluster) if known and end is not None else None,
        frozenset(one for one in servers if _unique(one)),
        frozenset(name for name, words in context.clusters.items() if {alias, *servers} & set(words)),
    )


def _clusters(ends: Sequence[_End]) -> list[str]:
    """Return an identifier for the cluster of each end; it is the same for ends of the same cluster."""
    cluster = list(range(len(ends)))
    for at, one in enumerate(ends):
        for before in range(at):
            if cluster[before] != cluster[at] and one.same(ends[before]):
                old, new = max(cluster[at], cluster[before]), min(cluster[at], cluster[before])
                cluster = [new if number == old else number for number in cluster]
    return [f"cluster {number}" for number in cluster]


def _unique(address: str) -> bool:
    """Tell whether an address means the same host everywhere. Local ports are those of one lab."""
    host = address.rpartition(":")[0] or address
    return bool(_LOOPBACK.fullmatch(host)) or not _IN_KUBERNETES.fullmatch(host)
