"""One look at the mirror: every part is read once, when the first check asks for it, and shared by all.

A *part* is a function that reads something: `lags(look)`. A check asks `look.of(lags)`; so may another part.
Checks run at once, each in its thread: the first that asks for a part reads it, the others wait for the same
answer. A part that no check asks for is not read. The error of a part that cannot be read is kept: it fails
the checks that need the part, and no other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from manifests.strimzi.moved import moved_of
from mirror.clients.sides import Sides
from mirror.clients.topics import Topics, read_topics
from mirror.estate.deployed import DeployedResource
from mirror.mm2.phase import AT_REST, REPLICATE, phase_of
from mirror.mm2.positions import Positions
from mirror.mm2.topics import Checkpoints, OffsetSyncs
from mirror.problems import CouldNotRead, CouldNotRun
from mirror.verify.reading.bookkeeping import bookkeeping
from mirror.verify.values.memory import Memory
from settings.model import Settings
from settings.names import Names

# Where no session lasts, every minute has its turn.
_TURN_SECONDS = 60
T = TypeVar("T")
Part = Callable[["Look"], T]
AnyPart = TypeVar("AnyPart", bound=Part[Any])
_ABOUT_GROUPS: set[Part[Any]] = set()


class Session:
    """Connections reused by consecutive looks, opened when they are first needed."""

    def __init__(
        self,
        settings: Settings,
        root: Path,
        stack: ExitStack,
        sides: Sides | None = None,
        *,
        copied_users: bool = True,
        memory: Memory | None = None,
    ) -> None:
        self.settings = settings
        self.copied_users = copied_users
        """Whether the credentials of copied users may be read. users-work cannot be evaluated without."""
        self.names = Names.of(settings)
        self.root = root
        self.turn = int(time.time() // _TURN_SECONDS)
        """What records-match reads: the next partitions and other windows after each look that finds no
        difference. So a long session sees them all, and what was found does not vanish with the next look.
        """
        self.memory = memory or Memory()
        self._stack = stack
        self._sides = sides
        self._deployed: DeployedResource | None = None
        self._positions: Positions | None = None
        self._bookkeeping: tuple[Checkpoints, OffsetSyncs] | None = None
        self._lock = threading.RLock()

    @property
    def deployed(self) -> DeployedResource:
        """The KafkaMirrorMaker2 on the target's Kubernetes, and the Secrets beside it."""
        with self._lock:
            if self._deployed is None:
                self._deployed = DeployedResource(self.settings, self.root)
            return self._deployed

    @property
    def opened(self) -> Sides | None:
        """Both clusters; None before the first login."""
        return self._sides

    def open(self, resource: Mapping[str, Any], *, groups: bool = False) -> Sides:
        """Both clusters, logged in to with what the resource names. `groups`: the helper processes that
        answer questions about groups start beside the login. Raises CouldNotRun.

        `resource` has been read by the caller: reading it here, under the lock, could wait for a thread that
        needs the lock.
        """
        with self._lock:
            if self._sides is None:
                access = self.deployed.access(resource)
                sides = Sides(access.source, access.target)
                if groups:
                    sides.start_group_helpers()
                self._sides = self._stack.enter_context(sides)
            return self._sides

    def narrowed(self, settings: Settings) -> Session:
        """Return a session of a part of the mirror, over the connections that are open."""
        return Session(settings, self.root, self._stack, self._sides)

    def positions(self, partitions: int) -> Positions:
        """Return the reader of MM2's positions; each read continues where the last one ended."""
        with self._lock:
            if self._positions is None:
                both = self._logged_in()
                self._positions = Positions(
                    both.target,
                    both.target_reader,
                    self.names.offsets_topic,
                    partitions,
                    self.names.source_connector,
                    self.settings.source.alias,
                )
            return self._positions

    def bookkeeping(self, topics: Topics) -> tuple[Checkpoints, OffsetSyncs]:
        """Return MM2's checkpoints and offset syncs; each read continues where the last one ended.

        Raises CouldNotRead for a topic that is not there, or hidden.
        """
        with self._lock:
            if self._bookkeeping is None:
                self._bookkeeping = bookkeeping(self.settings, self._logged_in(), topics)
            return self._bookkeeping

    def _logged_in(self) -> Sides:
        if self._sides is None:
            raise RuntimeError("the clusters' topics have to be read first: that logs in")
        return self._sides


