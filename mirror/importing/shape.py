"""Which fields of a KafkaMirrorMaker2 are of a wrong type, such as a text in place of a section. Pure.

A file that nobody has applied yet may have that: YAML that is indented wrongly still is YAML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from manifests.strimzi.resource import PATTERNS
from mirror.problems import CouldNotRun

_CLUSTER: dict[str, Any] = {"config": {}, "tls": {"trustedCertificates": [{}]}, "authentication": {}}
_CONNECTOR: dict[str, Any] = {"config": {}, "autoRestart": {}, "tasksMax": int}
_SHAPE: dict[str, Any] = {
    "metadata": {"annotations": {}, "labels": {}},
    "spec": {
        "target": _CLUSTER,
        "clusters": [_CLUSTER],
        "mirrors": [
            {
                "source": _CLUSTER,
                "sourceConnector": _CONNECTOR,
                "checkpointConnector": _CONNECTOR,
                "heartbeatConnector": _CONNECTOR,
                **dict.fromkeys(PATTERNS, str),
            }
        ],
        "replicas": int,
        "resources": {"requests": {}, "limits": {}},
        "jvmOptions": {},
        "logging": {"loggers": {}, "valueFrom": {}},
        "metricsConfig": {},
        "tracing": {},
        "rack": {},
        "template": {"pod": {}, "connectContainer": {}, "podDisruptionBudget": {}, "serviceAccount": {}},
    },
}
"""The fields of both API generations that are read here: a mapping with its own fields, a list with what it
holds, or the type of a value."""
_KINDS = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number with a point",
    list: "a list",
}


def refuse_misshapen(resource: Mapping[str, Any], where: str) -> None:
    """Raise CouldNotRun, with every field that is of another type."""
    if found := list(_misshapen(resource, _SHAPE, "")):
        raise CouldNotRun(
            f"reading the KafkaMirrorMaker2 in {where}", "; ".join(found), "check its indentation"
        )


def _misshapen(value: Any, shape: Any, path: str) -> Iterator[str]:
    if value is None:
        return
    if isinstance(shape, type):
        if type(value) is not shape:
            yield f"{path} is {_kind(value)} instead of {_KINDS[shape]}"
        return
    if isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{path} is {_kind(value)} instead of a list"
            return
        for number, one in enumerate(value):
            yield from _misshapen(one, shape[0], f"{path}[{number}]")
        return
    if not isinstance(value, Mapping):
        yield f"{path} is {_kind(value)} instead of a mapping"
        return
    for key, inner in shape.items():
        yield from _misshapen(value.get(key), inner, f"{path}.{key}".lstrip("."))


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "a mapping")
