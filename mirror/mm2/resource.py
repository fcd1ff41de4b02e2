"""Reads KafkaMirrorMaker2 resources, as `manifests.strimzi.resource` does, which policies use too."""

from __future__ import annotations

from manifests.strimzi.resource import (
    CHECKPOINT_CONNECTOR,
    CONNECT_PROPERTIES,
    CONNECTOR_FIELDS,
    PATTERNS,
    SOURCE_CONNECTOR,
    ConnectorName,
    MirrorFlow,
    MirrorMaker2Spec,
    read_mirror_maker2,
    split_list,
)

__all__ = [
    "CHECKPOINT_CONNECTOR",
    "CONNECTOR_FIELDS",
    "CONNECT_PROPERTIES",
    "PATTERNS",
    "SOURCE_CONNECTOR",
    "ConnectorName",
    "MirrorFlow",
    "MirrorMaker2Spec",
    "read_mirror_maker2",
    "split_list",
]
