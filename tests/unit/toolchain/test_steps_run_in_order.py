"""Steps start when their needs are done, in the order of the plan, never more than there are slots."""

from collections.abc import Callable

import pytest

from lab.toolchain.graph import State, Step, check, ready, seconds_left, without

MakeStep = Callable[..., Step]
W, R, D = State.WAITING, State.RUNNING, State.DONE


def names(steps: list[Step]) -> list[str]:
    return [step.name for step in steps]


def test_needs_come_first(make_step: MakeStep) -> None:
    steps = [make_step("a"), make_step("b", ["a"])]
    assert names(ready(steps, {"a": W, "b": W}, 2)) == ["a"]
    assert names(ready(steps, {"a": D, "b": W}, 2)) == ["b"]


def test_no_more_than_the_slots(make_step: MakeStep) -> None:
    steps = [make_step("a"), make_step("b"), make_step("c")]
    assert names(ready(steps, {"a": W, "b": W, "c": W}, 2)) == ["a", "b"]
    assert names(ready(steps, {"a": R, "b": W, "c": W}, 2)) == ["b"]
    assert names(ready(steps, {"a": R, "b": R, "c": W}, 2)) == []


def test_need_that_was_there_already_is_met(make_step: MakeStep) -> None:
    assert names(ready([make_step("b", ["a"])], {"b": W}, 1)) == ["b"]


def test_failed_need_starts_nothing(make_step: MakeStep) -> None:
    steps = [make_step("a"), make_step("b", ["a"])]
    assert ready(steps, {"a": State.FAILED, "b": W}, 2) == []


def test_unknown_or_later_need_is_refused(make_step: MakeStep) -> None:
    with pytest.raises(ValueError, match="step a needs b"):
        check([make_step("a", ["b"]), make_step("b")])


def test_time_left_plays_the_schedule_through(make_step: MakeStep) -> None:
    steps = [make_step("a", seconds=10), make_step("b", seconds=30), make_step("c", ["a"], seconds=40)]
    assert seconds_left(steps, {"a": W, "b": W, "c": W}, {}, 2) == 50
    assert seconds_left(steps, {"a": W, "b": W, "c": W}, {}, 1) == 80
    assert seconds_left(steps, {"a": R, "b": D, "c": W}, {"a": 4.0}, 2) == 46
    assert seconds_left(steps, {"a": R, "b": D, "c": D}, {"a": 99.0}, 2) == 0


def test_dropped_step_is_no_longer_needed(make_step: MakeStep) -> None:
    (step,) = without([make_step("a"), make_step("b", ["a"])], {"a"})
    assert (step.name, step.needs) == ("b", ())
