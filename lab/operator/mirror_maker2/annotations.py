"""What people ask of connectors by annotations on the resource (KafkaMirrorMaker2AssemblyOperator)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.operator.failures import invalid_resource

RESTART = "strimzi.io/restart-connector"
RESTART_TASK = "strimzi.io/restart-connector-task"
OFFSETS = "strimzi.io/connector-offsets"
OFFSETS_CONNECTOR = "strimzi.io/mirrormaker-connector"

_TASK = re.compile(r"(?P<connector>.+):(?P<task>\d+)", re.ASCII)
_ARGUMENTS = frozenset({"includetasks", "onlyfailed"})


@dataclass(frozen=True, slots=True)
class Restart:
    """What the annotation for a restart of a connector asks for."""

    include_tasks: bool
    only_failed: bool


def of(resource: Mapping[str, Any]) -> dict[str, str]:
    """The annotations of a resource."""
    return dict(resource["metadata"].get("annotations") or {})


def restart(annotations: Mapping[str, str], connector: str) -> Restart | None:
    """The restart asked for this connector, None when none is; `ValueError` when it makes no sense."""
    value = annotations.get(RESTART)
    if value is None or connector not in value:
        return None
    name, *arguments = value.split(":")
    asked = [argument.strip().lower() for argument in arguments[0].split(",")] if arguments else []
    if len(arguments) > 1 or name.lower() != connector.lower() or not _ARGUMENTS.issuperset(asked):
        raise ValueError("Invalid annotation format")
    return Restart(include_tasks="includeTasks" in value, only_failed="onlyFailed" in value)


def restart_task(annotations: Mapping[str, str], connector: str) -> int | None:
    """The id of the task to restart."""
    asked = _TASK.fullmatch(annotations.get(RESTART_TASK, "").strip())
    return int(asked["task"]) if asked and asked["connector"] == connector else None


def offsets_operation(resource: Mapping[str, Any], connector: str) -> str:
    """list | alter | reset | none; an InvalidResourceException when only one annotation is there."""
    annotations, metadata = of(resource), resource["metadata"]
    where = f"KafkaMirrorMaker2 resource {metadata['namespace']}/{metadata['name']}"
    for present, missing in ((OFFSETS, OFFSETS_CONNECTOR), (OFFSETS_CONNECTOR, OFFSETS)):
        if present in annotations and missing not in annotations:
            raise invalid_resource(f"{where} is missing annotation {missing}")
    return annotations.get(OFFSETS, "none") if annotations.get(OFFSETS_CONNECTOR) == connector else "none"


def offsets_key(connector: str) -> str:
    """The key of a ConfigMap under which the connector's offsets lie."""
    return f"{connector.replace('->', '--')}.json"
