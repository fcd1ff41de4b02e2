"""Warnings about properties that the `type` of a section does not have (ValidationVisitor.visitObject).

The CRD has one schema for all types of such a section, so the API server accepts the properties of the other
types. Strimzi's class for the type does not know them: they have no effect, and the status says so.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lab.operator.status import Condition, warning

Types = Mapping[str, frozenset[str]]
"""The properties of each type of a section, besides `type`."""

_NAMED = frozenset({"name", "patternType"})
_PASSWORD = frozenset({"username", "passwordSecret"})
_CLIENT_AUTHENTICATION: Types = {
    "tls": frozenset({"certificateAndKey"}),
    "scram-sha-256": _PASSWORD,
    "scram-sha-512": _PASSWORD,
    "plain": _PASSWORD,
    "custom": frozenset({"sasl", "config"}),
}
_SECTIONS: Mapping[str, Mapping[str, Types]] = {
    "KafkaMirrorMaker2": {
        "spec.target.authentication": _CLIENT_AUTHENTICATION,
        "spec.mirrors.source.authentication": _CLIENT_AUTHENTICATION,
        "spec.metricsConfig": {
            "jmxPrometheusExporter": frozenset({"valueFrom"}),
            "strimziMetricsReporter": frozenset({"values"}),
        },
        "spec.logging": {"inline": frozenset({"loggers"}), "external": frozenset({"valueFrom"})},
        "spec.rack": {
            "topology-label": frozenset({"topologyKey"}),
            "environment-variable": frozenset({"envVarName"}),
        },
    },
    "KafkaUser": {
        "spec.authentication": {
            "tls": frozenset({"validityDays", "renewalDays"}),
            "tls-external": frozenset(),
            "scram-sha-512": frozenset({"password"}),
        },
        "spec.authorization.acls.resource": {
            "topic": _NAMED,
            "group": _NAMED,
            "cluster": frozenset(),
            "transactionalId": _NAMED,
        },
    },
}


def unknown_fields(resource: Mapping[str, Any]) -> list[Condition]:
    """One Warning for each section with such properties; equal ones once (a LinkedHashSet in Strimzi)."""
    metadata = resource["metadata"]
    where = f"Resource {resource['kind']}({metadata['namespace']}/{metadata['name']})"
    messages = [
        f"{where} contains object at path {path} with"
        f" {'an unknown property' if len(unknown) == 1 else 'unknown properties'}: {', '.join(unknown)}"
        for path, types in _SECTIONS[resource["kind"]].items()
        for section in _at(resource, path.split("."))
        if section.get("type") in types
        and (unknown := [key for key in section if key != "type" and key not in types[section["type"]]])
    ]
    return [warning("UnknownFields", message) for message in dict.fromkeys(messages)]


def _at(value: Any, path: list[str]) -> Iterator[Mapping[str, Any]]:
    """The objects at a path; a path through a list leads to each of its elements."""
    if isinstance(value, list):
        for element in value:
            yield from _at(element, path)
    elif isinstance(value, Mapping):
        if not path:
            yield value
        else:
            yield from _at(value.get(path[0]), path[1:])
