"""Finds the KafkaMirrorMaker2 to import in a text, and one of its mirrors. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from manifests.strimzi.resource import read_mirror_maker2
from mirror.importing.connectors import (
    MirrorConnector,
    as_properties,
    flattened,
    mirror_connectors,
    one_of_each_flow,
    with_fields,
)
from mirror.importing.java_properties import parse
from mirror.importing.mm2_properties import flows_of, resource_of
from mirror.importing.shape import refuse_misshapen
from mirror.problems import CouldNotRun
from mirror.text.names import few
from mirror.text.numbers import counted
from settings.yaml_errors import UNREADABLE, place_and_problem
from settings.yaml_text import KubernetesLoader

KIND = "KafkaMirrorMaker2"
_HOW = "`kubectl get kafkamirrormaker2 NAME -o yaml` writes one"
_SEVERAL = (
    "region-mirror declares one KafkaMirrorMaker2 for each mirror, with its own Connect group and topics. "
    "The positions of all mirrors of this resource are in one offsets topic, so only one of them keeps its "
    "positions; any other would copy every record again"
)


def resource_in(text: str, where: str, name: str) -> Mapping[str, Any] | None:
    """Return the KafkaMirrorMaker2 of this name in a text with YAML or JSON documents; with an empty name,
    the only one. None for a text that is no such document, such as Java properties, and for one with
    connectors of MM2 alone. Raises CouldNotRun.
    """
    try:
        documents = list(yaml.load_all(text, KubernetesLoader))
    except UNREADABLE as error:
        if "kind:" not in text:
            return None
        raise CouldNotRun(
            f"reading {where}", f"it is not YAML: {place_and_problem(error)}", "check the file"
        ) from None
    every = [one for document in documents for one in _items(document)]
    found = {_name(one): one for one in every if one.get("kind") == KIND}
    if not found and any(mirror_connectors(flattened([*every, *documents]))):
        return None
    if not any(isinstance(one, Mapping) for one in documents):
        if any(isinstance(one, list) for one in documents):
            happened = "it is a list, such as a playbook, and no Kubernetes object"
            raise CouldNotRun(f"reading {where}", happened, f"name a file with a {KIND}: {_HOW}")
        return None
    if not found:
        kinds = few(sorted({str(one.get("kind")) for one in every})) or "none"
        happened = f"it has no {KIND}; the kinds in it: {kinds}"
        raise CouldNotRun(f"reading {where}", happened, f"name a file with a {KIND}, or an mm2.properties")
    if name and name not in found:
        raise CouldNotRun(
            f"looking for {KIND} {name} in {where}", f"it has: {few(list(found))}", "check --name"
        )
    if not name and len(found) > 1:
        happened = f"it has {len(found)}: {few(list(found))}"
        raise CouldNotRun(f"choosing the {KIND} in {where}", happened, "choose one with --name")
    chosen = found[name] if name else next(iter(found.values()))
    refuse_misshapen(chosen, where)
    return chosen


def one_mirror(resource: Mapping[str, Any], source: str) -> Mapping[str, Any]:
    """Return the resource with one of its mirrors: that of the source alias `source`, or, if it is empty, the
    only one. Raises CouldNotRun.
    """
    spec = resource.get("spec") or {}
    flows = read_mirror_maker2(resource).mirrors
    name = (resource.get("metadata") or {}).get("name")
    tried = f"importing {KIND} {name}"
    if not flows:
        raise CouldNotRun(tried, "spec.mirrors has no mirror", "import a resource that mirrors something")
    aliases = [flow.alias for flow in flows]
    if source and source not in aliases:
        raise CouldNotRun(tried, f"it has no source {source}; it has: {few(aliases)}", "check --source")
    if not source and len(flows) > 1:
        way_out = (
            f"choose the mirror that keeps its positions with --source ALIAS ({few(aliases)}); deploying it "
            "removes the others from the resource. Declare the others as new mirrors, or leave them where "
            "they are"
        )
        raise CouldNotRun(tried, f"it has {counted(len(flows), 'mirror')}. {_SEVERAL}", way_out)
    if source and (count := aliases.count(source)) > 1:
        message = f"{count} of its mirrors have the source alias {source}, so they share their connectors"
        way_out = "import a copy of the resource from which all but one of them are removed"
        raise CouldNotRun(tried, message, way_out)
    index = aliases.index(source) if source else 0
    return {**resource, "spec": {**spec, "mirrors": [spec["mirrors"][index]]}}


def others(resource: Mapping[str, Any], source: str) -> list[str]:
    """Return the source aliases of the other mirrors of the resource."""
    aliases = [flow.alias for flow in read_mirror_maker2(resource).mirrors]
    return [alias for alias in aliases if source and alias != source]


def from_properties(text: str, where: str, source: str, target: str, name: str = "") -> Mapping[str, Any]:
    """Return a flow of MM2's own properties as a KafkaMirrorMaker2, or of MM2's connectors in any Connect;
    with empty aliases, the only flow that is enabled. `name` chooses a source connector. Raises CouldNotRun.
    """
    properties = parse(text)
    if connectors := one_of_each_flow(_connectors_in(text, properties), where, name):
        properties = as_properties(connectors)
    flows = [flow for flow in flows_of(properties) if source in ("", flow[0]) and target in ("", flow[1])]
    tried = f"importing {where}"
    if not flows:
        happened = "no flow is enabled (`clusters`, and `A->B.enabled = true`)"
        raise CouldNotRun(tried, happened, "name a KafkaMirrorMaker2 or an mm2.properties; check --source")
    if len(flows) > 1:
        names = few([f"{one}->{other}" for one, other in flows])
        happened = f"it has {len(flows)} enabled flows: {names}. Each becomes a mirror of its own"
        raise CouldNotRun(tried, happened, "choose one with --source ALIAS and --target ALIAS")
    found = resource_of(properties, *flows[0])
    return with_fields(found, [one for one in connectors if one.flow == flows[0]]) if connectors else found


def _connectors_in(text: str, properties: Mapping[str, str]) -> list[MirrorConnector]:
    """Return the connectors of MM2 in YAML, JSON or properties (`connector.class = ...`)."""
    try:
        documents = list(yaml.load_all(text, KubernetesLoader))
    except UNREADABLE:
        documents = []
    every = [one for document in documents for one in (_items(document) or flattened([document]))]
    # Properties with `key: value` lines are YAML, too.
    return list(mirror_connectors(flattened(every))) or list(mirror_connectors([properties]))


def _name(resource: Mapping[str, Any]) -> str:
    metadata = resource.get("metadata")
    return str(metadata.get("name")) if isinstance(metadata, Mapping) else ""


def _items(document: Any) -> list[Mapping[str, Any]]:
    if not isinstance(document, Mapping):
        return []
    if str(document.get("kind", "")).endswith("List") and isinstance(document.get("items"), list):
        return [one for one in document["items"] if isinstance(one, Mapping)]
    return [document]
