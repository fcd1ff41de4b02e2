"""The mirrors that are compared: Kafka's defaults with one task, and the profiles."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.layout import Lab
from settings.load import load
from settings.model import Profile, Settings
from settings.profiles import tuning
from tests.bench.lab_mirror import lab_sections

PARTITIONS, RECORD_BYTES = 8, 1024


@dataclass(frozen=True)
class Variant:
    """One mirror: its profile, and what its stack file sets in the sections `mirror` and `source` besides."""

    name: str
    profile: Profile
    mirror: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] = field(default_factory=dict)
    kafka_defaults: bool = False
    """Kafka's default in place of each property of the profile, and one task; the no-loss rules apply."""


DEFAULTS = Variant("Kafka's defaults, one task", "balanced", kafka_defaults=True)
PROFILES = tuple(Variant(name, name) for name in ("balanced", "throughput", "low-latency"))
WAN = Variant("wan", "wan")


def settings(lab: Lab, variant: Variant, name: str, topic: str) -> Settings:
    """Return the settings of a mirror of one topic between the lab's regions."""
    sections = lab_sections(lab)
    sections["source"] |= {"alias": name.removeprefix("drill-"), **variant.source}
    sections["mirror"] = {
        "name": name,
        "topics": [topic],
        "groups": [f"{name}-none"],
        "replication_policy": "default",
        "profile": variant.profile,
        "expected_partitions": PARTITIONS,
        "expected_record_bytes": RECORD_BYTES,
        **variant.mirror,
    }
    # The lab's workers do without the JVM's second compiler, production's do not.
    # A heap as `explain` asks for, of the profile that needs most.
    sections["workers"] = {
        "replicas": 1,
        "jvm_options": {"-Xmx": "1g", "-XX": {"TieredStopAtLevel": 4}},
        "resources": {"limits": {"cpu": os.cpu_count() or 1}},
    }
    sections["users"] = {}
    if variant.kafka_defaults:
        sections["mirror"] |= _kafka_defaults(load(sections), sections["mirror"].get("config", {}))
    return load(sections)


def _kafka_defaults(given: Settings, config: Mapping[str, Any]) -> dict[str, Any]:
    tuned, found = tuning(given), {**config}
    for section, properties in (("source_connector", tuned.source), ("worker", tuned.workers)):
        found[section] = {**config.get(section, {}), **{one.key: one.kafka_default for one in properties}}
    return {"tasks_max": 1, "config": found}
