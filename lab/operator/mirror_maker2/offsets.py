"""Connector offsets by annotation: list, alter, reset (AbstractConnectOperator.manageConnectorOffsets)."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.operator import labels
from lab.operator.failures import Failure, no_stack_trace
from lab.operator.mirror_maker2 import annotations
from lab.operator.mirror_maker2.connect_rest import Connect, ConnectError
from lab.operator.mirror_maker2.connectors import Connector
from lab.operator.status import Condition, warning

log = logging.getLogger(__name__)

_REASONS = {"list": "ListOffsets", "alter": "AlterOffsets", "reset": "ResetOffsets"}
_DOING = {"list": "listing", "alter": "altering", "reset": "resetting"}


@dataclass(frozen=True, slots=True)
class Offsets:
    """What the operations need of Kubernetes; ConfigMaps are those of the resource's namespace."""

    read_config_map: Callable[[str], Mapping[str, Any] | None]
    write_config_map: Callable[[Mapping[str, Any]], None]
    remove_annotations: Callable[[Sequence[str]], None]

    def manage(self, connect: Connect, resource: Mapping[str, Any], connector: Connector) -> list[Condition]:
        """Do what the annotations ask for this connector. A failure is a Warning; it is tried again later."""
        try:
            operation = annotations.offsets_operation(resource, connector.name)
        except Failure as failure:
            return [
                warning(
                    "ManageOffsets",
                    f"Encountered error getting connector offsets annotation. {failure.message}",
                )
            ]
        if operation not in _REASONS:
            return []
        log.info("%s offsets of connector %s", _DOING[operation], connector.name)
        section = {"list": connector.list_offsets, "alter": connector.alter_offsets}.get(operation, {})
        if section is None:
            message = (
                f"Failed to {operation} the connector offsets due to missing property"
                f" {operation}Offsets in {resource['kind']} CR."
            )
            return [warning(_REASONS[operation], message)]
        try:
            self._do(operation, section, connect, resource, connector.name)
        except ConnectError as error:
            return [self._warning(operation, error.seen)]
        except Failure as failure:
            return [self._warning(operation, failure)]
        self.remove_annotations([annotations.OFFSETS, annotations.OFFSETS_CONNECTOR])
        return []

    @staticmethod
    def _warning(operation: str, failure: Failure) -> Condition:
        text = f"Encountered error {_DOING[operation]} connector offsets. {failure.message}"
        return warning(_REASONS[operation], text)

    def _do(
        self,
        operation: str,
        section: Mapping[str, Any],
        connect: Connect,
        resource: Mapping[str, Any],
        connector: str,
    ) -> None:
        if operation == "list":
            text = json.dumps(connect.offsets(connector), indent=2, separators=(",", " : "))
            self._store(section["toConfigMap"]["name"], annotations.offsets_key(connector), text, resource)
            return
        if (connect.status(connector).get("connector") or {}).get("state") != "STOPPED":
            raise no_stack_trace("Connector is not in STOPPED state")
        if operation == "reset":
            connect.reset_offsets(connector)
        else:
            name = section["fromConfigMap"]["name"]
            connect.alter_offsets(connector, self._stored(name, annotations.offsets_key(connector), resource))

    def _store(self, name: str, key: str, text: str, resource: Mapping[str, Any]) -> None:
        existing = self.read_config_map(name) or {}
        owners = list((existing.get("metadata") or {}).get("ownerReferences") or [])
        own = labels.owner_reference(resource)
        if not any((owner["name"], owner["kind"]) == (own["name"], own["kind"]) for owner in owners):
            owners.append(own)
        metadata = resource["metadata"]
        self.write_config_map(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {
                    "name": name,
                    "namespace": metadata["namespace"],
                    "labels": labels.component_labels(resource, metadata["name"], "kafka-connector"),
                    "ownerReferences": owners,
                },
                "data": {**(existing.get("data") or {}), key: text},
            }
        )

    def _stored(self, name: str, key: str, resource: Mapping[str, Any]) -> Any:
        fetching = "Encountered error fetching offsets to use in alter operation."
        config_map = self.read_config_map(name)
        if config_map is None:
            namespace = resource["metadata"]["namespace"]
            raise no_stack_trace(f"{fetching} ConfigMap {namespace}/{name} does not exist.")
        text = (config_map.get("data") or {}).get(key)
        if text is None:
            raise no_stack_trace(f"{fetching} Data field {key} is missing.")
        try:
            return json.loads(text)
        except ValueError as error:
            raise no_stack_trace(f"Failed to parse contents of {key} as JSON: {error}") from None
