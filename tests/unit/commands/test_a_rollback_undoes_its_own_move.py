"""`cutover rollback` and `failover rollback` undo their own move, and nothing after the promotion."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import MOVED, PHASE, STATES_BEFORE
from mirror.commands.answers import Form
from mirror.commands.moving import refused
from mirror.commands.moving_display import Display
from mirror.cutover.earlier_mirror import OF_EARLIER_MIRROR
from mirror.cutover.failover.begun_cutover import left_of_cutover
from mirror.cutover.step import World
from mirror.mm2.phase import Move
from tests.unit.support.made_up import settings
from tests.unit.support.memory_journal import MemoryJournal

IN_CUTOVER = {STATES_BEFORE: '{"checkpoint connector": "running"}'}
IN_FAILOVER = {STATES_BEFORE: '{"source connector": "running", "checkpoint connector": "running"}'}


def asked(command: Move, annotations: dict[str, str]) -> bool:
    resource = {"metadata": {"annotations": annotations}}
    world = SimpleNamespace(resource=lambda: resource, settings=settings())
    return refused(cast(World, world), Display(Form.TABLE, True), command, "{target} was promoted")


@pytest.mark.parametrize("command", ["cutover", "failover"])
def test_it_is_refused_after_the_promotion(command: Move, capsys: Any) -> None:
    assert asked(command, {PHASE: "promoted"})
    assert "west was promoted" in capsys.readouterr().out


def test_the_rollback_of_a_cutover_does_not_undo_a_failover(capsys: Any) -> None:
    assert asked("cutover", IN_FAILOVER)
    told = capsys.readouterr().out
    assert "a failover is in progress. Nothing was changed." in told
    assert "`region-mirror failover rollback`" in told


def test_the_rollback_of_a_failover_does_not_undo_a_cutover(capsys: Any) -> None:
    """It would start the checkpoint connector, leave the source fenced, and say that all is as before."""
    assert asked("failover", IN_CUTOVER)
    assert "`region-mirror cutover rollback`" in capsys.readouterr().out


def test_each_undoes_its_own_move_and_has_nothing_to_do_without_one(capsys: Any) -> None:
    assert not asked("cutover", IN_CUTOVER)
    assert not asked("failover", IN_FAILOVER)
    assert not asked("cutover", {})
    assert not asked("failover", {})
    assert capsys.readouterr().out == ""


def test_the_rollback_of_a_failover_names_the_cutover_that_was_begun_before() -> None:
    """The region was lost behind the fence: producers stay fenced, and it said "rolled back" only."""
    journal, moved = MemoryJournal(), {"metadata": {"annotations": {MOVED: '{"topics": ["payments"]}'}}}
    assert left_of_cutover({}, journal) == ""
    journal.keep("fence", "kafka-users", {"ann": ["payments"]})
    assert left_of_cutover(moved, journal) == "", "a part that has moved stays fenced"
    assert "`region-mirror cutover rollback`" in left_of_cutover({}, journal)
    journal.keep("fence", OF_EARLIER_MIRROR, True)
    assert left_of_cutover({}, journal) == ""
    journal.keep("stop-producers", "replicas", {"Deployment shop/writer": 3})
    assert "a cutover was begun" in left_of_cutover({}, journal), "the workloads are of this one"
    deny = ["TOPIC", "orders", "LITERAL", "User:*", "*", "WRITE", "DENY"]
    for step, key, value in (
        ("fence", "acls", [deny]),
        ("fence", "command", ["./fence"]),
        ("stop-producers", "replicas", {"Deployment shop/writer": 3}),
    ):
        journal = MemoryJournal()
        journal.keep(step, key, value)
        assert "a cutover was begun before the failover" in left_of_cutover(moved, journal)
