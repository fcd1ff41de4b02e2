"""Every property of a mirror's workers and connectors: value, Kafka's default, origin, reason. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from manifests.strimzi import connectors
from mirror.plan.explain import reasons
from settings import no_loss
from settings.filters import group_excludes, topic_excludes, topic_patterns
from settings.model import Overrides, Settings
from settings.profiles import KAFKA_VERSION, ConfigOwner, TunedProperty, kafka_default, tuning
from settings.profiles.heap import MIB, heap
from settings.profiles.workload import LINK_BYTES_PER_MS, Workload

Section = Literal["workers", "source connector", "checkpoint connector", "source clients"]
_NAMES: dict[ConfigOwner, Section] = {
    "worker": "workers",
    "source": "source connector",
    "checkpoint": "checkpoint connector",
}
_PATHS: dict[ConfigOwner, str] = {
    "worker": "worker",
    "source": "source_connector",
    "checkpoint": "checkpoint_connector",
}
"""Sections of `mirror.config`."""
_LONG_WAY_MS = 20


@dataclass(frozen=True, slots=True)
class ExplainedProperty:
    """One property and the reason for its value.

    `origin`: `profile <name>`, the path of a setting, or `no-loss rule <name>`. `kafka_default`: None if
    Kafka has no default.
    """

    section: Section
    key: str
    value: str
    kafka_default: str | None
    origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """All properties of one mirror.

    `left`: properties that the profile leaves at Kafka's default on purpose. `assumptions`: values assumed
    for unset settings. `warnings`: risks that a person should know.
    """

    mirror: str
    profile: str
    rows: tuple[ExplainedProperty, ...]
    left: tuple[ExplainedProperty, ...]
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as plain lists and mappings."""
        return {"kafka": KAFKA_VERSION, **asdict(self)}


def explain_mirror(settings: Settings) -> Explanation:
    """Explain every property of the workers' and the connectors' configuration."""
    tuned = tuning(settings)
    origin = f"profile {tuned.profile}"
    tasks = tuned.tasks
    overrides = settings.mirror.config
    plain = replace(settings, mirror=replace(settings.mirror, config=Overrides()))
    sections: list[
        tuple[ConfigOwner, Mapping[str, str], Mapping[str, str], tuple[TunedProperty, ...], Mapping[str, str]]
    ]
    sections = [
        (
            "worker",
            connectors.worker_config(settings),
            connectors.worker_config(plain),
            tuned.workers,
            overrides.worker,
        ),
        (
            "source",
            {
                "tasks.max": tasks.value,
                **_topics(settings),
                **connectors.source_connector_config(settings),
            },
            connectors.source_connector_config(plain),
            (tasks, *tuned.source),
            overrides.source_connector,
        ),
        (
            "checkpoint",
            {
                "tasks.max": str(settings.mirror.checkpoint_tasks_max),
                **_topics(settings),
                "groups": ",".join(settings.mirror.groups),
                "groups.exclude": ",".join(group_excludes(settings.mirror)),
                **connectors.checkpoint_connector_config(settings),
            },
            connectors.checkpoint_connector_config(plain),
            tuned.checkpoint,
            overrides.checkpoint_connector,
        ),
    ]
    rows = [
        _row(settings, where, key, value, base, {one.key: one for one in choices}, raw, origin)
        for where, config, base, choices, raw in sections
        for key, value in sorted(config.items())
    ]
    rows += [
        ExplainedProperty(
            "source clients", key, value, None, "mirror.config.source_client", "set in the stack file"
        )
        for key, value in sorted(connectors.source_client_config(settings).items())
    ]
    return Explanation(
        settings.mirror.name,
        tuned.profile,
        tuple(rows),
        tuple(
            ExplainedProperty("source connector", one.key, one.value, one.kafka_default, origin, one.reason)
            for one in tuned.left
            if one.key not in overrides.source_connector
        ),
        _assumptions(settings),
        _warnings(settings),
    )


def _row(
    settings: Settings,
    where: ConfigOwner,
    key: str,
    value: str,
    base: Mapping[str, str],
    choices: Mapping[str, TunedProperty],
    raw: Mapping[str, str],
    profile: str,
) -> ExplainedProperty:
    default = kafka_default(where, key, exactly_once=settings.mirror.exactly_once)
    section, path = _NAMES[where], _PATHS[where]
    if key in raw:
        instead = f"set in the stack file, instead of {base[key]}" if key in base else "set in the stack file"
        return ExplainedProperty(section, key, value, default, f"mirror.config.{path}", instead)
    if key in choices:
        one = choices[key]
        return ExplainedProperty(section, key, value, default, one.setting or profile, one.reason)
    table = {"worker": reasons.WORKER, "source": reasons.SOURCE, "checkpoint": reasons.CHECKPOINT}[where]
    origin, reason = table.get(key, ("region-mirror", "see docs/settings.md"))
    if origin == reasons.NO_LOSS and (rule := _rule(path, key)) is not None:
        origin = f"{origin} {rule}"
    return ExplainedProperty(section, key, value, default, origin, reason)


def _rule(path: str, key: str) -> str | None:
    """Return the name of the no-loss rule that an override of the property could break."""
    return next((rule.name for rule in no_loss.RULES if key in rule.breaks.get(path, {})), None)


def _topics(settings: Settings) -> dict[str, str]:
    """Return the connector properties that Strimzi sets from `topicsPattern` and `topicsExcludePattern`.

    The groups' patterns affect only the checkpoint connector.
    """
    mirror = settings.mirror
    return {"topics": ",".join(topic_patterns(mirror)), "topics.exclude": ",".join(topic_excludes(mirror))}


def _assumptions(settings: Settings) -> tuple[str, ...]:
    mirror, workload, needed = settings.mirror, Workload.of(settings), heap(settings)
    found = []
    if mirror.expected_partitions is None:
        found.append("the number of partitions is unknown: set mirror.expected_partitions")
    if mirror.expected_record_bytes is None:
        found.append(f"records have {workload.record_bytes:,} bytes: set mirror.expected_record_bytes")
    if mirror.profile == "wan":
        bits = LINK_BYTES_PER_MS * 8 // 1_000_000
        found.append(f"the link between the regions has {bits} Gbit/s")
        if mirror.expected_round_trip_ms is None:
            found.append(f"a round trip takes {workload.round_trip_ms} ms: set mirror.expected_round_trip_ms")
    given = "" if needed.given is not None else "; workers.resources and jvm_options set no heap"
    found.append(
        f"a worker runs up to {needed.tasks} tasks when another worker fails, and may need "
        f"{needed.needed // MIB:,} MiB of heap{given}"
    )
    return tuple(found)


def _warnings(settings: Settings) -> tuple[str, ...]:
    mirror = settings.mirror
    found = [f"permitted by mirror.allow_data_loss: {breach}" for breach in no_loss.permitted(settings)]
    if (warning := heap(settings).warning) is not None:
        found.append(warning)
    if (mirror.expected_round_trip_ms or 0) >= _LONG_WAY_MS and mirror.profile != "wan":
        found.append(
            f"mirror.expected_round_trip_ms is {mirror.expected_round_trip_ms}: profile {mirror.profile} "
            "has few connections and small fetches, which limit throughput; profile wan has more"
        )
    if mirror.expected_partitions is not None and (mirror.tasks_max or 0) > mirror.expected_partitions:
        found.append(
            "mirror.tasks_max exceeds mirror.expected_partitions: Connect does not start the surplus tasks"
        )
    return tuple(found)
