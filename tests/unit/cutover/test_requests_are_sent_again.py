"""A request of a step that a restarting broker does not answer is sent again, for some time."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.cutover.step import World
from mirror.problems import AlreadyChanged, CouldNotConnect, CouldNotRead, CouldNotRun
from tests.unit.cutover.fake_steps import NAMES, Fake, FakeWorld, all_steps, engine


class Refuses(Fake):
    """Its requests are not answered for some time."""

    refusals = 3
    error: type[CouldNotRun] = CouldNotRead

    def do(self, world: World, journal: Any) -> None:
        if self.refusals:
            self.refusals -= 1
            raise self.error("setting the offsets of group billing", "no answer in time", "run it again")
        super().do(world, journal)


@pytest.mark.parametrize("error", [CouldNotConnect, CouldNotRead, AlreadyChanged])
def test_a_request_that_a_restarting_broker_does_not_answer_is_sent_again(
    error: type[CouldNotRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ended the move behind its fence, with exit code 2, although its looks were awaited. So did an
    object that Strimzi has changed at each attempt.
    """
    monkeypatch.setattr(Refuses, "error", error)
    world = FakeWorld()
    walk, told = engine(world, *all_steps(drain=Refuses("drain")))
    assert walk.forward() == "done"
    assert world.did == list(NAMES)
    text = "setting the offsets of group billing: no answer in time"
    assert [event.text for event in told].count(text) == 1


def test_a_request_that_is_refused_for_good_ends_it_with_its_way_out() -> None:
    never = Refuses("drain", patience=10_000.0)
    never.refusals = 10_000
    walk, _ = engine(FakeWorld(), *all_steps(drain=never))
    with pytest.raises(CouldNotRead, match="run it again"):
        walk.forward()
    assert 30 < walk.clock.now() < 40
    with pytest.raises(CouldNotRead):
        engine(FakeWorld(), Refuses("fence"))[0].forward()


@pytest.mark.parametrize("error", [CouldNotConnect, CouldNotRead, AlreadyChanged])
def test_a_step_without_patience_ends_with_the_error_and_its_way_out(error: type[CouldNotRun]) -> None:
    """The switch command has succeeded, and only its annotation is refused: it was late at once, and the
    verdict said that the command has not succeeded, and named a rollback that is refused.
    """
    switch = Refuses("drain", patience=0.0)
    switch.error = error
    with pytest.raises(error, match="run it again"):
        engine(FakeWorld(), *all_steps(drain=switch))[0].forward()
