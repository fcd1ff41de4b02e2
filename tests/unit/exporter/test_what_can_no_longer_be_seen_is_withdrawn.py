"""A look that fails, hangs or has a bug: blind is a metric, and old figures are never taken for fresh."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from manifests.monitoring import metrics
from mirror.exporter.samples import Samples
from mirror.exporter.watcher import HUNG_SECONDS, STALE_LOOKS, Watcher
from mirror.problems import CouldNotConnect
from tests.lab.support.wait import until

REFUSED = CouldNotConnect("connecting to west", "refused", "wait")
SAW: Samples = {metrics.LAG_SECONDS: {(): 7.0}, metrics.CHECK_PASSED: {("lag",): 1.0}}
EVERY = 60.0


class WatchClock:
    """Passes when a look takes time, or a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        return 1_800_000_000.0 + self.now

    def monotonic(self) -> float:
        return self.now


class Mirror:
    """Its looks take 2 seconds, and end as `answer` says."""

    def __init__(self, clock: WatchClock) -> None:
        self.clock = clock
        self.answer: Samples | Exception = SAW
        self.said: list[str] = []

    def look(self) -> Samples:
        self.clock.now += 2
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def mirror() -> Mirror:
    return Mirror(WatchClock())


@pytest.fixture
def watcher(mirror: Mirror) -> Watcher:
    return Watcher("east-to-west", mirror.look, EVERY, say=mirror.said.append, clock=mirror.clock)


def test_before_the_first_look_nothing_is_known(watcher: Watcher) -> None:
    found = watcher.samples()
    assert found[metrics.LOOK_SUCCESS] == {(): 0}
    assert metrics.LOOK_LAST_SUCCESS not in found
    assert metrics.LAG_SECONDS not in found


def test_a_look_is_told_with_when_and_how_long(watcher: Watcher) -> None:
    watcher.look()
    found = watcher.samples()
    assert found[metrics.LOOK_SUCCESS] == {(): 1}
    assert found[metrics.LOOK_LAST_SUCCESS] == {(): 1_800_001_000.0}
    assert found[metrics.LOOK_DURATION] == {(): 2}
    assert found[metrics.LOOK_INTERVAL] == {(): EVERY}
    assert found[metrics.LAG_SECONDS] == {(): 7}


@pytest.mark.parametrize("error", [REFUSED, ValueError("a bug")])
def test_a_look_that_fails_withdraws_what_the_one_before_saw(
    watcher: Watcher, mirror: Mirror, error: Exception
) -> None:
    watcher.look()
    mirror.answer = error
    watcher.look()
    found = watcher.samples()
    assert found[metrics.LOOK_SUCCESS] == {(): 0}
    assert found[metrics.LOOK_LAST_SUCCESS] == {(): 1_800_001_000.0}
    assert (found[metrics.LOOKS], found[metrics.LOOK_FAILURES]) == ({(): 2}, {(): 1})
    assert not SAW.keys() & found.keys()
    mirror.answer = SAW
    watcher.look()
    assert watcher.samples().items() >= SAW.items()


def test_what_keeps_it_from_looking_is_said_once(watcher: Watcher, mirror: Mirror) -> None:
    mirror.answer = REFUSED
    watcher.look()
    watcher.look()
    mirror.answer = SAW
    watcher.look()
    watcher.look()
    assert mirror.said == [
        "east-to-west: look failed: connecting to west: refused",
        "east-to-west: looks succeed again",
    ]


def test_figures_are_withdrawn_when_no_look_ends(watcher: Watcher, mirror: Mirror) -> None:
    watcher.look()
    mirror.clock.now += STALE_LOOKS * EVERY - 1
    assert metrics.LAG_SECONDS in watcher.samples()
    mirror.clock.now += 1
    found = watcher.samples()
    assert found[metrics.LOOK_SUCCESS] == {(): 0}
    assert metrics.LAG_SECONDS not in found


def running(look: Callable[[], Samples], every: float = 0.01) -> Watcher:
    watcher = Watcher("east-to-west", look, every, say=lambda _: None)
    watcher.start()
    return watcher


def test_it_looks_again_and_again_whatever_happens_and_ends() -> None:
    looks: list[int] = []

    def look() -> Samples:
        looks.append(1)
        if len(looks) % 2:
            raise REFUSED
        return SAW

    watcher = running(look)
    try:
        until("some looks", lambda: len(looks) > 5, seconds=20, every=0.01)
        assert watcher.well
    finally:
        watcher.stop()
    count = len(looks)
    assert not watcher.well
    assert watcher.samples()[metrics.LOOKS] == {(): count}


def test_a_look_that_hangs_makes_the_exporter_unwell(mirror: Mirror) -> None:
    inside, let_go = threading.Event(), threading.Event()

    def look() -> Samples:
        inside.set()
        let_go.wait(60)
        return SAW

    watcher = Watcher("east-to-west", look, EVERY, say=mirror.said.append, clock=mirror.clock)
    watcher.start()
    try:
        assert inside.wait(20)
        assert watcher.well
        mirror.clock.now += HUNG_SECONDS
        assert not watcher.well
        assert watcher.samples()[metrics.LOOK_SUCCESS] == {(): 0}
    finally:
        let_go.set()
        watcher.stop()
