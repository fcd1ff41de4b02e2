"""The historical load: about 20,000 records and four consumer groups, written once however often asked for.

How far an earlier seed came is read from the cluster itself: a topic's end offsets, the transactions that
payments hold, the offsets the groups have committed. So it can be interrupted anywhere and goes on from
there, and nothing on this machine can contradict the cluster.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab.workload.connection import Cluster
from lab.workload.groups import advance
from lab.workload.loading import load_records, load_transactions
from lab.workload.records import HISTORY_MS
from lab.workload.roster import GROUPS, SEAL, SEED, TOPICS, Group, Topic
from lab.workload.topics import Offsets, TopicAdmin


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What one seed did. `produced` counts records by topic, aborted ones included."""

    topics_created: tuple[str, ...]
    produced: dict[str, int]
    groups_advanced: tuple[str, ...]
    seconds: float

    @property
    def nothing_done(self) -> bool:
        """Whether everything was there already."""
        return not (self.topics_created or any(self.produced.values()) or self.groups_advanced)

    def __str__(self) -> str:
        if self.nothing_done:
            return f"already seeded ({self.seconds:.1f} s)"
        produced = ", ".join(f"{name} {count}" for name, count in self.produced.items() if count) or "none"
        return (
            f"seeded in {self.seconds:.1f} s: records {produced}; "
            f"groups {', '.join(self.groups_advanced) or 'none'}"
        )


def seed(cluster: Cluster, seed: int = SEED, say: Callable[[str], None] = lambda line: None) -> SeedReport:
    """Bring the cluster to the state its history leaves it in. Raises CouldNotRun; another call goes on."""
    started = time.monotonic()
    admin = TopicAdmin(cluster)
    created = admin.create_missing()
    ends = admin.end_offsets()
    # An end offset only ever grows, whatever retention and compaction take away.
    behind = {topic for topic in TOPICS if sum(ends[topic.name].values()) < topic.history}
    produced: dict[str, int] = {}
    waiting: tuple[Group, ...] = ()
    if behind:
        # The end offsets of payments alone do not vouch for it: an interrupted transaction raises them too.
        unsealed = SEAL in {topic.name for topic in behind}
        first = [t for t in TOPICS if t.name != SEAL and (t in behind or (unsealed and t.read_committed))]
        produced |= _load(cluster, first, ends, seed, say)
        ends = admin.end_offsets()
        waiting = _advance(cluster, admin, ends, say)
        produced |= _load(cluster, [t for t in behind if t.name == SEAL], ends, seed, say)
    return SeedReport(created, produced, tuple(group.name for group in waiting), time.monotonic() - started)


def _load(
    cluster: Cluster, topics: Sequence[Topic], ends: dict[str, Offsets], seed: int, say: Callable[[str], None]
) -> dict[str, int]:
    """Write what is missing of the history of `topics`, side by side; how many records that was."""
    if not topics:
        return {}
    say("producing the history of " + ", ".join(topic.name for topic in topics))
    started_at_ms = int(time.time() * 1000) - HISTORY_MS
    with ThreadPoolExecutor(len(topics)) as pool:
        loads = {
            topic.name: pool.submit(
                load_transactions if topic.read_committed else load_records,
                cluster,
                topic,
                ends[topic.name],
                seed,
                started_at_ms,
            )
            for topic in topics
        }
        return {name: load.result() for name, load in loads.items()}


def _advance(
    cluster: Cluster, admin: TopicAdmin, ends: dict[str, Offsets], say: Callable[[str], None]
) -> tuple[Group, ...]:
    """Bring the groups to their positions that have not committed in every partition yet; those groups."""
    with ThreadPoolExecutor(len(GROUPS)) as pool:
        committed = dict(zip(GROUPS, pool.map(admin.group_offsets, GROUPS), strict=True))
        waiting = tuple(group for group in GROUPS if committed[group].keys() < ends[group.topic].keys())
        if waiting:
            say("reading as groups " + ", ".join(group.name for group in waiting))
            list(pool.map(lambda group: advance(cluster, group, ends[group.topic]), waiting))
    return waiting
