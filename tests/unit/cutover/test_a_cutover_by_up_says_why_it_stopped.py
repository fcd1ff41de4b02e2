"""`pulumi up` fails where a step is blocked, with the step, what it saw, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mirror.cutover import unattended
from mirror.cutover.events import Event, Kind
from mirror.cutover.steps.renew_offsets import RENEWED
from mirror.cutover.unattended import as_settings, stopped
from tests.unit.support.made_up import settings
from tests.unit.support.memory_journal import MemoryJournal


def event(kind: Kind, step: str, text: str, remedy: str = "") -> Event:
    return Event(kind, 0.0, text, step, remedy=remedy)


MEMBERS = event("stopped", "move-groups", "billing has members at the source", "stop its consumers")


def test_a_cutover_that_is_done_or_had_nothing_to_do_has_no_problem() -> None:
    assert stopped("east-to-west", "done", []) is None
    assert stopped("east-to-west", "nothing-to-do", []) is None


def test_the_step_and_its_remedy_are_named_and_the_way_back() -> None:
    problem = stopped("east-to-west", "stopped", [event("done", "fence", "fenced"), MEMBERS])
    assert problem is not None
    assert problem.tried == "moving mirror east-to-west, step move-groups"
    assert problem.happened == "billing has members at the source"
    assert problem.way_out == (
        "stop its consumers. The steps before it remain done, and nothing else of the stack was changed. "
        "Then run `pulumi up` again: it continues. To go back, run `region-mirror cutover rollback` and "
        "set `mirror.phase: replicate`"
    )


def test_a_fence_that_was_removed_again_and_one_that_was_not_are_told_apart() -> None:
    gate = event("stopped", "prove-fence", "records still arrive", "stop the producer")
    back = stopped("east-to-west", "rolled-back", [gate])
    assert back is not None
    assert "The fence was removed again, and nothing was moved" in back.way_out
    failed = event("undo-failed", "fence", "THE SOURCE STAYS FENCED", "check the API")
    still = stopped("east-to-west", "still-fenced", [gate, failed])
    assert still is not None
    assert still.happened == "records still arrive. THE SOURCE STAYS FENCED"
    assert still.way_out.startswith("check the API. The source stays fenced.")


def test_offsets_that_could_not_be_set_anew_are_told_as_the_command_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They were in the journal only, which nobody reads."""
    journal, said = MemoryJournal(), list[str]()
    journal.keep("promote", RENEWED, {"offsets": 0, "failed": "no answer in time"})

    @contextmanager
    def running(world: object, steps: object, show: Any) -> Iterator[Any]:
        show(event("ended", "", "done: promote"))
        yield SimpleNamespace(journal=journal, forward=lambda: "done")

    world = SimpleNamespace(settings=settings(), resource=dict)
    monkeypatch.setattr(unattended, "_opened", lambda *_: nullcontext(world))
    monkeypatch.setattr(unattended, "running", running)
    monkeypatch.setattr(unattended, "claim", lambda *_: None)
    assert unattended.move(settings(), Path(), said.append) == "done: promote"
    assert "(no answer in time): they expire by the target's" in said[-1]


def test_options_of_the_command_are_named_as_settings() -> None:
    assert as_settings("stop it") == "stop it"
    told = as_settings("or `--leave-out-group NAME`")
    assert told == "or `--leave-out-group NAME` (for `pulumi up`: cutover.leave_out_groups)"
