"""The cutover without a person who can be asked: `pulumi up` runs it for a stack file with `promoted`.

The engine, the steps and their gates are those of the command. The credentials come from the environment
variables that the command reads, so that nothing stores them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from mirror.clients.admin_config import VARIABLE, read_login
from mirror.cutover.all_steps import steps_of
from mirror.cutover.engine import Outcome
from mirror.cutover.events import Event
from mirror.cutover.open import KUBECONFIG, opened
from mirror.cutover.part.choose import claim
from mirror.cutover.phase import naming_failover
from mirror.cutover.run import running
from mirror.cutover.step import Step, Verdict, World
from mirror.cutover.steps.promote import Promote
from mirror.cutover.steps.renew_offsets import not_renewed
from mirror.cutover.users.read import read_only_copies
from mirror.mm2.phase import REPLICATE, phase_of
from mirror.problems import CouldNotRun
from settings.model import Settings

SLOW = frozenset({"preflight", "prove-fence", "prove"})
"""Steps that a preview does not look at: they verify the mirror, or watch it for a while."""
Say = Callable[[str], None]
_SETTINGS = {
    "--accept-unfenced": "cutover.accept_unfenced",
    "--leave-out-group": "cutover.leave_out_groups",
    "--source-admin-config": f"the variable {VARIABLE}",
}


def still_replicates(settings: Settings, root: Path) -> bool:
    """Tell whether the mirror has not been promoted yet. Raises CouldNotRun."""
    with _opened(settings, root) as world:
        return phase_of(world.resource()) == REPLICATE


def look(settings: Settings, root: Path) -> list[tuple[str, Verdict]]:
    """Return what the steps say now, without the slow ones; nothing once the mirror is promoted. Changes
    nothing. A step that cannot look is `waiting`: `move` will say what it lacks.
    """
    with _opened(settings, root) as world:
        if phase_of(world.resource()) != REPLICATE:
            return []
        steps = [step for step in steps_of(world.settings) if step.name not in SLOW]
        return [(step.name, _verdict(step, world)) for step in steps]


def move(settings: Settings, root: Path, say: Say) -> str:
    """Run the cutover, or what is left of it, and return its end as a sentence. `say` gets a line for each
    change and each finished step. Raises CouldNotRun where a gate is closed, with the step and its remedy.
    """
    told: list[Event] = []

    def show(event: Event) -> None:
        told.append(event)
        if event.kind != "looked":
            say(f"cutover: {event.step + ': ' if event.step else ''}{event.text}")

    with _opened(settings, root) as world:
        steps = steps_of(world.settings)
        if phase_of(world.resource()) != REPLICATE and (end := _end(steps, world)):
            return end
        with naming_failover(world), running(world, steps, show) as engine:
            claim(world, None, engine.journal)
            outcome = engine.forward()
    if (problem := stopped(settings.mirror.name, outcome, told)) is not None:
        raise problem
    if hurry := not_renewed(engine.journal):
        say(f"cutover: {hurry}")
    return told[-1].text


def stopped(mirror: str, outcome: Outcome, told: Sequence[Event]) -> CouldNotRun | None:
    """Return why a cutover did not come to its end: the step, what it saw, and the remedy. Pure."""
    if outcome in ("done", "nothing-to-do"):
        return None
    gate = next(event for event in told if event.kind == "stopped")
    failed = next((event for event in told if event.kind == "undo-failed"), gate)
    happened = gate.text if failed is gate else f"{gate.text}. {failed.text}"
    after = {
        "rolled-back": "The fence was removed again, and nothing was moved",
        "still-fenced": "The source stays fenced",
    }.get(outcome, "The steps before it remain done, and nothing else of the stack was changed")
    remedy = as_settings(failed.remedy) or "see the lines above"
    way_out = (
        f"{remedy}. {after}. Then run `pulumi up` again: it continues. To go "
        "back, run `region-mirror cutover rollback` and set `mirror.phase: replicate`"
    )
    return CouldNotRun(f"moving mirror {mirror}, step {gate.step}", happened, way_out)


def as_settings(remedy: str) -> str:
    """Name the setting beside each option that a remedy names: an `up` has no options."""
    for option, setting in _SETTINGS.items():
        if option in remedy:
            remedy += f" (for `pulumi up`: {setting})"
    return remedy


def _end(steps: Sequence[Step], world: World) -> str:
    """Return what the promotion says where it and all steps after it are done; else nothing. The steps before
    it are not asked, because nobody needs the fence any more; nor is the source, which may be lost.
    """
    first = next(number for number, step in enumerate(steps) if isinstance(step, Promote))
    verdicts = [step.look(world) for step in (Promote(users=read_only_copies), *steps[first + 1 :])]
    return verdicts[0].text if all(one.state == "done" for one in verdicts) else ""


def _verdict(step: Step, world: World) -> Verdict:
    try:
        return step.look(world)
    except CouldNotRun as error:
        return Verdict("waiting", f"{error.tried}: {error.happened}", error.way_out)


def _opened(
    settings: Settings, root: Path, environment: Mapping[str, str] = os.environ
) -> AbstractContextManager[World]:
    """Open the world for a mirror that the stack file already calls promoted: it still replicates."""
    kubeconfig = environment.get(KUBECONFIG)
    return opened(
        settings.in_phase("replicate"),
        root,
        admin=read_login(None, environment),
        source_kubeconfig=Path(kubeconfig) if kubeconfig else None,
    )
