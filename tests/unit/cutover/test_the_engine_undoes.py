"""The engine removes the fence of its own run where it cannot go on, and says if the source stays fenced."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from manifests.metadata import PHASE, STATES_BEFORE
from mirror.cutover.run import running
from mirror.problems import CouldNotConnect
from tests.unit.cutover.fake_steps import NAMES, Fake, FakeWorld, Killed, all_steps, engine
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi


@pytest.mark.parametrize("name", NAMES[:-1])
def test_a_rollback_after_a_kill_undoes_everything(name: str) -> None:
    world = FakeWorld(fall_after=name)
    with pytest.raises(Killed):
        engine(world, *all_steps())[0].forward()
    assert engine(world, *all_steps())[0].back() == "rolled-back"
    assert world.done == []


def test_a_fence_of_this_run_that_cannot_be_proven_is_removed_again() -> None:
    world = FakeWorld()
    walk, _ = engine(world, *all_steps(prove_fence=Fake("prove-fence", blocked="records arrive")))
    assert walk.forward() == "rolled-back"
    assert world.done == []


def test_a_fence_of_an_earlier_run_is_left_where_it_cannot_be_proven() -> None:
    world = FakeWorld(done=["fence"])
    walk, _ = engine(world, *all_steps(prove_fence=Fake("prove-fence", blocked="records arrive")))
    assert walk.forward() == "stopped"
    assert world.done == ["fence"]


@pytest.mark.parametrize(
    "resource",
    [
        {"metadata": {"annotations": {STATES_BEFORE: "{}"}}},
        {"metadata": {"annotations": {PHASE: "promoted"}}},  # the promotion removes the other annotation
        None,
    ],
)
def test_a_fence_that_was_set_again_after_more_was_moved_is_not_removed(resource: Any) -> None:
    """GitOps gave one KafkaUser its Write back between two runs. The second one fenced it again, could not
    prove that, and opened the source, although the first had moved groups and stopped consumers; it said that
    nothing had been moved, and that every step was undone.
    """

    def read() -> Any:
        if resource is None:
            raise CouldNotConnect("reaching https://west", "no answer in time", "check the network")
        return resource

    made: Any = SimpleNamespace(
        target_kubernetes=MemoryApi(), settings=settings(), resource=read, done=[], did=[], fall_after=""
    )
    steps = all_steps(prove_fence=Fake("prove-fence", blocked="records arrive"))
    with running(made, list(steps), lambda event: None) as walk:
        assert walk.forward() == "stopped"
    assert made.done == ["fence"]


def test_what_an_undo_leaves_is_told() -> None:
    world = FakeWorld(done=["fence", "prove-fence", "drain"])
    walk, told = engine(world, *all_steps(drain=Fake("drain", leaves="1 offset stays")))
    assert walk.back() == "rolled-back"
    undone = {event.step: event.text for event in told if event.kind == "undone"}
    assert (undone["drain"], undone["fence"]) == ("1 offset stays", "nothing of it is left")


def test_an_undo_that_fails_stays_fenced_and_says_so() -> None:
    world = FakeWorld(done=["fence", "prove-fence", "drain"])
    walk, told = engine(world, *all_steps(prove_fence=Fake("prove-fence", fails_undo=True)))
    assert walk.back() == "still-fenced"
    assert world.done == ["fence", "prove-fence"]
    assert "THE SOURCE STAYS FENCED" in told[-1].text
    assert told[-1].kind == "undo-failed"


def test_a_lease_that_cannot_be_renewed_leaves_it_fenced_and_says_so() -> None:
    world = FakeWorld(done=["fence", "prove-fence", "drain"])
    walk, told = engine(world, *all_steps())

    def held() -> None:
        raise CouldNotConnect("holding the lease", "it was not renewed for 31 s", "wait")

    walk.held = held
    assert walk.back() == "still-fenced"
    assert "THE SOURCE STAYS FENCED" in told[-1].text


def test_producers_of_this_run_start_again_with_the_removed_fence() -> None:
    world = FakeWorld()
    walk, _ = engine(
        world, Fake("stop-producers"), *all_steps(prove_fence=Fake("prove-fence", blocked="records arrive"))
    )
    assert walk.forward() == "rolled-back"
    assert world.done == []


def test_producers_of_an_earlier_run_stay_stopped_with_the_removed_fence() -> None:
    world = FakeWorld(done=["stop-producers"])
    walk, told = engine(
        world, Fake("stop-producers"), *all_steps(prove_fence=Fake("prove-fence", blocked="records arrive"))
    )
    assert walk.forward() == "rolled-back"
    assert world.done == ["stop-producers"]
    assert told[-1].text == (
        "what this run has changed is undone; `cutover rollback` also undoes what earlier ones have"
    )


def test_an_undo_that_fails_behind_the_fence_does_not_say_that_it_is_fenced() -> None:
    world = FakeWorld(done=["stop-producers", "fence"])
    walk, told = engine(world, Fake("stop-producers", fails_undo=True), *all_steps())
    assert walk.back() == "still-fenced"
    assert "The source accepts records again" in told[-1].text
    assert "FENCED" not in told[-1].text
