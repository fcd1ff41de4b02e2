"""The step promote is run again days later, as where somebody let MM2 run: clients have written since."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import PHASE
from mirror.cutover.promoted_ends.journal_entries import KEY, STEP
from mirror.cutover.step import World
from mirror.cutover.steps import promote
from mirror.cutover.steps.promote import Promote
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


def test_a_later_run_leaves_those_of_the_promotion(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = MemoryJournal()
    journal.keep(STEP, KEY, {"orders": [300]})
    assert done(monkeypatch, "promoted", journal) == {"orders": [300]}
