"""KafkaMirrorMaker2 of `kafka.strimzi.io/v1beta2` (Strimzi before 1.0, AMQ Streams 2.x)."""

from __future__ import annotations

from typing import Any

from manifests.strimzi.neutral import MirrorMaker2


def spec(mirror: MirrorMaker2) -> dict[str, Any]:
    """Render the mirror as `spec.clusters`, `spec.connectCluster` and `spec.mirrors`.

    Connect's group and topics go into the target's `config`. Strimzi has defaults for them that are the same
    for every KafkaMirrorMaker2 (`mirrormaker2-cluster`, in `KafkaMirrorMaker2Configuration`): two mirrors
    into one target would be one Connect cluster and take each other's connectors for surplus.
    """
    source = mirror.source.fields()
    if mirror.source.config:
        source["config"] = dict(mirror.source.config)
    target = mirror.target.fields()
    target["config"] = {
        **mirror.target.config,
        "group.id": mirror.connect.group_id,
        "config.storage.topic": mirror.connect.configs_topic,
        "offset.storage.topic": mirror.connect.offsets_topic,
        "status.storage.topic": mirror.connect.status_topic,
    }
    return {
        **mirror.workers,
        "connectCluster": mirror.target.alias,
        "clusters": [source, target],
        "mirrors": [
            {
                "sourceCluster": mirror.source.alias,
                "targetCluster": mirror.target.alias,
                "sourceConnector": mirror.source_connector.fields(),
                "checkpointConnector": mirror.checkpoint_connector.fields(),
                **mirror.patterns,
            }
        ],
    }
