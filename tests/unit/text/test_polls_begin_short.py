"""Pauses between polls: short while an answer may come at once, never longer than the longest."""

from __future__ import annotations

from itertools import islice

import pytest

from mirror.text.waiting import pauses, until


def test_pauses_grow_up_to_the_longest() -> None:
    found = list(islice(pauses(0.5), 9))
    assert found[:3] == pytest.approx([0.05, 0.075, 0.1125])
    assert found[-2:] == [0.5, 0.5]
    assert list(islice(pauses(0.0), 2)) == [0.0, 0.0], "a test that waits for nothing"
    assert list(islice(pauses(0.01), 2)) == [0.01, 0.01]


def test_what_is_done_soon_is_noticed_soon() -> None:
    slept: list[float] = []
    assert until(lambda: "" if len(slept) == 2 else "not yet", 60.0, slept.append) == ""
    assert slept == pytest.approx([0.05, 0.075])


def test_what_is_never_done_ends_with_its_reason() -> None:
    assert until(lambda: "not yet", 0.0, lambda seconds: None) == "not yet"
