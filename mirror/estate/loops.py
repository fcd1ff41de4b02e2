"""Finds KafkaMirrorMaker2 resources beside the source that would form a loop with this mirror. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from manifests.strimzi.deployed_flow import deployed_flow
from manifests.strimzi.resource import SOURCE_CONNECTOR, read_mirror_maker2, split_list
from mirror.estate.origin import named
from mirror.problems import Finding
from settings.consistency.mirrors import flow
from settings.loops import opposite
from settings.model import Settings

_HERE, _THERE = "the source", "the target"


def addresses(kafka: Mapping[str, Any] | None, namespace: str | None, cluster: str | None) -> frozenset[str]:
    """The addresses under which a KafkaMirrorMaker2 may reach a Strimzi cluster: `host:port` of each
    listener, and the names of its bootstrap Service.
    """
    listening = {
        address.strip()
        for listener in ((kafka or {}).get("status") or {}).get("listeners") or []
        for address in str(listener.get("bootstrapServers") or "").split(",")
    }
    if cluster is None:
        return frozenset(listening)
    service = f"{cluster}-kafka-bootstrap"
    return frozenset({*listening, service, f"{service}.{namespace}", f"{service}.{namespace}.svc"})


def loops_back(
    settings: Settings,
    mirrors: Iterable[Mapping[str, Any]],
    source_addresses: frozenset[str],
    target_addresses: frozenset[str],
) -> tuple[list[Finding], list[str]]:
    """Findings for each loop, and warnings where a loop cannot be excluded."""
    findings: list[Finding] = []
    warnings: list[str] = []
    ours = flow(settings, _HERE, _THERE)
    for resource in mirrors:
        metadata, spec = resource.get("metadata") or {}, read_mirror_maker2(resource)
        subject = f"KafkaMirrorMaker2 {metadata.get('namespace')}/{named(resource)} beside the source"
        into = str(spec.target.get("alias"))
        if not is_cluster(into, spec.target, settings.source.alias, source_addresses):
            continue
        for mirror in spec.mirrors:
            undeclared = SOURCE_CONNECTOR in mirror.undeclared
            if undeclared or not is_cluster(
                mirror.alias, mirror.connection, settings.target.alias, target_addresses
            ):
                continue
            theirs = deployed_flow(named(resource), mirror, into, _THERE, _HERE)
            if theirs is None:
                warnings.append(
                    f"{subject} mirrors in the other direction with an unknown replication policy: it "
                    f"cannot be "
                    "excluded that records would loop between the clusters"
                )
                continue
            loop = opposite(theirs, ours)
            if loop is None:
                continue
            effect = (
                f"it mirrors {theirs.source} -> {theirs.target}; with this mirror, {loop.topics} would loop "
            )
            effect += f"between the clusters: {loop.reason}"
            state = mirror.connectors[SOURCE_CONNECTOR].get("state")
            if settings.mirror.connector_state != "running":
                warnings.append(f"{subject}: when this mirror runs again, {effect}. {loop.remedy}")
            elif spec.pods.get("replicas") == 0 or state in ("paused", "stopped"):
                warnings.append(f"{subject}: when it runs again, {effect}. {loop.remedy}")
            else:
                findings.append(Finding(subject, effect, f"{loop.remedy}; or stop that mirror first"))
    return findings, warnings


def unseen(settings: Settings) -> Iterator[str]:
    """Warn where mirrors beside the source cannot be seen, and names are kept: two sound one-way mirrors make
    a circle then, in which every record is copied for ever while the lag stays 0.
    """
    source, target = settings.source.alias, settings.target.alias
    if settings.source.origin == "kubernetes" or settings.mirror.replication_policy != "identity":
        return
    yield (
        f"could not check whether a mirror of {target} writes to {source}, because the Kubernetes of "
        f"{source} is not read. With replication_policy identity, a topic that both mirrors copy is copied "
        f"in a circle for ever. Make sure that no KafkaMirrorMaker2 copies these topics from {target} to "
        f"{source}, also not one of another stack, or declare both mirrors in one stack file, which compares "
        "them"
    )


def is_cluster(alias: str, cluster: Mapping[str, Any], wanted: str, known: frozenset[str]) -> bool:
    """Tell whether a cluster has the wanted alias or a known address. Either is enough: to overlook a loop is
    worse than to report one that is none.
    """
    return alias == wanted or any(
        address in known or address.rpartition(":")[0] in known
        for address in split_list(cluster.get("bootstrapServers"))
    )
