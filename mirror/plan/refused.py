"""What the target would refuse of the topics that a change adds: warnings and notes of a plan. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from manifests.strimzi.connectors import source_connector_config
from mirror.plan.planned import SourceLook
from mirror.text.names import few
from mirror.verify.values.copy_rules import copy_rules
from mirror.verify.values.refused_topic import Refused, TargetBrokers, refusals, refused_records, to_exclude
from settings.model import Settings
from settings.profiles import kafka_defaults

_REQUEST = "max.request.size"


def refused_warnings(settings: Settings, look: SourceLook, target: TargetBrokers) -> Iterator[str]:
    """Return one warning for each property because of which topics would be refused: the mirror would stand
    still.
    """
    rules = copy_rules(settings)
    topics: dict[Refused, list[str]] = defaultdict(list)
    for topic, properties in sorted(look.configs.items()):
        for one in refusals(properties, rules, target):
            topics[one].append(topic)
    for refused, names in topics.items():
        yield (
            f"{settings.target.alias} would refuse to create {few(names)} ({refused}), and a refused "
            "topic stalls every topic of its task, or, with auto.create.topics.enable, is created with the "
            f"brokers' defaults, also for cleanup.policy: {to_exclude((refused,))}"
        )


def refused_notes(settings: Settings, look: SourceLook, target: TargetBrokers) -> Iterator[str]:
    """Return one note for each property because of which records of topics may be refused."""
    rules = copy_rules(settings)
    config = source_connector_config(settings)
    given = config.get(f"producer.override.{_REQUEST}", "").strip()
    # A value that a configuration provider reads is not known here.
    request = int(given if given.isdigit() else kafka_defaults.PRODUCER[_REQUEST])
    records: dict[tuple[str, str], list[str]] = defaultdict(list)
    for topic, properties in sorted(look.configs.items()):
        for one in refused_records(properties, rules, target, request):
            records[one.name, one.why].append(topic)
    for (name, why), names in records.items():
        yield f"Records of topics {few(names)} may fail MM2's task by {name}: {why}"
