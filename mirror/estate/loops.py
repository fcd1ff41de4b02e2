"""Mirrors that run beside the source and write to it, judged against the one that is to be declared. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mirror.estate.origin import named
from mirror.mm2.kafka_mirror_maker2 import clusters
from mirror.problems import Finding
from settings import patterns
from settings.consistency.mirrors import flow
from settings.loops import opposite
from settings.model import ReplicationPolicy, Settings
from settings.overlap import Flow

_POLICIES: dict[str, ReplicationPolicy] = {
    "org.apache.kafka.connect.mirror.DefaultReplicationPolicy": "default",
    "org.apache.kafka.connect.mirror.IdentityReplicationPolicy": "identity",
    # Strimzi's own, before 0.41; it does the same.
    "io.strimzi.kafka.connect.mirror.IdentityReplicationPolicy": "identity",
}
_HERE, _THERE = "the source", "the target"


def addresses(kafka: Mapping[str, Any] | None, namespace: str | None, cluster: str | None) -> frozenset[str]:
    """By what a KafkaMirrorMaker2 may call a Strimzi cluster: `host:port`, and its Service's names."""
    told = {
        address.strip()
        for listener in ((kafka or {}).get("status") or {}).get("listeners") or []
        for address in str(listener.get("bootstrapServers") or "").split(",")
    }
    if cluster is None:
        return frozenset(told)
    service = f"{cluster}-kafka-bootstrap"
    return frozenset({*told, service, f"{service}.{namespace}", f"{service}.{namespace}.svc"})


def loops_back(
    settings: Settings,
    mirrors: Iterable[Mapping[str, Any]],
    source_addresses: frozenset[str],
    target_addresses: frozenset[str],
) -> tuple[list[Finding], list[str]]:
    """What would send records around in a circle: findings, and warnings where that cannot be judged."""
    findings: list[Finding] = []
    warnings: list[str] = []
    ours = flow(settings, _HERE, _THERE)
    for resource in mirrors:
        metadata, spec = resource.get("metadata") or {}, resource.get("spec") or {}
        subject = f"KafkaMirrorMaker2 {metadata.get('namespace')}/{named(resource)} beside the source"
        target, sources = clusters(spec)
        if not _is(target, settings.source.alias, source_addresses):
            continue
        for mirror, source in zip(spec.get("mirrors") or [], sources, strict=True):
            connector = mirror.get("sourceConnector")
            if connector is None or not _is(source, settings.target.alias, target_addresses):
                continue
            theirs = _flow(named(resource), mirror, source, target)
            if theirs is None:
                warnings.append(
                    f"{subject} mirrors the other way round with a replication policy of its own: whether "
                    "records would go round in circles cannot be told"
                )
                continue
            loop = opposite(theirs, ours)
            if loop is None:
                continue
            told = f"it mirrors {theirs.source} -> {theirs.target}; together they would send {loop.topics} "
            told += f"around in a circle: {loop.reason}"
            if spec.get("replicas") == 0 or connector.get("state") in ("paused", "stopped"):
                warnings.append(f"{subject}: when it runs again, {told}. {loop.remedy}")
            else:
                findings.append(Finding(subject, told, f"{loop.remedy}; or stop that mirror first"))
    return findings, warnings


def _is(cluster: Mapping[str, Any], alias: str, known: frozenset[str]) -> bool:
    """Rather once too often than once too rarely: by its alias or by one of its addresses."""
    return cluster.get("alias") == alias or any(
        address in known or address.rpartition(":")[0] in known
        for address in _split(cluster.get("bootstrapServers"))
    )


def _flow(
    name: str, mirror: Mapping[str, Any], source: Mapping[str, Any], target: Mapping[str, Any]
) -> Flow | None:
    config = (mirror.get("sourceConnector") or {}).get("config") or {}
    default = "org.apache.kafka.connect.mirror.DefaultReplicationPolicy"
    policy = _POLICIES.get(str(config.get("replication.policy.class", default)))
    if policy is None:
        return None
    topics = mirror.get("topicsPattern") or config.get("topics")
    excluded = mirror.get("topicsExcludePattern") or config.get("topics.exclude")
    return Flow(
        name=name,
        source=str(source.get("alias")),
        target=str(target.get("alias")),
        policy=policy,
        # MM2's default, and what stands for patterns that only Java can read.
        topics=tuple(_readable(topics, ".*")) or (".*",),
        topics_exclude=tuple(_readable(excluded, None)),
        separator=str(config.get("replication.policy.separator", ".")),
        source_cluster=_THERE,
        target_cluster=_HERE,
    )


def _readable(given: object, otherwise: str | None) -> Iterator[str]:
    for one in _split(given):
        if patterns.fault(one) is None:
            yield one
        elif otherwise is not None:
            yield otherwise


def _split(given: object) -> list[str]:
    return [one.strip() for one in str(given or "").split(",") if one.strip()]
