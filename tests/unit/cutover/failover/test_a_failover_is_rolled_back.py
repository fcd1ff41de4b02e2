"""The rollback of a failover starts the mirror as it was, and never one that others have promoted."""

from __future__ import annotations

from typing import Any

import pytest

from manifests.metadata import STATES_BEFORE
from mirror.cutover.failover.steps import PromoteWithoutSource
from mirror.cutover.failover.stop_mirror import StopMirror
from mirror.cutover.step import World
from mirror.cutover.steps import stop_sync
from mirror.cutover.steps.stop_sync import StopSync
from mirror.mm2.phase import move_in_progress
from mirror.problems import CouldNotRun
from tests.unit.support.dead_source import Mirror, quick_mirror, scene, walk, world
from tests.unit.support.memory_journal import MemoryJournal


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Mirror:
    return quick_mirror(monkeypatch)


def test_a_rollback_starts_it_as_it_was_also_without_a_journal(api: Mirror) -> None:
    (seen, _) = scene()
    walk(StopMirror(seen), api, MemoryJournal())
    StopMirror(seen).undo(world(api), MemoryJournal())
    assert api.states == ["running", "running"]
    assert STATES_BEFORE not in api.annotations
    StopMirror(seen).undo(world(api), MemoryJournal())
    assert api.states == ["running", "running"]


@pytest.mark.parametrize("moment", ["before", "meanwhile"])
def test_a_rollback_that_was_cut_off_does_not_start_a_mirror_that_others_have_promoted(
    api: Mirror, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Its machine slept, its lease expired, and another operator completed the failover."""
    seen, _ = scene()
    walk(StopMirror(seen), api, MemoryJournal())

    def promoted(_: World) -> None:
        walk(PromoteWithoutSource(seen), api, MemoryJournal())

    if moment == "before":
        promoted(world(api))
    else:
        monkeypatch.setattr("mirror.cutover.failover.fence_mirror.unfence", promoted)
    denied = api.denied
    with pytest.raises(CouldNotRun, match="the mirror was promoted at"):
        StopMirror(seen).undo(world(api), MemoryJournal())
    assert api.states == ["stopped", "stopped"]
    assert api.denied == denied
    with pytest.raises(CouldNotRun, match="the mirror was promoted at"):
        StopSync().undo(world(api), MemoryJournal())
    assert api.states == ["stopped", "stopped"]


def test_the_rollback_of_a_cutover_starts_a_mirror_that_a_failover_has_stopped(api: Mirror) -> None:
    walk(StopMirror(scene()[0]), api, MemoryJournal())
    StopSync().undo(world(api), MemoryJournal())
    assert api.states == ["running", "running"]
    assert STATES_BEFORE not in api.annotations


def test_a_checkpoint_connector_that_does_not_run_keeps_no_source_fenced(
    api: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the target's Kafka no worker runs, and the fence is undone after this step: a cutover that was
    lost behind `stop-sync` could not be rolled back.
    """
    walk(StopSync(), api, MemoryJournal())
    api.operator_dead = True
    monkeypatch.setattr(stop_sync, "_UNDO_SECONDS", 0.0)
    left = StopSync().undo(world(api), MemoryJournal())
    assert left is not None
    assert "is declared running again; Strimzi has not done it" in left
    assert api.states == ["running", "running"]
    assert StopSync().undo(world(api), MemoryJournal()) is None


def test_without_the_targets_kafka_it_is_not_even_waited_for(
    api: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fence is undone after this step: producers of the source were refused for 3 minutes more."""
    walk(StopSync(), api, MemoryJournal())
    api.operator_dead = True
    waited: list[float] = []

    def settle(_: object, read: Any, settled: Any, seconds: float) -> bool:
        waited.append(seconds)
        return bool(settled(read()))

    monkeypatch.setattr(stop_sync, "settle", settle)
    monkeypatch.setattr(stop_sync, "no_answer", lambda _: "west at west:9093: no answer in 5.0 s")
    left = StopSync().undo(world(api), MemoryJournal())
    assert waited == [0.0]
    assert left is not None
    assert left.endswith("Strimzi starts it once this Kafka answers (west at west:9093: no answer in 5.0 s)")
    assert api.states == ["running", "running"]


def test_a_failover_after_a_cutover_that_was_begun_is_the_move_in_progress(api: Mirror) -> None:
    """The region was lost behind `stop-sync`: only the checkpoint connector was noted as stopped. So
    `failover rollback` was refused, and `cutover rollback` left the source connector stopped.
    """
    walk(StopSync(), api, MemoryJournal())
    assert move_in_progress(world(api).resource()) == "cutover"
    seen, _ = scene()
    walk(StopMirror(seen), api, MemoryJournal())
    assert move_in_progress(world(api).resource()) == "failover"
    StopMirror(seen).undo(world(api), MemoryJournal())
    assert api.states == ["running", "running"]
    assert STATES_BEFORE not in api.annotations
