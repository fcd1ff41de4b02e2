"""Says why a mirror must not be destroyed yet, what destroying it deletes, and how to proceed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mirror.clients.records import TopicPartition, Unread
from mirror.mm2.formats import CheckpointKey
from mirror.mm2.phase import AT_REST, REPLICATE, RETIRED, Move
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.verify.values.active_group import GroupOnTarget
from mirror.verify.values.partition_lag import PartitionLag, behind
from mirror.verify.values.source_partition import past_end
from settings.model import Settings
from settings.names import internal_topics

OVERRIDE = "REGION_MIRROR_DESTROY"
"""Environment variable with the names of the mirrors to destroy nevertheless, separated by commas.

No setting: `pulumi destroy` does not run the program, so it sees the settings of the last `pulumi up`.
"""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class MovedOffset:
    """A group whose offset on the target is ahead of MM2's newest checkpoint: MM2 did not write it."""

    group: str
    partition: TopicPartition
    """Of the target."""
    offset: int
    checkpoint: int | None
    """None: MM2 has written no checkpoint of the group on the partition."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Records of the source that are not mirrored yet; an upper bound unless `exact`."""

    records: int = 0
    exact: bool = True
    partitions: Mapping[str, int] = field(default_factory=dict)
    """By source partition; only those with records."""


@dataclass(frozen=True, slots=True)
class Use:
    """Everything that was seen before a mirror is destroyed."""

    active: Sequence[GroupOnTarget] = ()
    """Groups on copies of topics that have members on the target."""
    moved: Sequence[MovedOffset] = ()
    waiting: Waiting = field(default_factory=Waiting)
    on_source: Mapping[str, int] = field(default_factory=dict)
    """Members at the source of the mirror's groups, of a mirror that is retired; only groups with members."""
    phase: str = REPLICATE
    """The phase that the deployed KafkaMirrorMaker2 is annotated with."""
    move: Move | None = None
    """A cutover or failover that has begun, and was neither completed nor rolled back."""
    unknown: Sequence[str] = ()
    """Reasons why a part could not be read."""


def overridden(environment: Mapping[str, str], mirror: str) -> bool:
    """Tell whether the environment names the mirror as one to destroy nevertheless."""
    return mirror in {name.strip() for name in environment.get(OVERRIDE, "").split(",")}


def moved_offsets(
    offsets: Mapping[str, Mapping[TopicPartition, int] | Unread],
    checkpoints: Mapping[CheckpointKey, int],
) -> list[MovedOffset]:
    """Return one offset of each group that committed on the target itself.

    `offsets`: committed on the target, on copies only. `checkpoints`: MM2's newest translation of each group
    and target partition, read after `offsets`; MM2 sets a group's offset to none that is higher.
    """
    found = []
    for group, committed in sorted(offsets.items()):
        for partition, offset in {} if isinstance(committed, Unread) else committed.items():
            last = checkpoints.get(CheckpointKey(group, partition))
            if offset > (last or 0):
                found.append(MovedOffset(group, partition, offset, last))
                break
    return found


def waiting_records(lags: Sequence[PartitionLag], at: float) -> tuple[Waiting, list[str]]:
    """Count the records that are not mirrored yet, and return why a partition cannot be counted."""
    partitions, unknown, exact = {}, [], True
    for one in lags:
        if isinstance(one.bounds, Unread):
            unknown.append(f"{one.partition}: {one.bounds.reason}")
            continue
        if isinstance(one.window, Unread):
            unknown.append(f"{one.partition}: {one.window.reason}")
            continue
        lag = behind(one, at)
        if lag.records:
            partitions[str(one.partition)] = lag.records
            exact = exact and lag.exact
        if one.position is not None and past_end(one.position, one.bounds):
            unknown.append(f"{one.partition}: MM2's position {one.position} is past the end {one.bounds.end}")
    return Waiting(sum(partitions.values()), exact, partitions), unknown


def refusal(settings: Settings, copied: Sequence[str], use: Use) -> str | None:
    """Return the message of the refusal; None where the mirror may be destroyed.

    `copied`: the copied users that the stack deletes. Where it deletes none, clients on the target keep
    working, and only records that are not mirrored count.
    """
    mirror = settings.mirror.name
    phase = _phase(settings, use)
    in_use = groups_in_use(use) if copied else []
    waiting = _waiting(settings, use.waiting)
    unknown = [f"  Unknown: {reason}" for reason in use.unknown]
    if not (phase or in_use or waiting or unknown):
        return None
    lines = [f"mirror {mirror}: destroying it is refused. Nothing has been deleted."]
    lines += phase
    if in_use:
        lines.append(f"  Consumer groups use the copies on {settings.target.alias}:")
        lines += in_use
    lines += waiting + unknown
    lines += _effects(settings, copied)
    at_rest = use.phase in AT_REST or settings.mirror.phase in AT_REST
    lines += _ways(settings, bool(copied), bool(waiting), at_rest)
    return "\n".join(lines)


