"""The engine against fake steps: a world of names of steps that are done."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest

from mirror.cutover.engine import POLL_SECONDS, Clock, decide, selected
from mirror.cutover.events import Event
from mirror.cutover.step import Verdict, World
from mirror.problems import CouldNotConnect, CouldNotRead, CouldNotRun
from tests.unit.cutover.fake_steps import NAMES, Fake, FakeWorld, Killed, all_steps, engine


@pytest.mark.parametrize(
    ("state", "waited", "acted", "action"),
    [
        ("done", 99, True, "next"),
        ("blocked", 0, True, "stop"),
        ("todo", 0, True, "act"),
        ("waiting", 0, False, "wait"),
        ("todo", 11, True, "late"),
        ("todo", 11, False, "act"),
        ("waiting", 11, False, "late"),
    ],
)
def test_what_to_do_after_a_look(state: Any, waited: float, acted: bool, action: str) -> None:
    assert decide(Verdict(state, ""), waited, 10, acted=acted) == action


def test_a_clock_that_is_set_changes_no_patience() -> None:
    """By the clock of the machine, one that NTP has set ended a step at once, or let it wait for an hour."""
    made, told = engine(FakeWorld(), Fake("fence"))
    made.clock = Clock(made.clock.now, made.clock.sleep, wall=lambda: 1e9)
    assert made.forward() == "done"
    assert {event.at for event in told} == {1e9}
    assert all(event.seconds is None or event.seconds < 60 for event in told)
    assert Clock().now is time.monotonic


def test_a_step_without_patience_acts_though_its_look_took_time() -> None:
    world, step = FakeWorld(), Fake("switch-command", patience=0.0)
    made, _ = engine(world, step)
    ticks = iter(range(1000))
    made.clock = Clock(lambda: float(next(ticks)), lambda seconds: None)
    assert made.forward() == "done"
    assert world.did == ["switch-command"]


def test_it_looks_again_soon_after_a_change_and_then_less_often() -> None:
    world, slept = FakeWorld(), list[float]()
    made, _ = engine(world, Fake("drain", slow=9), Fake("promote"))
    made.clock = Clock(made.clock.now, slept.append)
    assert made.forward() == "done"
    *drain, promote = slept
    assert drain[0] == promote == 0.0, "at once: `do` may have waited for it"
    assert drain[1:3] == pytest.approx([0.05, 0.075])
    assert drain[-1] == POLL_SECONDS


def test_a_step_that_is_still_to_do_after_it_has_acted_is_not_done_without_a_pause() -> None:
    class Undone(Fake):
        def do(self, world: World, journal: Any) -> None:
            cast(FakeWorld, world).did.append(self.name)

    world, slept = FakeWorld(), list[float]()
    made, _ = engine(world, Undone("drain", patience=3.0))
    moment = made.clock.now
    made.clock = Clock(lambda: moment() + sum(slept), slept.append)
    assert made.forward() == "stopped"
    assert slept.count(0.0) == 1
    assert len(world.did) < 20


def test_it_walks_every_step_once_and_then_has_nothing_to_do() -> None:
    world = FakeWorld()
    assert engine(world, *all_steps())[0].forward() == "done"
    again, told = engine(world, *all_steps())
    assert again.forward() == "nothing-to-do"
    assert world.did == list(NAMES)
    assert told[-1].text == "nothing to do: every step is done"


@pytest.mark.parametrize("name", NAMES)
def test_a_run_after_a_kill_continues(name: str) -> None:
    world = FakeWorld(fall_after=name)
    with pytest.raises(Killed):
        engine(world, *all_steps())[0].forward()
    engine(world, *all_steps())[0].forward()
    assert world.did == list(NAMES)


def test_it_ends_after_the_step_that_until_names() -> None:
    world = FakeWorld()
    assert engine(world, *all_steps())[0].forward("prove-fence") == "done"
    assert world.did == ["fence", "prove-fence"]
    with pytest.raises(CouldNotRun, match="use fence, prove-fence, drain, promote"):
        selected(all_steps(), "tea")


def test_a_blocked_step_ends_it_with_the_remedy_and_changes_nothing_behind_it() -> None:
    world = FakeWorld()
    walk, told = engine(world, *all_steps(drain=Fake("drain", blocked="a task has failed")))
    assert walk.forward() == "stopped"
    assert world.done == ["fence", "prove-fence"]
    assert (told[-1].kind, told[-1].text, told[-1].remedy) == ("stopped", "a task has failed", "ask somebody")


def test_a_step_beyond_its_patience_is_late() -> None:
    world = FakeWorld()
    walk, told = engine(world, *all_steps(drain=Fake("drain", slow=10_000)))
    assert walk.forward() == "stopped"
    assert told[-1].text == "not done after 10 s: drain waits"
    assert told[-1].verdict is not None
    assert told[-1].verdict.remaining is not None


def test_a_fence_that_is_gone_stops_a_later_step_before_it_acts() -> None:
    world = FakeWorld()

    class Reverts(Fake):
        def do(self, world: World, journal: Any) -> None:
            super().do(world, journal)
            cast(FakeWorld, world).done.remove("fence")

    walk, told = engine(world, *all_steps(drain=Reverts("drain")))
    assert walk.forward() == "stopped"
    assert told[-1].text == "step fence is no longer done: fence is to do"
    assert "promote" not in world.did


def test_a_lost_lease_stops_it_before_it_acts() -> None:
    world = FakeWorld()
    walk, _ = engine(world, *all_steps())

    def lost() -> None:
        raise CouldNotRun("holding the lease", "another operator has it", "wait")

    walk.held = lost
    with pytest.raises(CouldNotRun, match="another operator"):
        walk.forward()
    assert world.did == []


def test_a_lease_that_cannot_be_renewed_for_a_minute_is_waited_for() -> None:
    world = FakeWorld()
    walk, _ = engine(world, *all_steps())
    answers = iter([True, False, False, True])

    def held() -> None:
        if not next(answers, True):
            raise CouldNotConnect("holding the lease", "it was not renewed for 31 s", "wait")

    walk.held = held
    assert walk.forward() == "done"
    assert world.did == ["fence", "prove-fence", "drain", "promote"]


def test_an_event_is_one_json_object() -> None:
    event = Event("looked", 0.0, "waits", "drain", Verdict("waiting", "waits", remaining=3), 1.5)
    assert event.to_json() == {
        "at": "1970-01-01T00:00:00.000+00:00", "event": "looked", "step": "drain", "text": "waits",
        "seconds": 1.5, "verdict": {"state": "waiting", "text": "waits", "remaining": 3},
    }  # fmt: skip


class Away(Fake):
    """Its cluster does not answer for some looks."""

    away = 3
    error: type[CouldNotRun] = CouldNotConnect

    def look(self, world: World) -> Verdict:
        if self.away:
            self.away -= 1
            raise self.error("reaching west", "no answer in time", "check the network")
        return super().look(world)


UNANSWERED = pytest.mark.parametrize("error", [CouldNotConnect, CouldNotRead])


@UNANSWERED
def test_a_cluster_that_does_not_answer_is_waited_for_once_something_has_changed(
    error: type[CouldNotRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request that a restarting broker did not answer ended the move behind its fence."""
    monkeypatch.setattr(Away, "error", error)
    world = FakeWorld()
    walk, told = engine(world, *all_steps(drain=Away("drain")))
    assert walk.forward() == "done"
    assert "reaching west: no answer in time" in [event.text for event in told]


