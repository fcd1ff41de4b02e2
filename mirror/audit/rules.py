"""Topic settings and the delivery guarantee: they decide which differences are permitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mirror.clients.records import Unread


@dataclass(frozen=True, slots=True)
class Cleaning:
    """How the log cleaner may remove records from one topic."""

    compacted: bool = False
    delete_retention_ms: int = 86_400_000
    """Kafka's default of `delete.retention.ms`."""


UNCLEANED = Cleaning()


@dataclass(frozen=True, slots=True)
class AuditRules:
    """What the topics of both sides and the mirror permit."""

    source: Cleaning = UNCLEANED
    target: Cleaning = UNCLEANED
    exactly_once: bool = True


def cleaning(config: Mapping[str, str] | Unread | None) -> Cleaning:
    """Read from a topic's configuration how the log cleaner may remove its records."""
    if config is None or isinstance(config, Unread):
        return Cleaning()
    retention = config.get("delete.retention.ms", "")
    return Cleaning(
        "compact" in config.get("cleanup.policy", ""),
        int(retention) if retention.isdigit() else Cleaning().delete_retention_ms,
    )
