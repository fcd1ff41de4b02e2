"""Judges whether a part can be moved without the rest. Pure.

A group has one place: it reads at the source or on the target. So has a transaction: it cannot span two
clusters. A DENY of a copied user cannot be lifted for one topic of a prefix. Where one of these couples
topics that are moved with topics that stay, the part is refused, with the names on each side.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mirror.text.names import few
from mirror.text.numbers import counted
from settings.model import MovedSettings


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line names. Without groups, those that read only the named topics are moved along."""

    topics: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    leave_out: frozenset[str] = frozenset()
    accept_coupled: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether a part is asked for at all."""
        return bool(self.topics or self.groups)


@dataclass(frozen=True, slots=True)
class Producer:
    """A principal with a transactional id: what one of its transactions can write and commit."""

    name: str
    topics: frozenset[str]
    """Mirrored topics that it may write to."""
    groups: frozenset[str]
    """Mirrored groups whose offsets it may commit."""


@dataclass(frozen=True, slots=True)
class WideScope:
    """An ACL of a copied user by prefix or `*`, and the mirrored topics that it concerns."""

    user: str
    scope: str
    topics: frozenset[str]


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is on the source, without what was moved earlier."""

    mirrored: Collection[str]
    """Topics of the mirror."""
    groups: Mapping[str, frozenset[str]]
    """Groups of the mirror, and the mirrored topics on which each has offsets."""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Groups whose offsets could not be read, and why."""
    producers: Sequence[Producer] | None = ()
    """None where nobody can tell: the fence is manual, and no administrator's login is there."""
    scopes: Sequence[WideScope] = ()
    moved: MovedSettings = field(default_factory=MovedSettings)
    never: frozenset[str] = frozenset()
    """Mirrored topics that belong to the mirror itself: heartbeats."""


def groups_of(asked: Asked, seen: Seen) -> tuple[str, ...]:
    """Return the groups that are moved: the named ones, else each that reads only topics that are moved."""
    if asked.groups:
        return tuple(sorted(set(asked.groups)))
    moving = set(asked.topics)
    return tuple(
        sorted(
            group
            for group, topics in seen.groups.items()
            if topics and topics <= moving and group not in asked.leave_out
        )
    )


def problems(asked: Asked, seen: Seen) -> list[str]:
    """Return why the part cannot be moved, one problem each; nothing where it can."""
    if not asked.topics:
        return [
            f"--group {few(sorted(asked.groups))} without --topic: a group is moved with the topics that it "
            "reads; name these topics"
        ]
    return [
        *_topics(asked, seen),
        *_named_groups(asked, seen),
        *_readers(asked, seen),
        *_producers(asked, seen),
        *_scopes(asked, seen),
    ]


def _topics(asked: Asked, seen: Seen) -> Iterator[str]:
    for topic in sorted(set(asked.topics)):
        if topic in seen.moved.topics:
            yield f"topic {topic} was moved already: leave it out of the command"
        elif topic in seen.never:
            yield f"topic {topic} has the mirror's own heartbeats, and stays with it: leave it out"
        elif topic not in seen.mirrored:
            yield f"topic {topic} is not mirrored: no topic of this name on the source matches mirror.topics"


def _named_groups(asked: Asked, seen: Seen) -> Iterator[str]:
    moving = set(asked.topics)
    for group in sorted(set(asked.groups)):
        if group in seen.moved.groups:
            yield f"group {group} was moved already: leave it out of the command"
        elif group not in seen.groups and group not in seen.unreadable:
            yield (
                f"group {group} is unknown: no group of this name on the source has offsets on a mirrored "
                "topic and matches mirror.groups"
            )
        elif group in asked.leave_out:
            yield f"group {group} is named by --group and by --leave-out-group: name it once"
        elif group in seen.groups and not seen.groups[group] & moving:
            yield f"group {group} reads none of the named topics, only {_few(seen.groups[group])}"


def _readers(asked: Asked, seen: Seen) -> Iterator[str]:
    moving = set(asked.topics)
    for group, topics in sorted(seen.groups.items()):
        if group in asked.leave_out:
            continue
        moves, stays = topics & moving, topics - moving
        if moves and stays:
            yield (
                f"group {group} reads topics on both sides: {_few(moves)} would move, {_few(stays)} would "
                "stay, and a group reads on one cluster at a time. Name these topics, too, or, if the group "
                "does not read them any more, delete its offsets there "
                "(`kafka-consumer-groups.sh --delete-offsets`)"
            )
        elif moves and asked.groups and group not in asked.groups:
            yield (
                f"group {group} reads {_few(moves)} and is not named: add --group {group}, or leave its "
                f"offsets as they are with --leave-out-group {group}"
            )
    for group, reason in sorted(seen.unreadable.items()):
        if group not in asked.leave_out:
            yield f"group {group}: its offsets could not be read ({reason}), so nobody knows what it reads"


def _producers(asked: Asked, seen: Seen) -> Iterator[str]:
    if seen.producers is None:
        yield (
            "nobody can tell whose transactions could write to moved and to staying topics: cutover.fence is "
            "manual. Add --source-admin-config FILE, with which the ACLs can be read"
        )
        return
    moving, along = set(asked.topics), set(groups_of(asked, seen))
    for one in seen.producers:
        if one.name in asked.accept_coupled:
            continue
        moves = [*sorted(one.topics & moving), *_of_groups(one.groups & along)]
        stays = [*sorted(one.topics - moving), *_of_groups(one.groups - along)]
        if moves and stays and one.topics:
            yield (
                f"{one.name} has a transactional id, and its transactions could span {few(moves)}, which "
                f"would move, and {few(stays)}, which would stay. Move these together, narrow its ACLs, or, "
                f"if none of its transactions does that, add --accept-coupled '{one.name}'"
            )


def _scopes(asked: Asked, seen: Seen) -> Iterator[str]:
    moving = set(asked.topics)
    for one in seen.scopes:
        if (one.topics & moving) and (stays := one.topics - moving):
            yield (
                f"copied user {one.user} may write to {one.scope} by one ACL, which holds moved topics and "
                f"{_few(stays)}, which would stay: until the promotion a DENY keeps it from writing to their "
                "copies, and a DENY of a prefix has no exceptions. Move these topics together, give "
                "the user an ACL for each topic, or set `users.standby_writes: allow`"
            )


def _of_groups(groups: Collection[str]) -> list[str]:
    return [f"offsets of group {one}" for one in sorted(groups)]


def _few(topics: Collection[str]) -> str:
    return few(sorted(topics))


def summary(scope: MovedSettings, seen: Seen) -> str:
    """Say what stays, for the confirmation."""
    topics = len(set(seen.mirrored) - set(scope.topics) - seen.never)
    groups = sum(bool(read) for group, read in seen.groups.items() if group not in scope.groups)
    return f"{counted(topics, 'topic')} and {counted(groups, 'group')} stay with the mirror"
