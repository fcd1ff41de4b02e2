"""Profiles: producer, consumer and task properties for a mirror, with reasons."""

from __future__ import annotations

from settings.model import Settings
from settings.profiles.compute import tuning
from settings.profiles.kafka_defaults import KAFKA_VERSION, ConfigOwner, kafka_default, read_by_another
from settings.profiles.tuning import TunedProperty, Tuning

__all__ = [
    "KAFKA_VERSION",
    "ConfigOwner",
    "TunedProperty",
    "Tuning",
    "kafka_default",
    "read_by_another",
    "tasks_max",
    "tuning",
]


def tasks_max(settings: Settings) -> int:
    """Return the most tasks of the source connector."""
    return tuning(settings).tasks_max
