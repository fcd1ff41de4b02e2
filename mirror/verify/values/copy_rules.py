"""The rules by which MirrorMaker 2 copies the configuration of topics, from the settings. Pure."""

from __future__ import annotations

from manifests.strimzi.connectors import source_connector_config
from manifests.strimzi.resource import split_list
from mirror.verify.values.topic_config import CopyRules
from settings.filters import topic_config_excludes
from settings.model import Settings

_FILTER_CLASS = "org.apache.kafka.connect.mirror.DefaultConfigPropertyFilter"


def copy_rules(settings: Settings) -> CopyRules:
    """What MM2 copies, from the source connector's configuration (Kafka's defaults where it says nothing)."""
    config = source_connector_config(settings)
    excludes = config.get("config.properties.exclude")
    chosen = config.get("config.property.filter.class", _FILTER_CLASS)
    return CopyRules(
        excludes=topic_config_excludes(settings.mirror) if excludes is None else split_list(excludes),
        defaults_from_source=config.get("use.defaults.from", "target") == "source",
        enabled=config["sync.topic.configs.enabled"].lower() == "true",
        interval_seconds=float(config["sync.topic.configs.interval.seconds"]),
        filter_class="" if chosen == _FILTER_CLASS else chosen,
    )
