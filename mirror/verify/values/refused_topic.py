"""What a target's brokers refuse of a source topic: its creation, changes of its configuration, or some of
its records. Pure.

MM2 creates the copy with the configuration of the source topic (`MirrorSourceConnector.createNewTopics`). If
the brokers refuse one property, the copy is never created: connector and task remain RUNNING, and all topics
of the task wait, because its producer asks for the missing topic again and again. Brokers that create topics
on request (`auto.create.topics.enable`) then create the copy with their own defaults: a compacted topic gets
`cleanup.policy=delete` (findings/mm2-copies-compacted-topics-to-kafka-4-as-expiring.sh). Of a topic that has
a copy, MM2 sets all properties in one request (`MirrorSourceConnector.incrementalAlterConfigs`), which the
brokers accept or refuse as a whole (`ConfigurationControlManager.incrementalAlterConfigResource`).

    refused by name     the target's Kafka does not know the property (`LogConfig.validateNames`)
    refused by value    `segment.bytes` below 1 MiB since Kafka 4.0 (KIP-1030); `remote.storage.enable` where
                        `remote.log.storage.system.enable` is false (KIP-405)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mirror.clients.retention import retention_ms
from mirror.text.durations import duration
from mirror.verify.values.topic_config import CopyRules, TopicConfig
from settings.patterns import matches

MAX_MESSAGE_BYTES = "max.message.bytes"
BEFORE, AFTER = "message.timestamp.before.max.ms", "message.timestamp.after.max.ms"
REMOTE_STORAGE = "remote.storage.enable"
_NO_LIMIT = 2**63 - 1
_MIB = 1 << 20
_REMOVED_IN_4 = (
    "message.downconversion.enable",
    "message.format.version",
    "message.timestamp.difference.max.ms",
)
_LIMITS = {"message.max.bytes": MAX_MESSAGE_BYTES, f"log.{BEFORE}": BEFORE, f"log.{AFTER}": AFTER}
"""Broker properties, and the topic property whose default each is (`ServerTopicConfigSynonyms`)."""


@dataclass(frozen=True, slots=True)
class TargetBrokers:
    """What is known of the target's brokers; None: unknown. `limits` are defaults of new topics."""

    version: tuple[int, int] | None = None
    remote_storage: bool | None = None
    known: frozenset[str] | None = None
    """The names of all topic properties."""
    limits: Mapping[str, int] | None = None

    @classmethod
    def of_resource(cls, kafka: Mapping[str, Any]) -> TargetBrokers:
        """From Strimzi's `Kafka`: version, `spec.kafka.config`, tiered storage; Kafka's own defaults."""
        if not kafka:
            return cls()
        spec = (kafka.get("spec") or {}).get("kafka") or {}
        config = spec.get("config") or {}
        version = _version(str((kafka.get("status") or {}).get("kafkaVersion") or spec.get("version") or ""))
        after = 3_600_000 if version is not None and version >= (4, 0) else _NO_LIMIT
        limits = {MAX_MESSAGE_BYTES: _MIB + 12, BEFORE: _NO_LIMIT, AFTER: after}
        for name, topic_name in _LIMITS.items():
            if str(config.get(name, "")).isdigit():
                limits[topic_name] = int(config[name])
        tiered = str(config.get("remote.log.storage.system.enable", "")).lower() == "true"
        return cls(version, bool(spec.get("tieredStorage")) or tiered, None, limits)

    @classmethod
    def of_topic(cls, config: TopicConfig) -> TargetBrokers:
        """From the configuration of any topic on the target: it lists every property that its Kafka knows."""
        return cls(known=frozenset(config))


class Refused(NamedTuple):
    """A property with which the target refuses a topic or records of it, and why."""

    name: str
    value: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}={self.value}: {self.why}"


def copied(source: TopicConfig, rules: CopyRules) -> dict[str, str]:
    """The properties with which MM2 creates the copy (`MirrorSourceConnector.targetConfig`)."""
    return {
        name: one.value
        for name, one in sorted(source.items())
        if one.value is not None
        and not (one.sensitive or one.read_only or one.of_broker_file)
        and (rules.defaults_from_source or not one.is_default)
        and not matches(rules.excludes, name)
    }


