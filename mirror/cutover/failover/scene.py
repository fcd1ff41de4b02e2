"""What the steps of a failover share: the connections to the target, the last look, the look at the source.

Everything is read at once, in parallel with the look at the source: a rehearsal ends about when that does,
however many topics and groups there are. Clients wait for a failover, so the resource is read once for all,
and the connections to the target are opened while the source is asked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from manifests.strimzi.moved import moved_of
from mirror.clients.cluster import Cluster
from mirror.clients.reader import Reader
from mirror.clients.source_look import SOURCE_SECONDS, SourceSeen, look_at_source
from mirror.cutover.failover.loss import Loss, loss
from mirror.cutover.failover.placed import GroupPlacement
from mirror.cutover.failover.target import TargetRead, TargetReader
from mirror.cutover.open import agreed_to
from mirror.cutover.promoted_ends.read import ends_of_copies
from mirror.cutover.step import JSON, Options, World
from mirror.last_look.record import LastLook
from mirror.last_look.store import LastLookStore
from mirror.mm2.formats import CheckpointKey
from mirror.mm2.topics import Dated
from mirror.problems import CouldNotRun
from mirror.text.failures import reason_of
from mirror.verify.reading.look import Session
from settings import filters
from settings.model import Settings

FRESH_SECONDS = 1.0
"""A reading of the target counts for so long while the steps act."""

SOURCE_COUNTS_SECONDS = 10.0
"""The look at the source counts for so long where a person is asked meanwhile."""


@dataclass(frozen=True, slots=True)
class FailoverOptions:
    """What the person has agreed to. `source_is_alive`: to fail over although the source may be well.
    `accept_unconfirmed_stop`: Connect does not confirm that it has stopped the connectors.
    `accept_unread_partitions`: partitions of the target cannot be read."""

    source_is_alive: bool = False
    accept_unconfirmed_stop: bool = False
    accept_unread_partitions: bool = False


def world_of(settings: Settings, root: Path, stack: ExitStack, options: Options) -> World:
    """Return the world of a failover. What has moved in parts is left out, also where the stack file does not
    declare it yet: clients write to it on the target. `options` are added to those of the stack file. Raises
    CouldNotRun.
    """
    options = agreed_to(settings, options)
    world = World(settings, root, Session(settings, root, stack), options=options)
    rest = settings.with_moved(moved_of(world.resource()))
    if rest is settings:
        return world
    return replace(world, settings=rest, session=Session(rest, root, stack))


class Scene:
    """Shared by the steps of one command. Begins to read when it is made."""

    def __init__(
        self,
        world: World,
        stack: ExitStack,
        options: FailoverOptions,
        ask: Callable[..., SourceSeen] = look_at_source,
    ) -> None:
        self.options = options
        self.rehearsal = True
        """Whether one reading is enough: nothing is changed."""
        self._world = world
        self._stack = stack
        self._ask = ask
        self._turn = threading.Lock()
        self._reading = threading.Lock()
        self._reader: TargetReader | None = None
        self._read: TargetRead | None = None
        self._last: LastLook | None = None
        self._last_read = False
        self.placed: Sequence[GroupPlacement] | None = None
        """Where groups resume, once every one of them has its place: from then on consumers may read."""
        self.first_kept = False
        """Whether this command has written down where groups were before consumers could read."""
        self.final: Loss | None = None
        """What the target missed right before its promotion, after which clients write to it."""
        self.final_groups: Mapping[str, Mapping[str, Any]] | None = None
        """How each group was placed, as JSON: afterwards its consumers read on."""
        self.last_look_problem = ""
        """Why there is no last look, where it could not be read."""
        self._pool = pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="failover")
        stack.callback(pool.shutdown, wait=False)
        self._resource: Future[Mapping[str, Any]] = pool.submit(world.resource)
        self._asked_at = time.monotonic()
        self._source: Future[SourceSeen] = pool.submit(self._look_at_source)
        self._first: Future[TargetRead] | None = pool.submit(self._read_target)
        pool.submit(self.last_look)

    def begin(self) -> None:
        """From now on things are changed. Where the person who was asked took long to agree, the source is
        looked at again: it may be back."""
        self.rehearsal = False
        if time.monotonic() - self._asked_at > SOURCE_COUNTS_SECONDS:
            with self._turn:
                self._last_read = False
            self._source = self._pool.submit(self._look_at_source)

    def source(self) -> SourceSeen:
        """Return the newest look at the source: one for a command, and one more after a late answer."""
        return self._source.result()

    def last_look(self) -> LastLook | None:
        """Return the last look that was kept; None where there is none, or it cannot be read."""
        with self._turn:
            if not self._last_read:
                self.last_look_problem = ""
                try:
                    self._last = LastLookStore(self._world.target_kubernetes, self._world.settings).read()
                except CouldNotRun as error:
                    self.last_look_problem = reason_of(error)
                self._last_read = True
            return self._last

    def target(self) -> TargetRead:
        """Return what the target says now: a rehearsal reads it once. Raises CouldNotRun."""
        first, self._first = self._first, None
        if first is not None:
            self._read = first.result()
        read = self._read
        fresh = read is not None and (self.rehearsal or time.monotonic() - read.began < FRESH_SECONDS)
        if read is None or not fresh:
            read = self._read = self._read_target()
        return read

    def changed(self) -> None:
        """Forget the reading: a step has changed something."""
        self._first = self._read = None

    def ends(self, limit: int) -> JSON:
        """Return the ends of all copies now, in so many bytes of the journal. Raises CouldNotRun."""
        with self._reading:
            return ends_of_copies(self._world.settings, self._opened().cluster, limit)

    def checkpoints(self) -> tuple[Cluster, Mapping[CheckpointKey, Dated]]:
        """Return the target, and MM2's checkpoints there. Raises CouldNotRun."""
        with self._reading:
            reader = self._opened()
            return reader.cluster, reader.checkpoints()

    def loss(self) -> Loss:
        """Return what the target misses now. Raises CouldNotRun."""
        return loss(time.time(), self.target().mirrored, self.last_look())

    def _look_at_source(self) -> SourceSeen:
        began = time.monotonic()
        settings = self._world.settings
        try:
            access = self._world.session.deployed.source_access(self._resource.result())
        except CouldNotRun as error:
            return SourceSeen("unknown", reason_of(error), time.monotonic() - began)
        return self._ask(access, lambda topic: filters.mirrored(settings, topic), SOURCE_SECONDS)

    def _read_target(self) -> TargetRead:
        with self._reading:  # a reading goes on from what the one before has read
            reader = self._opened()
            left_out, accepted = self._world.options.leave_out_groups, self.options.accept_unread_partitions
            return reader.read(self.last_look(), left_out, unread_accepted=accepted)

    def _opened(self) -> TargetReader:
        """Log in to the target once. Raises CouldNotRun; the next call tries again."""
        if self._reader is None:
            # Of a resource that could not be read the first time, the next call makes the error or not.
            first = self._resource
            resource = self._world.resource() if first.exception() else first.result()
            access = self._world.session.deployed.target_access(resource)
            with ExitStack() as opening:  # a failed login leaves no process and no consumer
                cluster = opening.enter_context(Cluster(access))
                cluster.start_group_helper()
                reader = opening.enter_context(Reader(access))  # it logs in while the next line waits
                cluster.connect()
                reader.prepare()
                self._stack.enter_context(opening.pop_all())
            self._reader = TargetReader(self._world.settings, self._stack, cluster, reader)
        return self._reader
