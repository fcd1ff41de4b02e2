"""KafkaMirrorMaker2 of `kafka.strimzi.io/v1` (Strimzi 0.49 and newer)."""

from __future__ import annotations

from typing import Any

from manifests.strimzi.neutral import MirrorMaker2


def spec(mirror: MirrorMaker2) -> dict[str, Any]:
    """Render the mirror as `spec.target` and `spec.mirrors`."""
    source = mirror.source.fields()
    if mirror.source.config:
        source["config"] = dict(mirror.source.config)
    return {
        **mirror.workers,
        "target": {
            **mirror.target.fields(),
            "groupId": mirror.connect.group_id,
            "configStorageTopic": mirror.connect.configs_topic,
            "offsetStorageTopic": mirror.connect.offsets_topic,
            "statusStorageTopic": mirror.connect.status_topic,
            "config": dict(mirror.target.config),
        },
        "mirrors": [
            {
                "source": source,
                "sourceConnector": mirror.source_connector.fields(),
                "checkpointConnector": mirror.checkpoint_connector.fields(),
                **mirror.patterns,
            }
        ],
    }
