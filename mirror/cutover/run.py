"""Runs the engine of a cutover: while this operator holds the lease, and with each event written down."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from mirror.cutover.earlier_mirror import forget_earlier_mirror
from mirror.cutover.engine import Engine
from mirror.cutover.events import Event, Tell
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.lease import Lease
from mirror.cutover.step import Step, World
from mirror.mm2.phase import REPLICATE, move_in_progress, phase_of
from mirror.problems import CouldNotConnect, CouldNotRun


@contextmanager
def running(world: World, steps: Sequence[Step], show: Tell, **words: Any) -> Iterator[Engine]:
    """Return the engine for a `with` block. Each event is written down before it is shown, or with the next
    one where the API does not answer. Raises CouldNotRun where another operator holds the lease. `words`:
    fields of the engine that are for messages.
    """

    def waits(text: str) -> None:
        show(Event("looked", time.time(), text, step="lease"))

    with Lease(world.target_kubernetes, world.settings, say=waits) as lease:
        journal = ConfigMapJournal(world.target_kubernetes, world.settings)

        def tell(event: Event) -> None:
            # No move is stopped behind the fence for its history: the journal writes it with the next event.
            # What an undo needs is written by `keep`, which raises.
            with suppress(CouldNotConnect):
                journal.record(event, lease.me)
            show(event)

        def moved() -> bool:
            try:
                resource = world.resource()
                return move_in_progress(resource) is not None or phase_of(resource) != REPLICATE
            except CouldNotRun:
                return True

        forget_earlier_mirror(world, journal)
        yield Engine(steps, world, journal, tell, lease.held, moved=moved, **words)
        with suppress(CouldNotConnect):
            journal.flush()