@UNANSWERED
def test_a_cluster_that_does_not_answer_at_the_beginning_is_an_error(
    error: type[CouldNotRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Away, "error", error)
    with pytest.raises(error):
        engine(FakeWorld(), Away("fence"))[0].forward()


class Unreadable(Fake):
    """Its cluster answers, but does not tell, for some looks after the first two."""

    looks = 0
    unread = 3
    error: type[CouldNotRun] = CouldNotRead

    def look(self, world: World) -> Verdict:
        self.looks += 1
        if 2 < self.looks <= 2 + self.unread:
            raise self.error("reading the ACLs of east", "no answer in time", "try again")
        return super().look(world)


def test_nothing_is_changed_while_it_is_not_known_whether_the_fence_holds() -> None:
    """A request for the fence that a restarting broker did not answer counted as a fence."""
    world, fence = FakeWorld(), Unreadable("fence", lasting=True)

    class Promote(Fake):
        def do(self, world: World, journal: Any) -> None:
            assert fence.looks > 2 + fence.unread
            super().do(world, journal)

    assert engine(world, fence, Promote("promote"))[0].forward() == "done"
    assert world.did == ["fence", "promote"]


def test_a_fence_that_stays_unreadable_ends_it_before_anything_is_changed() -> None:
    world, fence = FakeWorld(), Unreadable("fence", lasting=True)
    fence.unread = 10_000
    walk, told = engine(world, fence, Fake("promote", patience=0.0))
    assert walk.forward() == "stopped"
    assert world.did == ["fence"]
    assert "reading the ACLs of east: no answer in time" in told[-1].text
    assert told[-1].remedy == "try again"


def test_a_source_that_is_lost_after_its_fence_was_proven_does_not_hold_the_promotion() -> None:
    world, fence = FakeWorld(), Unreadable("fence", lasting=True)
    fence.unread, fence.error = 10_000, CouldNotConnect
    assert engine(world, fence, Fake("promote"))[0].forward() == "done"
