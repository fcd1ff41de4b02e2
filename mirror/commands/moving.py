"""Shared by `cutover`, `failover` and `reopen`: the overview, the question, the engine with the lease."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from typing import Any

import typer

from manifests.clients import Client
from mirror.commands.answers import agreed
from mirror.commands.moving_display import Display, Overview, overview
from mirror.cutover.engine import Engine, Outcome
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.lease import Lease
from mirror.cutover.open import TARGET_IS_LOST
from mirror.cutover.run import running
from mirror.cutover.step import Step, World
from mirror.estate.target_clients import clients_of
from mirror.exit_codes import FOUND, PROVEN
from mirror.mm2.phase import REPLICATE, Move, move_in_progress, phase_of
from mirror.problems import CouldNotConnect, CouldNotRun, NotLoggedIn, TooManyRequests
from settings.model import Settings

EPILOG = (
    "Exit codes: 0 every step is done (or, with --dry-run, none is blocked), 1 a step is blocked or late "
    "(see its remedy), 2 it could not run: run it again, it continues."
)
STATUS_EPILOG = "Exit codes: 0 printed, 2 it could not run. Changes nothing."
ONE_AT_A_TIME = "mirrors are moved one at a time"
CODES: dict[Outcome, int] = {
    "nothing-to-do": PROVEN,
    "done": PROVEN,
    "stopped": FOUND,
    "rolled-back": FOUND,
    "still-fenced": FOUND,
}


def overview_of(
    world: World,
    steps: Sequence[Step],
    display: Display,
    *,
    predicting: bool = False,
    command: str = "cutover",
    notes: Sequence[str] = (),
) -> Overview:
    """Look at every step once, and predict the window where asked. Changes nothing. Raises CouldNotRun."""
    lease = Lease(world.target_kubernetes, world.settings)
    with display.busy("looking at every step ..."):
        journal = ConfigMapJournal(world.target_kubernetes, world.settings)
        seen = overview(world, steps, journal, lease.other(), predicting=predicting, command=command)
        return replace(seen, notes=tuple(notes))


def consent(seen: Overview, display: Display, question: str, *, dry_run: bool) -> None:
    """Show the overview and ask. Exits where the command ends here: it is a rehearsal, a step is blocked, or
    the answer is no.
    """
    display.show(seen)
    if dry_run or seen.blocked:
        raise typer.Exit(FOUND if seen.blocked else PROVEN)
    if not agreed(question):
        raise typer.Exit(FOUND)


def refused(world: World, display: Display, command: Move, promoted: str) -> bool:
    """Tell, and return, whether a rollback is refused: the deployed mirror is promoted, which `promoted` says
    with `{target}` for its alias; or the other command has begun, whose steps this one does not undo. Raises
    CouldNotRun.
    """
    with naming_lost_target(world.settings) if command == "cutover" else nullcontext():
        resource = world.resource()
    move = move_in_progress(resource)
    if phase_of(resource) != REPLICATE:
        why = promoted.format(target=world.settings.target.alias)
    elif move not in (None, command):
        why = f"a {move} is in progress. Nothing was changed. Undo it first: `region-mirror {move} rollback`"
    else:
        return False
    display.say("stopped", why)
    display.end()
    return True


@contextmanager
def naming_lost_target(settings: Settings) -> Iterator[None]:
    """Add to a target that does not answer how producers write again without it. Raises CouldNotConnect."""
    try:
        yield
    except (NotLoggedIn, TooManyRequests):
        raise
    except CouldNotConnect as error:
        lost = f"where {settings.target.alias} is lost, {TARGET_IS_LOST} lets producers write again"
        raise CouldNotConnect(error.tried, error.happened, f"{error.way_out}; {lost}") from error


@contextmanager
def engine_of(world: World, steps: Sequence[Step], display: Display, **words: Any) -> Iterator[Engine]:
    """The engine, with its events on the display. `words`: fields of the engine that are for messages."""
    with display.live(), running(world, steps, display.tell, **words) as engine:
        yield engine


def clients_left(world: World) -> Sequence[Client]:
    """The copied users; none where they cannot be read: `region-mirror clients` says why."""
    with suppress(CouldNotRun):
        return list(clients_of(world.settings, world.target_kubernetes).clients.values())
    return ()
