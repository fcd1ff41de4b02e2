"""Shared by `cutover` and `failover`: the overview, the engine while the lease is held, the question."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import typer

from manifests.clients import Client
from mirror.commands.moving_display import Display, Overview, overview
from mirror.cutover.engine import Engine, Outcome
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.lease import Lease
from mirror.cutover.run import running
from mirror.cutover.step import Step, World
from mirror.estate.target_clients import clients_of
from mirror.exit_codes import FOUND, PROVEN
from mirror.problems import CouldNotRun

CODES: dict[Outcome, int] = {
    "nothing-to-do": PROVEN,
    "done": PROVEN,
    "stopped": FOUND,
    "rolled-back": FOUND,
    "still-fenced": FOUND,
}


def overview_of(
    world: World, steps: Sequence[Step], display: Display, *, predicting: bool = False
) -> Overview:
    """Look at every step once, and predict the window where asked. Changes nothing. Raises CouldNotRun."""
    lease = Lease(world.target_kubernetes, world.settings)
    with display.busy("looking at every step ..."):
        journal = ConfigMapJournal(world.target_kubernetes, world.settings)
        return overview(world, steps, journal, lease.read(), predicting=predicting)


@contextmanager
def engine_of(world: World, steps: Sequence[Step], display: Display, **words: Any) -> Iterator[Engine]:
    """The engine, with its events on the display. `words`: fields of the engine that are for messages."""
    with display.live(), running(world, steps, display.tell, **words) as engine:
        yield engine


def agreed(question: str) -> bool:
    """Ask on the terminal. Raises CouldNotRun where there is none."""
    if not sys.stdin.isatty():
        raise CouldNotRun("asking for confirmation", "stdin is not a terminal", "add --yes")
    return typer.confirm(question, err=True)


def clients_left(world: World) -> Sequence[Client]:
    """The copied users; none where they cannot be read: `region-mirror clients` says why."""
    with suppress(CouldNotRun):
        return list(clients_of(world.settings, world.target_kubernetes).clients.values())
    return ()
