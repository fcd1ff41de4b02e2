"""The configuration of a topic on both sides, and what MirrorMaker 2 copies of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mirror.clients.records import ConfigValue
from settings.patterns import matches

TopicConfig = Mapping[str, ConfigValue]
_RETENTIONS = frozenset({"retention.ms", "retention.bytes"})
"""Properties of which a copy may have more on purpose: no record is deleted sooner. -1 is without limit."""


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
class KafkaTopic:
    """A KafkaTopic of the target. The Topic Operator sets its `config` at each reconciliation."""

    name: str
    topic: str
    config: Mapping[str, str]

    @classmethod
    def of(cls, resource: Mapping[str, Any]) -> KafkaTopic:
        """From Strimzi's resource, of either API version."""
        name, spec = str((resource.get("metadata") or {}).get("name")), resource.get("spec") or {}
        values = {str(key): _text(value) for key, value in (spec.get("config") or {}).items()}
        return cls(name, str(spec.get("topicName") or name), values)


def _text(value: object) -> str:
    """A value as Kafka writes it; YAML may have a number, a boolean or a list."""
    if isinstance(value, list):
        return ",".join(map(_text, value))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class ConfigDifference:
    """A property that is not the same; `reason` says why MM2 leaves it so, None where it should not be."""

    name: str
    source: str | None
    target: str | None
    reason: str | None = None
    stays: bool = False
    """Whether it should not be, and MM2 leaves it all the same."""


def config_differences(source: TopicConfig, target: TopicConfig, rules: CopyRules) -> list[ConfigDifference]:
    """All that is not the same, by name."""
    found = []
    for name, here in sorted(source.items()):
        there = target.get(name)
        value = None if there is None else there.value
        if here.sensitive or here.read_only or value == here.value:
            continue
        reason = _why(name, here, there, rules)
        stays = reason is None and here.of_broker_file
        found.append(ConfigDifference(name, here.value, value, reason, stays))
    return found


def _why(name: str, here: ConfigValue, there: ConfigValue | None, rules: CopyRules) -> str | None:
    """Why MM2 leaves a difference; None where it would not."""
    if not rules.enabled:
        return "sync.topic.configs.enabled is false"
    if matches(rules.excludes, name):
        return "excluded"
    if here.of_broker_file and not (there and there.of_topic):
        return "from the source broker's own file"
    if here.of_broker_file and there and name in _RETENTIONS and _keeps_more(there.value, here.value):
        return "from the source broker's own file, and the copy keeps more"
    if there is None:
        return "unknown to the target's Kafka"
    if here.is_default and not rules.defaults_from_source and not there.of_topic:
        return "Kafka's default at the source"
    return None


def _keeps_more(there: str | None, here: str | None) -> bool:
    """Compare two retentions; of a text that is no number nothing is known."""
    try:
        theirs, ours = int(there or ""), int(here or "")
    except ValueError:
        return False
    return ours >= 0 and (theirs < 0 or theirs > ours)
