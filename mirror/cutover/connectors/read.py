"""Both connectors of a mirror, as its KafkaMirrorMaker2 has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, SOURCE_CONNECTOR
from mirror.cutover.connectors.judge import ConnectorState, connector_state
from mirror.cutover.step import World


def both_connectors(world: World, resource: Mapping[str, Any]) -> list[ConnectorState]:
    """Return the source connector and the checkpoint connector, in this order."""
    alias, names = world.settings.source.alias, world.names
    return [
        connector_state(resource, alias, SOURCE_CONNECTOR, names.source_connector),
        connector_state(resource, alias, CHECKPOINT_CONNECTOR, names.checkpoint_connector),
    ]
