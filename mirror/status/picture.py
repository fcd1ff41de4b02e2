"""The judged status of one look: rows, most urgent first, totals, and one verdict. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from mirror.status.groups import GroupRow, group_rows
from mirror.status.partitions import PartitionRow, partition_rows
from mirror.status.rates import Rates
from mirror.status.snapshot import Snapshot
from mirror.status.topics import TopicRow, fold, topic_rows
from mirror.status.trouble import GroupTrouble, Trouble
from mirror.text.durations import duration
from mirror.text.numbers import counted

VerdictWord = Literal["flowing", "behind", "stuck", "halted", "losing", "unknown", "empty"]
FLOWING: Final = "flowing"
BEHIND: Final = "behind"
STUCK: Final = "stuck"
HALTED: Final = "halted"
LOSING: Final = "losing"
UNKNOWN: Final = "unknown"
EMPTY: Final = "empty"


@dataclass(frozen=True, slots=True)
class MirrorVerdict:
    """The mirror's state: one word, one sentence, and the start of the state (seconds since the epoch)."""

    word: VerdictWord
    says: str
    since: float | None = None

    @property
    def good(self) -> bool:
        """Whether no action is needed: exit code 0."""
        return self.word in (FLOWING, EMPTY)


@dataclass(frozen=True, slots=True)
class Picture:
    """One judged look. Rows are sorted by urgency; `rates_over`: seconds over which rates were measured."""

    snapshot: Snapshot
    verdict: MirrorVerdict
    total: TopicRow | None
    partitions: Sequence[PartitionRow] = ()
    topics: Sequence[TopicRow] = ()
    groups: Sequence[GroupRow] = ()
    rates_over: float = 0.0
    by_trouble: Counter[Trouble] = field(default_factory=Counter)
    by_group_trouble: Counter[GroupTrouble] = field(default_factory=Counter)


def draw(snapshot: Snapshot, rates: Rates) -> Picture:
    """Judge a look; `rates` keeps it to compute the rates of the next one."""
    over = rates.look(snapshot.at, snapshot.partitions)
    rows = partition_rows(snapshot, rates, over)
    topics = topic_rows(rows)
    groups = group_rows(snapshot.groups)
    total = fold("", rows) if rows else None
    return Picture(
        snapshot,
        _verdict(snapshot, rows, total),
        total,
        rows,
        topics,
        groups,
        rates.seconds if over else 0.0,
        Counter(row.trouble for row in rows),
        Counter(row.trouble for row in groups),
    )


def _verdict(snapshot: Snapshot, rows: Sequence[PartitionRow], total: TopicRow | None) -> MirrorVerdict:
    """Return the most urgent of: losing, halted, unknown, stuck, behind, flowing."""
    if total is None:
        if snapshot.problems:
            return MirrorVerdict(UNKNOWN, snapshot.problems[0])
        return _halted(snapshot, None) or MirrorVerdict(EMPTY, _nothing(snapshot))
    worst = rows[0]
    says = f"{worst.partition}: {worst.says}" if worst.says else str(worst.partition)
    if worst.trouble.losing:
        return MirrorVerdict(LOSING, says, worst.since)
    if halted := _halted(snapshot, total.since if worst.trouble.bad else None):
        return halted
    if worst.trouble in (Trouble.ABSENT, Trouble.UNREADABLE):
        return MirrorVerdict(UNKNOWN, says)
    if snapshot.problems:
        return MirrorVerdict(UNKNOWN, snapshot.problems[0])
    if worst.trouble is Trouble.STUCK:
        return MirrorVerdict(STUCK, says, worst.since)
    return _late_or_flowing(rows, total)


def _halted(snapshot: Snapshot, since: float | None) -> MirrorVerdict | None:
    if not snapshot.faults:
        return None
    more = f" (and {len(snapshot.faults) - 1} more)" if len(snapshot.faults) > 1 else ""
    return MirrorVerdict(HALTED, f"{snapshot.faults[0][0]}{more}", since)


