"""How a mirror is operated: state, phase, first positions, topic configurations, restarts and heartbeats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from settings.model.fields import meta
from settings.model.moved import MovedSettings
from settings.rules import kafka

State = Literal["running", "paused", "stopped"]
Phase = Literal["replicate", "promoted", "retired"]


@dataclass(frozen=True)
class Operation:
    """Whether the mirror runs, where its copies begin, and what runs beside them."""

    state: State = field(
        default="running",
        metadata=meta(
            "State of the connectors: `paused` stops mirroring, but the groups' offsets on the target are "
            "still set to the last translation; `stopped` also removes the tasks, which ends that. Only a "
            "running mirror can be verified."
        ),
    )
    phase: Phase = field(
        default="replicate",
        metadata=meta(
            "Phase of the migration. `replicate`: the mirror runs as `state` says. `promoted`: "
            "`region-mirror cutover` has moved the clients to the target; both connectors are stopped for "
            "good, and `pulumi destroy` keeps the copied users. `retired`: `pulumi destroy` is allowed, and "
            "deletes the mirror's internal topics as well. A phase that contradicts the deployed mirror is "
            "refused."
        ),
    )
    moved: MovedSettings = field(
        default_factory=MovedSettings,
        metadata=meta(
            "The part of the mirror that `region-mirror cutover --topic` has moved to the target. MM2 "
            "does not mirror these topics, and does not translate the offsets of these groups, any more. The "
            "command prints the lines, or writes them (`--write-stack-file`). A list that contradicts the "
            "deployed mirror is refused."
        ),
    )
    start_from: str = field(
        default="earliest",
        metadata=meta(
            "Position at which the first copy of a topic begins: `earliest`, `latest`, or a time "
            "(`2026-11-01T00:00:00Z`). It applies to partitions that exist at the first "
            "deployment; topics and partitions that are created later are mirrored from their "
            "beginning.",
            rule=kafka.start,
        ),
    )
    start_from_by_topic: Mapping[str, str] = field(
        default_factory=dict,
        metadata=meta(
            "Topics that begin at another position: a topic pattern, with `earliest`, `latest`, "
            "a time, or the first offset of each partition (`offsets 120,98`) as its value. A topic's "
            "own name counts before a pattern; the order does not count. `region-mirror reverse` writes "
            "offsets.",
            key_rule=kafka.pattern,
            rule=kafka.topic_start,
        ),
    )
    topic_configs_exclude: tuple[str, ...] = field(
        default=(),
        metadata=meta(
            "Topic configurations that are not copied: regular expressions "
            "(`config.properties.exclude`). MM2's own exclusions always apply too.",
            rule=kafka.pattern,
        ),
    )
    auto_restart_max: int | None = field(
        default=None,
        metadata=meta(
            "Maximum number of automatic restarts of a failed connector or task. Absent: unlimited.",
            minimum=0,
            maximum=1_000_000,
        ),
    )
    heartbeats_interval_seconds: int = field(
        default=0,
        metadata=meta(
            "Interval in seconds at which heartbeats are written to the source; they are mirrored"
            " like any other topic. 0: no heartbeats. Heartbeats need a second Kafka Connect, "
            "which is deployed beside the mirror, and write permission on their topic on the "
            "source.",
            minimum=0,
            maximum=86_400,
        ),
    )
