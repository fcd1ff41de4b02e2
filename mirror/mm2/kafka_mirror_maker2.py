"""Reads a KafkaMirrorMaker2 in either generation. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def clusters(spec: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """The target and the sources, one for each of `mirrors`.

    v1 has `target` and `mirrors[].source`; v1beta2 a list of `clusters` that `connectCluster` and
    `mirrors[].sourceCluster` point into by alias. Their inner shape is the same.
    """
    mirrors = spec.get("mirrors") or []
    if "target" in spec:
        return spec["target"] or {}, [mirror.get("source") or {} for mirror in mirrors]
    by_alias = {cluster.get("alias"): cluster for cluster in spec.get("clusters") or []}
    target = by_alias.get(spec.get("connectCluster")) or {}
    names = [mirror.get("sourceCluster") for mirror in mirrors]
    return target, [by_alias.get(name) or {"alias": name} for name in names]
