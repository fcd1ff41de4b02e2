"""Rules for values that Kafka, MirrorMaker 2 and Strimzi define: clusters, topics, positions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from settings import patterns
from settings.rules.text import RuleResult, TextRule, whole

# Strimzi's CRD, KafkaMirrorMaker2 v1: spec.target.alias and spec.mirrors[].source.alias.
_ALIAS = re.compile(r"[a-zA-Z0-9._-]{1,100}")
# Strimzi, KafkaListenerType: the name of a listener.
_LISTENER = re.compile(r"[a-z0-9]{1,11}")
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s,:\[\]]+):(\d{1,5})")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
# Kafka, org.apache.kafka.common.internals.Topic: legal characters of a topic's name.
_SEPARATOR = re.compile(r"[A-Za-z0-9._-]+")
_OFFSETS = re.compile(r"offsets (\d{1,18}(?:,\d{1,18})*)")


def alias(value: str) -> RuleResult:
    """Check a cluster's alias against Strimzi's pattern."""
    if _ALIAS.fullmatch(value):
        return None
    return (
        "must be 1 to 100 letters, digits, dots, underscores or hyphens",
        "Choose a short name of the region, such as east",
    )


def listener(value: str) -> RuleResult:
    """Check the name of a listener in Strimzi's Kafka resource."""
    if _LISTENER.fullmatch(value):
        return None
    return (
        "must be the name of a listener (at most 11 lower-case letters or digits)",
        "See spec.kafka.listeners of the Kafka resource",
    )


def bootstrap_servers(value: str) -> RuleResult:
    """Check Kafka's bootstrap.servers: addresses with ports, separated by commas."""
    for address in value.split(","):
        found = _ADDRESS.fullmatch(address.strip())
        if not found or not 0 < int(found[2]) <= 65535:
            return "must be host:port, or several separated by commas", "Write e.g. kafka-1.example.com:9094"
    return None


def version(value: str) -> RuleResult:
    """Check the version of a Kafka release."""
    if _VERSION.fullmatch(value):
        return None
    return "must be the version of a Kafka release", 'Write e.g. "4.3.1", in quotes'


def separator(value: str) -> RuleResult:
    """Check `replication.policy.separator`, which becomes part of topic names."""
    if _SEPARATOR.fullmatch(value):
        return None
    return "must consist of characters that are allowed in topic names", 'Use ".", "-" or "_"'


def topic_name(value: str) -> RuleResult:
    """Check the name of a topic (Kafka, `Topic.validate`)."""
    if _SEPARATOR.fullmatch(value) and value not in (".", "..") and len(value) <= 249:
        return None
    return "must be the name of a topic (at most 249 letters, digits, dots, - or _)", "Choose another name"


pattern: TextRule = patterns.fault
"""Check a topic or group pattern."""


def start(value: str) -> RuleResult:
    """Check the position at which mirroring begins: `earliest`, `latest` or a time with a time zone."""
    if value in ("earliest", "latest") or moment(value) is not None:
        return None
    return (
        "must be earliest, latest or a time with a time zone",
        'Write e.g. "2026-11-01T00:00:00Z", in quotes',
    )


def topic_start(value: str) -> RuleResult:
    """Check the position at which mirroring of a topic begins: as `start`, or each partition's offset."""
    if value in ("earliest", "latest") or moment(value) is not None or offsets(value) is not None:
        return None
    return (
        "must be earliest, latest, a time with a time zone or the offsets of all partitions",
        'Write e.g. "2026-11-01T00:00:00Z", in quotes, or offsets 120,98',
    )


def offsets(value: str) -> tuple[int, ...] | None:
    """Read the first offset of each partition (`offsets 120,98`); None for any other text."""
    found = _OFFSETS.fullmatch(value)
    return tuple(map(int, found[1].split(","))) if found else None


def moment(value: str) -> datetime | None:
    """Read an ISO 8601 time with a time zone (`2026-11-01T00:00:00Z`); None for any other text."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


JSON_SCHEMA: Mapping[TextRule, Mapping[str, object]] = {
    alias: whole(_ALIAS),
    listener: whole(_LISTENER),
    bootstrap_servers: {"pattern": rf"^\s*{_ADDRESS.pattern}\s*(,\s*{_ADDRESS.pattern}\s*)*$"},
    version: whole(_VERSION),
    separator: whole(_SEPARATOR),
    topic_name: whole(_SEPARATOR, 249),
    pattern: {"pattern": r"^[^,]+$"},
    start: {"pattern": r"^(earliest|latest|\d{4}.+)$"},
    topic_start: {"pattern": r"^(earliest|latest|\d{4}.+|offsets \d{1,18}(,\d{1,18})*)$"},
}