def _phase(settings: Settings, use: Use) -> list[str]:
    """Return what the phase says against it. The stack's state knows the phase of its last `up`."""
    lines = []
    if use.move:
        lines.append(
            f"  A {use.move} is in progress. Complete it with `region-mirror {use.move}`, or undo it with "
            f"`region-mirror {use.move} rollback`."
        )
    if use.phase != REPLICATE and settings.mirror.phase != RETIRED:
        lines.append(
            "  It was promoted: copied users belong to clients, and MM2's internal topics hold the positions "
            "up to which records were mirrored. To give both up: set mirror.phase: retired, run `pulumi up`, "
            "then destroy."
        )
    if use.on_source:
        lines.append(f"  Consumer groups still have members on {settings.source.alias}:")
        members = [f"    {group}: {counted(count, 'member')}" for group, count in use.on_source.items()]
        lines += _first(members, "groups")
    return lines


def groups_in_use(use: Use) -> list[str]:
    """Return a line for each consumer group that uses the copies; of many groups, the first."""
    return [*_active(use), *_moved(use)]


def _active(use: Use) -> list[str]:
    lines = []
    for one in use.active:
        hosts = few([f"{member.client_id} at {member.host}" for member in one.members], 3)
        what = (
            "not readable: " + one.unseen
            if one.unseen
            else f"{counted(len(one.members), 'member')} ({hosts})"
        )
        lines.append(f"    {one.group}: {what}")
    return _first(lines, "groups")


def _moved(use: Use) -> list[str]:
    active = {one.group for one in use.active}
    lines = []
    for one in use.moved:
        if one.group not in active:
            last = "without a checkpoint by MM2"
            if one.checkpoint is not None:
                last = f"ahead of MM2's newest checkpoint {one.checkpoint:,}"
            lines.append(
                f"    {one.group}: no members now; its offset {one.offset:,} on {one.partition} is {last}: "
                "a client committed it"
            )
    return _first(lines, "groups")


def _waiting(settings: Settings, waiting: Waiting) -> list[str]:
    if not waiting.records:
        return []
    name, most = max(waiting.partitions.items(), key=lambda item: item[1])
    count = f"{'' if waiting.exact else 'up to '}{waiting.records:,}"
    return [
        f"  {count} records of {settings.source.alias} are not mirrored yet, in "
        f"{counted(len(waiting.partitions), 'partition')} (most in {name}: {most:,}). They would remain on "
        f"{settings.source.alias} only."
    ]


def _effects(settings: Settings, copied: Sequence[str]) -> list[str]:
    topics = "No topic is deleted."
    if settings.mirror.phase == RETIRED:
        own = ", ".join(internal_topics(settings))
        topics = f"It also deletes the mirror's internal topics, and no other topic: {own}."
    lines = [f"  Destroying deletes the KafkaMirrorMaker2, its two users and its Secrets. {topics}"]
    if copied:
        lines.append(
            f"  It also deletes {len(copied)} copied KafkaUsers with their credentials on "
            f"{settings.target.alias} ({few(copied, _SHOWN)}): their clients are refused within seconds "
            "(TOPIC_AUTHORIZATION_FAILED)."
        )
    return lines


def _ways(settings: Settings, copied: bool, waiting: bool, at_rest: bool) -> list[str]:
    name, source = settings.mirror.name, settings.source.alias
    lines = []
    if copied:
        lines.append("  To keep the copied users: set users.retain: true, run `pulumi up`, then destroy.")
    if waiting and at_rest:
        lines.append(
            f"  The mirror is promoted, so it never copies these records. If production has moved home to "
            f"{source}, they are its own, and nothing is to be done about them. Else `region-mirror recover "
            f"--fence` keeps the producers of {source} away, and `recover --write` brings the records to "
            f"{settings.target.alias}; both need this mirror's internal topics."
        )
    elif waiting:
        lines.append(
            f"  To mirror the records: stop the producers on {source}, and wait until `region-mirror "
            "verify` reports 0 records behind."
        )
    lines.append(
        f"  To destroy it nevertheless: set {OVERRIDE}={name} in the environment of `pulumi` "
        "(several names: separated by commas)."
    )
    return lines


def _first(lines: list[str], what: str) -> list[str]:
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], f"    and {more} more {what}"] if more > 0 else lines
