"""Heartbeats: a Kafka Connect of their own, and a topic that is mirrored with the rest."""

from __future__ import annotations

from collections.abc import Iterator

from settings.filters import topic_excludes
from settings.model import Settings
from settings.names import Names
from settings.patterns import matches
from settings.problems import Problem
from settings.replication_policy import HEARTBEATS

NAME_MAX = 63 - len("-connect-api")
"""Characters of a KafkaConnect's name. Strimzi names a Service `<name>-connect-api`, one DNS label."""


def heartbeats_connect_can_be_named(settings: Settings) -> Iterator[Problem]:
    """The mirror's name has room for more than that of its KafkaConnect."""
    name = Names.of(settings).heartbeats
    if settings.mirror.heartbeats_interval_seconds and len(name) > NAME_MAX:
        most = NAME_MAX - (len(name) - len(settings.mirror.name))
        rule = (
            f"must have at most {most} characters with mirror.heartbeats_interval_seconds: Strimzi names a "
        )
        rule += f"Service {name}-connect-api"
        yield Problem("mirror.name", settings.mirror.name, rule, "Choose a shorter name, or no heartbeats")


def heartbeats_are_mirrored(settings: Settings) -> Iterator[Problem]:
    """Heartbeats that are left out prove nothing."""
    interval = settings.mirror.heartbeats_interval_seconds
    if interval and matches(topic_excludes(settings.mirror), HEARTBEATS):
        rule = f"asks for heartbeats, but mirror.topics_exclude leaves the topic {HEARTBEATS} out"
        remedy = "Narrow mirror.topics_exclude, or set it to 0"
        yield Problem("mirror.heartbeats_interval_seconds", interval, rule, remedy)


RULES = (heartbeats_connect_can_be_named, heartbeats_are_mirrored)