class Look:
    """`reads` are the parts that this look is for; other parts may be read too, because these need them."""

    def __init__(self, session: Session, reads: Collection[Part[Any]], now: float | None = None) -> None:
        self.session = session
        self.reads = frozenset(reads)
        self.ended: CouldNotRun | None = None
        """Why nothing can be said at all: a cluster or the resource itself is out of reach."""
        self._now = now
        self._parts: dict[Part[Any], Future[Any]] = {}
        self._lock = threading.Lock()

    @property
    def settings(self) -> Settings:
        """The settings of the mirror, without the part that was moved already, also where the stack file does
        not declare that yet.
        """
        try:
            return self.session.settings.with_moved(moved_of(self.resource))
        except CouldNotRun:  # reported by the checks that need the resource
            return self.session.settings

    @property
    def names(self) -> Names:
        """The names that derive from its settings."""
        return self.session.names

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() if self._now is None else self._now

    def of(self, part: Part[T]) -> T:
        """Return the value of a part, read at the first call. Raises its error at each call."""
        with self._lock:
            future = self._parts.get(part)
            first = future is None
            if future is None:
                future = self._parts[part] = Future()
        if first:
            try:
                future.set_result(part(self))
            except BaseException as error:
                if part in _ESSENTIAL and isinstance(error, CouldNotRun):
                    self.ended = error
                future.set_exception(error)
        return cast(T, future.result())

    def first(self, part: Part[Any]) -> None:
        """Read a part now, if this look is for it: for a part that must not be read before it. Its error is
        kept for those that ask for it."""
        if part in self.reads:
            with suppress(CouldNotRead):
                self.of(part)

    def give(self, part: Part[T], value: T | CouldNotRun) -> None:
        """Set the value or the error of a part that the caller has read already, or makes up in a test."""
        future = self._parts[part] = Future()
        if isinstance(value, CouldNotRun):
            future.set_exception(value)
        else:
            future.set_result(value)

    @property
    def resource(self) -> Mapping[str, Any]:
        """The KafkaMirrorMaker2 as it is now."""
        return self.of(resource)

    @property
    def declared_state(self) -> str:
        """What decides whether the connectors run: the phase of the deployed mirror once it is promoted, also
        where the stack file does not declare that yet; else what the stack file declares.
        """
        return self.phase if self.phase in AT_REST else self.settings.mirror.declared_state

    @property
    def phase(self) -> str:
        """The phase of the deployed mirror, whatever the stack file declares."""
        try:
            return phase_of(self.resource)
        except CouldNotRun:  # reported by the checks that need the resource
            return REPLICATE

    @property
    def sides(self) -> Sides:
        """Both clusters, logged in to."""
        return self.of(sides)

    @property
    def topics(self) -> Topics:
        """The topics of both clusters, and which of them are mirrored."""
        return self.of(topics)


def about_groups(part: AnyPart) -> AnyPart:
    """Mark a part that asks about groups: a look for it that logs in starts their helper processes, too."""
    _ABOUT_GROUPS.add(part)
    return part


def resource(look: Look) -> Mapping[str, Any]:
    """Read the KafkaMirrorMaker2. Raises CouldNotRun."""
    return look.session.deployed.read()


def sides(look: Look) -> Sides:
    """Log in to both clusters, where the session has not yet. Raises CouldNotRun."""
    groups = not _ABOUT_GROUPS.isdisjoint(look.reads)
    return look.session.opened or look.session.open(look.resource, groups=groups)


def topics(look: Look) -> Topics:
    """Read the topics of both clusters. Raises CouldNotRun."""
    return read_topics(look.settings, look.sides)


_ESSENTIAL: frozenset[Part[Any]] = frozenset({resource, sides, topics})
"""Parts without which a look says nothing: verify() tries again with new connections."""
