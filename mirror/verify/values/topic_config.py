"""The configuration of a topic on both sides, and what MirrorMaker 2 copies of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mirror.clients.records import ConfigValue
from settings.patterns import matches

TopicConfig = Mapping[str, ConfigValue]


@dataclass(frozen=True, slots=True)
class CopyRules:
    """What decides what is copied: as the source connector is configured."""

    excludes: Sequence[str]
    defaults_from_source: bool = False
    enabled: bool = True
    interval_seconds: float = 60
    filter_class: str = ""
    """Of another filter than Kafka's own, which cannot be known here."""


@dataclass(frozen=True, slots=True)
class ConfigDifference:
    """A property that is not the same; `reason` says why MM2 leaves it so, None where it should not be."""

    name: str
    source: str | None
    target: str | None
    reason: str | None = None


def config_differences(source: TopicConfig, target: TopicConfig, rules: CopyRules) -> list[ConfigDifference]:
    """All that is not the same, by name."""
    found = []
    for name, here in sorted(source.items()):
        there = target.get(name)
        value = None if there is None else there.value
        if here.sensitive or here.read_only or value == here.value:
            continue
        found.append(ConfigDifference(name, here.value, value, _why(name, here, there, rules)))
    return found


def _why(name: str, here: ConfigValue, there: ConfigValue | None, rules: CopyRules) -> str | None:
    """Why MM2 leaves a difference; None where it would not."""
    if not rules.enabled:
        return "sync.topic.configs.enabled is false"
    if matches(rules.excludes, name):
        return "excluded"
    if here.of_broker_file:
        return "from the source broker's own file"
    if there is None:
        return "unknown to the target's Kafka"
    if here.is_default and not rules.defaults_from_source and not there.of_topic:
        return "Kafka's default at the source"
    return None
