"""Finds that source and target are one Kafka cluster, however the stack file names the two. Pure.

MM2 would copy every topic into the same cluster: with policy `identity` each topic into itself, so that every
record comes again for ever; with policy `default` into `east.orders`, `east.east.orders` and so on
(`MirrorSourceConnector.isCycle` asks for the target's alias only). Two contexts, a context that is left out,
or an address of the other region lead there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from manifests.strimzi.resource import split_list
from mirror.estate.loops import addresses
from mirror.problems import CouldNotRun, Finding
from settings.model import Settings

_EFFECT = "every record would be copied into the cluster that it comes from, again and again"
_REMEDY = (
    "Check source.bootstrap_servers, and kubeconfig and context of both sides: a context that is left out is "
    "the current one"
)


def one_cluster(
    settings: Settings,
    source: Mapping[str, Any] | None,
    servers: str,
    target: Mapping[str, Any] | None,
) -> Iterator[Finding]:
    """Find what source and target have in common.

    `source` and `target`: their Kafka resources, None where they were not read. `servers`: the addresses to
    which MM2 connects for the source; names of Services count as those of the target's Kubernetes, where
    MM2 runs. A mirror that is not to run is no problem: after a promotion the source's address may lead to
    the target.
    """
    if settings.mirror.connector_state != "running":
        return
    at = settings.target
    known = addresses(target, at.namespace, at.cluster)
    shared = [one for one in split_list(servers) if one in known or one.rpartition(":")[0] in known]
    if shared:
        told = f"{shared[0]}, the address of source {settings.source.alias}, is one of target {at.alias}"
    elif same := next((what for what, one, other in _ids(source, target) if one and one == other), None):
        told = f"source {settings.source.alias} and target {at.alias} have the same {same}"
    else:
        return
    yield Finding("source", f"it is the target: {told}, so {_EFFECT}", _REMEDY)


def refuse_one_cluster(settings: Settings, source_id: str, target_id: str) -> None:
    """Raise CouldNotRun where both sides answer as the same Kafka cluster."""
    if settings.mirror.connector_state == "running" and source_id and source_id == target_id:
        raise CouldNotRun(
            f"comparing source {settings.source.alias} with target {settings.target.alias}",
            f"both are Kafka cluster {source_id}, so {_EFFECT}",
            f"{_REMEDY}. Delete no topic: they are the source's",
        )


def _ids(
    source: Mapping[str, Any] | None, target: Mapping[str, Any] | None
) -> Iterator[tuple[str, object, object]]:
    for what, section, key in (
        ("Kafka resource", "metadata", "uid"),
        ("cluster id", "status", "clusterId"),
    ):
        one, other = (((side or {}).get(section) or {}).get(key) for side in (source, target))
        yield what, one, other