def _nothing(snapshot: Snapshot) -> str:
    if not snapshot.left_out:
        return "no source topic matches the mirror's patterns"
    verb = "is" if snapshot.left_out == 1 else "are"
    shown = f"{counted(snapshot.left_out, 'partition')} {verb} not shown"
    return f"no mirrored topic is chosen by the filter: {shown}"


def _late_or_flowing(rows: Sequence[PartitionRow], total: TopicRow) -> MirrorVerdict:
    if late := sum(row.trouble.bad for row in rows):
        when = f"caught up in {duration(total.catch_up)}" if total.catch_up else "not catching up at present"
        return MirrorVerdict(BEHIND, f"{late:,} of {len(rows)} partitions are late; {when}", rows[0].since)
    if not total.records:
        return MirrorVerdict(FLOWING, "every record is mirrored")
    return MirrorVerdict(FLOWING, f"no partition is more than {duration(total.seconds or 0.0)} behind")


def failure(mirror: str, source: str, target: str, at: float, reason: str) -> Picture:
    """Return the status of a failed look; the verdict is `unknown` with the reason."""
    snapshot = Snapshot(mirror, source, target, at, 0.0, 0.0, problems=(reason,))
    return Picture(snapshot, MirrorVerdict(UNKNOWN, reason), None)


def to_json(picture: Picture) -> dict[str, Any]:
    """Return the complete look for machines, as described by docs/status.schema.json."""
    snapshot, total = picture.snapshot, picture.total
    return {
        "version": 1,
        "mirror": snapshot.mirror,
        "source": snapshot.source,
        "target": snapshot.target,
        "at": _round(snapshot.at),
        "seconds": _round(snapshot.seconds),
        "verdict": picture.verdict.word,
        "says": picture.verdict.says,
        "since": _round(picture.verdict.since),
        "connectors": snapshot.connectors,
        "faults": [{"message": message, "remedy": remedy} for message, remedy in snapshot.faults],
        "problems": list(snapshot.problems),
        "rates_over_seconds": _round(picture.rates_over),
        "total": None if total is None else {"topics": len(picture.topics), **_lag(total)},
        "partition_troubles": {
            one.word: count for one, count in sorted(picture.by_trouble.items(), reverse=True)
        },
        "group_troubles": {
            one.word: count for one, count in sorted(picture.by_group_trouble.items(), reverse=True)
        },
        "topics": [{"topic": row.topic, "trouble": row.trouble.word, **_lag(row)} for row in picture.topics],
        "partitions": [
            {
                "topic": row.partition.topic,
                "partition": row.partition.partition,
                "trouble": row.trouble.word,
                "says": row.says,
                "source_start": row.source_start,
                "source_end": row.source_end,
                "position": row.position,
                **_flow(row),
            }
            for row in picture.partitions
        ],
        "groups": [
            {
                "group": row.group,
                "trouble": row.trouble.word,
                "says": row.says,
                "partitions": row.partitions,
                "partitions_wrong": row.wrong,
                "rereads": row.rereads,
                "rereads_are": row.quality,
                "unread_at_source_at_most": row.unread_at_source,
                "active_on_source": row.active_on_source,
                "active_on_target": row.active_on_target,
            }
            for row in picture.groups
        ],
    }


def _lag(row: TopicRow) -> dict[str, Any]:
    return {"says": row.says, "partitions": row.partitions, "partitions_troubled": row.troubled, **_flow(row)}


def _flow(row: TopicRow | PartitionRow) -> dict[str, Any]:
    return {
        "records_behind": row.records,
        "records_exact": row.exact,
        "seconds_behind": _round(row.seconds),
        "behind_since": _round(row.since),
        "produced_per_second": _round(row.produced),
        "mirrored_per_second": _round(row.mirrored),
        "catch_up_seconds": _round(row.catch_up),
        "retention_seconds": _round(row.retention),
        "retention_used": _round(row.retention_used),
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
