"""Reads every group on every partition, as `offsets export` and `offsets apply` need it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mirror.clients.access import ClusterAccess
from mirror.clients.group_offsets import Commits
from mirror.clients.records import TopicPartition, Unread
from mirror.offsets.applying import TargetGroups
from mirror.offsets.proposal import Proposal, proposal
from mirror.problems import CouldNotRead
from mirror.verify.reading import parts
from mirror.verify.reading.bookkeeping import expectations
from mirror.verify.reading.look import Look, Session
from mirror.verify.values.group_partition import GroupPartition
from settings.model import Settings

# What is read here: Look reads D before P for it.
_FOR = (parts.translated,)


@dataclass(frozen=True, slots=True)
class Survey:
    """The groups as read once. `blind`: why MM2's checkpoints and offset syncs could not be read, or
    empty.
    """

    partitions: tuple[GroupPartition, ...]
    unreadable: Mapping[str, str] = field(default_factory=dict)
    blind: str = ""
    untranslated: tuple[str, ...] = ()
    """Streams and share groups, which MM2 does not translate."""
    pending: Mapping[str, tuple[TopicPartition, ...]] = field(default_factory=dict)
    """Groups whose offset on mirrored partitions of the source waits for the end of a transaction."""


class Surveyor:
    """Reads the groups repeatedly over the connections of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._look = Look(session, _FOR)

    def look(self) -> Survey:
        """Read all groups now. Raises CouldNotRun."""
        self._look = Look(self._session, _FOR)
        # Before the offsets: what is committed between the two readings is read as committed, or as pending.
        pending = self._pending()
        seen = parts.settled(self._look, everywhere=True)
        partitions, blind = list(seen.partitions), ""
        try:
            checkpoints, syncs = self._session.bookkeeping(self._look.topics)
            others = frozenset(seen.untranslated)
            partitions = expectations(partitions, checkpoints, syncs, untranslated=others)
        except CouldNotRead as error:
            blind = f"{error.tried}: {error.happened}"
        unreadable, waiting = dict(seen.unreadable), {}
        for group, mirrored in _by_group(partitions).items():
            found = pending.get(group, ())
            if isinstance(found, Unread):
                unreadable[group] = f"its pending offsets: {found.reason}"
            elif those := tuple(one for one in found if one in mirrored):
                waiting[group] = those
        return Survey(tuple(partitions), unreadable, blind, tuple(seen.untranslated), waiting)

    def _pending(self) -> Mapping[str, Sequence[TopicPartition] | Unread]:
        look = self._look
        groups = [*look.of(parts.source_groups), *look.of(parts.untranslated_groups)]
        return look.sides.source.pending_offsets(groups)

    def proposals(self, *, exact: bool) -> tuple[list[Proposal], Survey]:
        """Return the rows of an export, and the survey that they come from."""
        survey = self.look()
        groups = sorted({one.group for one in survey.partitions})
        active = self._look.sides.source.members(groups)
        rows = [
            proposal(
                one,
                exact=exact,
                active_on_source=active[one.group],
                pending=one.partition in survey.pending.get(one.group, ()),
            )
            for one in survey.partitions
        ]
        return rows, survey

    def scene(self, groups: Collection[str]) -> TargetGroups:
        """Return the current state of these groups, with which `apply` checks a file."""
        survey = self.look()
        settings = self._session.settings
        return TargetGroups(
            {(one.group, one.remote): one for one in survey.partitions if one.group in groups},
            self._look.sides.target.members(groups),
            checkpoints_run(self._look.resource, self._session.names.checkpoint_connector),
            settings.mirror.sync_group_offsets_interval_seconds,
            survey.unreadable,
            self._look.sides.source.members(groups),
        )

    def commits(self, groups: Collection[str]) -> Mapping[str, Commits | Unread]:
        """Return what these groups have committed on the source."""
        return self._look.sides.source.group_commits(sorted(groups))

    def committing_access(self) -> ClusterAccess:
        """How to log in to the target to set offsets: as the mirror's user.

        Setting a group's offset needs Read on the group and on the topic. The verifier only has Describe on
        groups, because it must never change anything. The mirror's user has these permissions for the groups
        and topics of the mirror: MM2 uses them to write the translated offsets.
        """
        return self._session.deployed.mirror_user(self._look.resource)


def _by_group(partitions: Iterable[GroupPartition]) -> dict[str, set[TopicPartition]]:
    found: dict[str, set[TopicPartition]] = {}
    for one in partitions:
        found.setdefault(one.group, set()).add(one.partition)
    return found


@contextmanager
def surveyor(settings: Settings, root: Path) -> Iterator[Surveyor]:
    """A Surveyor whose connections are closed at the end of the `with` block."""
    with ExitStack() as stack:
        yield Surveyor(Session(settings, root, stack))


def checkpoints_run(resource: Mapping[str, Any], connector: str) -> bool:
    """Whether the checkpoint connector may write offsets: true unless it is STOPPED and has no task.

    A PAUSED task goes on setting the groups' offsets, in a thread of its own (`MirrorCheckpointTask`).
    """
    for one in (resource.get("status") or {}).get("connectors") or []:
        if one.get("name") == connector:
            return (one.get("connector") or {}).get("state") != "STOPPED" or bool(one.get("tasks"))
    return True
