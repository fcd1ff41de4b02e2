"""What a profile sets, and why: producer, consumer and task settings that fit a mirror."""

from __future__ import annotations

from settings.model import Settings
from settings.profiles.compute import tuning
from settings.profiles.kafka_defaults import KAFKA_VERSION, Where, kafka_default
from settings.profiles.tuning import Choice, Tuning

__all__ = ["KAFKA_VERSION", "Choice", "Tuning", "Where", "kafka_default", "tasks_max", "tuning"]


def tasks_max(settings: Settings) -> int:
    """Return the most tasks of the source connector."""
    return tuning(settings).tasks_max
