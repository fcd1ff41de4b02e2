"""Rules for heartbeats, which need a separate Kafka Connect and a topic that is mirrored."""

from __future__ import annotations

from collections.abc import Iterator

from settings.filters import topic_excludes
from settings.model import Settings
from settings.names import Names
from settings.patterns import matches
from settings.problems import Problem
from settings.replication_policy import HEARTBEATS

NAME_MAX = 63 - len("-connect-api")
"""Maximum length of a KafkaConnect's name. Strimzi names a Service `<name>-connect-api`, one DNS label."""


def heartbeats_connect_can_be_named(settings: Settings) -> Iterator[Problem]:
    """The name of the KafkaConnect is longer than the mirror's name, and must fit too."""
    name = Names.of(settings).heartbeats
    if settings.mirror.heartbeats_interval_seconds and len(name) > NAME_MAX:
        most = NAME_MAX - (len(name) - len(settings.mirror.name))
        rule = (
            f"must have at most {most} characters with mirror.heartbeats_interval_seconds: Strimzi names a "
        )
        rule += f"Service {name}-connect-api"
        yield Problem("mirror.name", settings.mirror.name, rule, "Choose a shorter name, or no heartbeats")


def heartbeats_are_mirrored(settings: Settings) -> Iterator[Problem]:
    """Heartbeats are useless if their topic is excluded."""
    interval = settings.mirror.heartbeats_interval_seconds
    if interval and matches(topic_excludes(settings.mirror), HEARTBEATS):
        rule = f"enables heartbeats, but mirror.topics_exclude excludes the topic {HEARTBEATS}"
        remedy = "Change mirror.topics_exclude, or set this to 0"
        yield Problem("mirror.heartbeats_interval_seconds", interval, rule, remedy)


RULES = (heartbeats_connect_can_be_named, heartbeats_are_mirrored)