def refusals(source: TopicConfig, rules: CopyRules, target: TargetBrokers) -> tuple[Refused, ...]:
    """The properties because of which the target refuses to create the copy."""
    return tuple(_refusals(copied(source, rules), target))


def refused_changes(source: TopicConfig, copy: TopicConfig, rules: CopyRules) -> tuple[Refused, ...]:
    """The properties because of which the target refuses whatever MM2 sets on the copy."""
    if not rules.enabled:
        return ()
    found = refusals(source, rules, TargetBrokers.of_topic(copy))
    # A copy in tiered storage shows that the brokers have it.
    return tuple(one for one in found if one.name != REMOTE_STORAGE or copy[one.name].value != one.value)


def _refusals(wanted: Mapping[str, str], target: TargetBrokers) -> Iterator[Refused]:
    old = target.version is not None and target.version < (4, 0)
    new = target.version is not None and not old
    if target.known is not None:
        # A Kafka without KIP-724's property is 4.0 or newer.
        new = _REMOVED_IN_4[0] not in target.known
    for name, value in wanted.items():
        unknown = name not in target.known if target.known is not None else new and name in _REMOVED_IN_4
        if unknown:
            yield Refused(name, value, "the target's Kafka does not know this property")
        elif name == REMOTE_STORAGE and value == "true" and not target.remote_storage:
            if target.remote_storage is None:
                why = "refused unless the target's brokers have tiered storage"
            else:
                why = "the target's brokers have no tiered storage (remote.log.storage.system.enable)"
            yield Refused(name, value, why)
        elif name == "segment.bytes" and new and value.isdigit() and int(value) < _MIB:
            yield Refused(name, value, "Kafka 4.0 and newer require at least 1048576 (KIP-1030)")


def refused_records(
    source: TopicConfig, rules: CopyRules, target: TargetBrokers, max_request_size: int
) -> tuple[Refused, ...]:
    """The limits of a source topic that exceed those of its copy: records between them fail MM2's task.

    `max_request_size`: of MM2's producer, which compares records before compression.
    """
    limits = {**(target.limits or {})}
    values = {name: one.value for name, one in source.items()}
    limits |= _numbers(copied(source, rules))
    return tuple(_refused_records(_numbers(values), limits, retention_ms(values), max_request_size))


def _refused_records(
    here: Mapping[str, int], there: Mapping[str, int], retention: int | None, max_request_size: int
) -> Iterator[Refused]:
    size = here.get(MAX_MESSAGE_BYTES)
    if size is not None and size > there.get(MAX_MESSAGE_BYTES, size):
        why = f"the copy takes records of at most {there[MAX_MESSAGE_BYTES]:,} bytes"
        yield Refused(MAX_MESSAGE_BYTES, str(size), why)
    elif size is not None and size > max(max_request_size, _MIB + 12):
        why = f"MM2's producer sends at most {max_request_size:,} bytes (mirror.expected_record_bytes)"
        yield Refused(MAX_MESSAGE_BYTES, str(size), why)
    before = there.get(BEFORE, _NO_LIMIT)
    if before < (_NO_LIMIT if retention is None else retention):
        kept = "for ever" if retention is None else f"for {duration(retention / 1000)}"
        why = f"the copy refuses records older than {duration(before / 1000)}, the source keeps them {kept}"
        yield Refused(BEFORE, str(before), why)
    after = there.get(AFTER, _NO_LIMIT)
    if after < here.get(AFTER, after):
        why = f"the copy refuses timestamps more than {duration(after / 1000)} in the future"
        yield Refused(AFTER, str(after), why)


def to_exclude(found: Sequence[Refused], then: str = "creates the topic without it") -> str:
    """How to mirror a topic in spite of refused properties; `then`: what MM2 does after it."""
    names = ", ".join(dict.fromkeys(one.name for one in found))
    return f"add {names} to `mirror.topic_configs_exclude` and deploy: MM2 then {then}"


def _numbers(values: Mapping[str, str | None]) -> dict[str, int]:
    return {name: int(value) for name, value in values.items() if value and value.isdigit()}


def _version(text: str) -> tuple[int, int] | None:
    found = re.match(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None
