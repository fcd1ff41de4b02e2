"""How MM2 copies: profile, tasks, exactly-once, offset syncs, replication factor and intervals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from settings.model.fields import interval, meta

OffsetSyncsLocation = Literal["target", "source"]
Profile = Literal["balanced", "throughput", "low-latency", "wan"]


@dataclass(frozen=True)
class Tuning:
    """The goal for which the mirror is tuned, and the values that a user may set instead of a profile."""

    profile: Profile = field(
        default="balanced",
        metadata=meta(
            "The goal for which the mirror is tuned. `region-mirror explain` prints every "
            "value with Kafka's default and the reason."
        ),
    )
    expected_partitions: int | None = field(
        default=None,
        metadata=meta(
            "Number of partitions that the patterns match, if known. The profile computes the "
            "number of tasks from it.",
            minimum=1,
            maximum=1_000_000,
        ),
    )
    expected_record_bytes: int | None = field(
        default=None,
        metadata=meta(
            "Size of a typical record in bytes, if known. The profile computes batch and poll sizes from it.",
            minimum=1,
            maximum=2**30,
        ),
    )
    expected_round_trip_ms: int | None = field(
        default=None,
        metadata=meta(
            "Round-trip time between the regions in milliseconds, if known. The profile computes "
            "fetch sizes and socket buffers from it.",
            minimum=0,
            maximum=60_000,
        ),
    )
    tasks_max: int | None = field(
        default=None,
        metadata=meta(
            "Maximum number of tasks of the source connector; the partitions are spread over "
            "them. With fewer partitions a task is less likely to lose a partition's first offset"
            " sync (see `offset_lag_max`). Absent: the profile decides.",
            minimum=1,
            maximum=10_000,
        ),
    )
    checkpoint_tasks_max: int = field(
        default=1,
        metadata=meta(
            "Maximum number of tasks of the checkpoint connector. The groups are spread over "
            "them; each task reads all offset syncs.",
            minimum=1,
            maximum=1000,
        ),
    )
    exactly_once: bool = field(
        default=True,
        metadata=meta(
            "Whether every record is written exactly once to the target (KIP-618). False: at "
            "least once; records are repeated after the crash of a worker."
        ),
    )
    offset_syncs_topic_location: OffsetSyncsLocation = field(
        default="target",
        metadata=meta(
            "Cluster on which MM2 keeps its offset syncs. `target`: the source user needs no "
            "write permission. `source`: it needs Create, Write and Read on the topic (KIP-716)."
        ),
    )
    offset_lag_max: int = field(
        default=2**31 - 1,
        metadata=meta(
            "Maximum number of records between two offset syncs of a partition; every commit "
            "brings a sync too. Low values do not make translation exact: MM2 keeps one pending "
            "sync for each partition and ten in flight (`OffsetSyncWriter`), so during the first "
            "copy a low value overwrites a partition's first sync before it is sent, and groups "
            "whose offset is before the next sync get no translation.",
            minimum=0,
            maximum=2**31 - 1,
        ),
    )
    replication_factor: int = field(
        default=-1,
        metadata=meta(
            "Replication factor of the topics that MM2 creates; -1 is the target's "
            "`default.replication.factor`. MM2 does not copy the source's replication factor.",
            minimum=-1,
            maximum=2**15 - 1,
            forbidden=(0,),
        ),
    )
    refresh_topics_interval_seconds: int = interval(
        30, "Interval in seconds at which MM2 looks for new topics and partitions."
    )
    refresh_groups_interval_seconds: int = interval(
        30, "Interval in seconds at which MM2 looks for new consumer groups."
    )
    sync_topic_configs_interval_seconds: int = interval(
        60, "Interval in seconds at which MM2 copies the configuration of topics."
    )
    sync_group_offsets_interval_seconds: int = interval(
        10, "Interval in seconds at which MM2 writes translated offsets to the target's consumer groups."
    )
    emit_checkpoints_interval_seconds: int = interval(
        10, "Interval in seconds at which MM2 translates the offsets of consumer groups."
    )
