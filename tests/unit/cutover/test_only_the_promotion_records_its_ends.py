"""The step promote is run again days later, as where somebody let MM2 run: clients have written since."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import PHASE
from mirror.cutover.earlier_mirror import of_earlier_mirror
from mirror.cutover.promoted_ends.journal_entries import KEY, STEP
from mirror.cutover.step import World
from mirror.cutover.steps import promote
from mirror.cutover.steps.promote import Promote
from mirror.problems import AlreadyChanged, CouldNotConnect, CouldNotRun
from tests.unit.support.made_up import settings
from tests.unit.support.memory_journal import MemoryJournal


def world(phase: str) -> World:
    annotations = {} if phase == "replicate" else {PHASE: phase}
    resource = {"metadata": {"annotations": annotations}}
    made = SimpleNamespace(settings=settings(), target_kubernetes=None, resource=lambda: resource)
    return cast(World, made)


def done(monkeypatch: pytest.MonkeyPatch, phase: str, journal: MemoryJournal) -> Any:
    for name in ("change", "settle", "let_write"):
        monkeypatch.setattr(promote, name, lambda *_: True)
    renewed: list[str] = []
    step = Promote(
        users=lambda world: {},
        ends=lambda world, limit: {"orders": [500]},
        renew=lambda world, journal: renewed.append("offsets"),
    )
    step.do(world(phase), journal)
    assert renewed == (["offsets"] if phase == "replicate" else []), "after it, consumers commit their own"
    return journal.kept(STEP, KEY)


def test_the_promotion_records_the_ends_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = MemoryJournal()
    journal.keep(STEP, KEY, {"orders": [3]})
    assert done(monkeypatch, "replicate", journal) == {"orders": [500]}, "3 is of an earlier mirror"


def test_a_later_run_records_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the way back would begin behind what clients have written: it would be on the target only."""
    assert done(monkeypatch, "promoted", MemoryJournal()) is None


@pytest.mark.parametrize("failing", ["change", "settle"])
@pytest.mark.parametrize("marked", [True, False])
def test_a_slow_api_that_has_marked_the_mirror_costs_no_ends(
    monkeypatch: pytest.MonkeyPatch, failing: str, marked: bool
) -> None:
    """One answer that came too late, of the many while Strimzi is waited for: the step was done at its next
    look, and the way back had to find each end by content.
    """
    there: dict[str, str] = {}

    def late(*_: object) -> bool:
        there.update({PHASE: "promoted"} if marked else {})
        raise CouldNotConnect("reaching https://west", "no answer in time", "check the network")

    for name in ("change", "settle", "let_write"):
        monkeypatch.setattr(promote, name, late if name == failing else lambda *_: True)
    step = Promote(users=lambda _: {}, ends=lambda *_: {"orders": [500]}, renew=lambda *_: None)
    made = SimpleNamespace(settings=settings(), target_kubernetes=None)
    made.resource = lambda: {"metadata": {"annotations": dict(there)}}
    journal = MemoryJournal()
    with nullcontext() if marked else pytest.raises(CouldNotConnect):
        step.do(cast(World, made), journal)
    assert journal.kept(STEP, KEY) == ({"orders": [500]} if marked else None)


def test_a_run_that_is_killed_right_after_it_leaves_a_journal_of_an_earlier_mirror(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Strimzi is waited for before the ends are read. A mirror made anew under the name took the journal of
    this move for its own then: a rollback set groups and replicas back to those of the first move.
    """

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    journal = MemoryJournal()
    step = Promote(users=lambda _: {}, ends=lambda *_: {"orders": [500]}, renew=lambda *_: None)
    monkeypatch.setattr(promote, "change", lambda *_: None)
    monkeypatch.setattr(promote, "settle", killed)
    with pytest.raises(KeyboardInterrupt):
        step.do(world("replicate"), journal)
    assert of_earlier_mirror(world("replicate").resource(), journal)
    step.undo(world("replicate"), journal)
    assert journal.kept(STEP, KEY) is None, "a rollback, where the mirror was not marked"


@pytest.mark.parametrize(
    "error",
    [
        CouldNotConnect("reaching https://west", "no answer in time", "check the network"),
        AlreadyChanged("changing KafkaMirrorMaker2", "refused: it has been modified", "run it again"),
    ],
)
def test_an_api_that_is_away_for_some_looks_costs_no_ends(
    monkeypatch: pytest.MonkeyPatch, error: CouldNotRun
) -> None:
    """Whoever did not answer the change does not answer the next question either, and Strimzi may change the
    resource at each attempt to hand its fields back.
    """
    answers = iter([{}, error, error, error])

    def resource() -> dict[str, Any]:
        if isinstance(there := next(answers, {PHASE: "promoted"}), CouldNotConnect):
            raise there
        return {"metadata": {"annotations": there if isinstance(there, dict) else {PHASE: "promoted"}}}

    def refused(*_: object) -> None:
        raise error

    monkeypatch.setattr(promote, "change", refused)
    monkeypatch.setattr(promote, "let_write", lambda *_: None)
    step = Promote(users=lambda _: {}, ends=lambda *_: {"orders": [500]}, renew=lambda *_: None)
    made = SimpleNamespace(settings=settings(), target_kubernetes=None, resource=resource)
    journal = MemoryJournal()
    step.do(cast(World, made), journal)
    assert journal.kept(STEP, KEY) == {"orders": [500]}


def test_a_later_run_leaves_those_of_the_promotion(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = MemoryJournal()
    journal.keep(STEP, KEY, {"orders": [300]})
    assert done(monkeypatch, "promoted", journal) == {"orders": [300]}
