"""Reads a KafkaMirrorMaker2 of either API generation: `manifests.strimzi.resource`, which policies use too."""

from __future__ import annotations

from manifests.strimzi.resource import (
    CHECKPOINT_CONNECTOR,
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
    "PATTERNS",
    "SOURCE_CONNECTOR",
    "ConnectorName",
    "MirrorFlow",
    "MirrorMaker2Spec",
    "read_mirror_maker2",
    "split_list",
]
