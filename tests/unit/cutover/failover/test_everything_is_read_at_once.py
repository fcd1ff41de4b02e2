"""A rehearsal takes as long as its one look at the source: everything else is read meanwhile, once."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.source_look import SourceSeen
from mirror.cutover.failover import scene as scene_module
from mirror.cutover.failover.scene import FailoverOptions, Scene
from mirror.cutover.step import World
from mirror.problems import CouldNotConnect, CouldNotRead
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi

SOURCE_TAKES = 0.4
TARGET_TAKES = 0.3


class Reads:
    """Counts readings of the target, and looks at the source."""

    def __init__(self) -> None:
        self.target = self.source = 0
        self.fails: Exception | None = None

    def read(self) -> Any:
        self.target += 1
        began = time.monotonic()
        time.sleep(TARGET_TAKES)
        if self.fails is not None:
            raise self.fails
        return SimpleNamespace(began=began, mirrored={})

    def ask(self, *_: object) -> SourceSeen:
        self.source += 1
        time.sleep(SOURCE_TAKES)
        return SourceSeen("silent", "no answer", SOURCE_TAKES)


def world(access: Any = None) -> World:
    def source_access(resource: object) -> Any:
        if isinstance(access, Exception):
            raise access
        return access

    deployed = SimpleNamespace(
        kubernetes=MemoryApi(), read=dict, source_access=source_access, target_access=lambda resource: None
    )
    return World(settings(), Path(), cast(Any, SimpleNamespace(deployed=deployed)))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    made = Reads()
    monkeypatch.setattr(Scene, "_read_target", lambda scene: made.read())
    return made


def test_source_and_target_are_read_side_by_side_and_once(reads: Reads) -> None:
    began = time.monotonic()
    with ExitStack() as stack:
        scene = Scene(world(), stack, FailoverOptions(), reads.ask)
        assert scene.source().state == "silent"
        for _ in range(3):
            scene.target()
            scene.source()
        assert scene.last_look() is None
    assert time.monotonic() - began < SOURCE_TAKES + TARGET_TAKES
    assert (reads.source, reads.target) == (1, 1)


def test_what_a_step_has_changed_is_read_again(reads: Reads) -> None:
    with ExitStack() as stack:
        scene = Scene(world(), stack, FailoverOptions(), reads.ask)
        scene.target()
        scene.begin()
        scene.target()
        assert reads.target == 1, "it is fresh"
        scene.changed()
        scene.target()
        assert reads.target == 2


@pytest.mark.parametrize(("counts", "state"), [(60.0, "silent"), (0.0, "healthy")])
def test_a_source_that_is_back_before_a_late_answer_is_seen(
    counts: float, state: str, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look from before the question counted for hours, so a failover went on from a healthy source."""
    monkeypatch.setattr(scene_module, "SOURCE_COUNTS_SECONDS", counts)
    seen = iter([SourceSeen("silent", "no answer", 0.1), SourceSeen("healthy", "3 brokers", 0.1)])
    with ExitStack() as stack:
        scene = Scene(world(), stack, FailoverOptions(), lambda *_: next(seen))
        assert scene.source().state == "silent", "what the person is shown"
        scene.begin()
        assert scene.source().state == state


def test_a_target_that_does_not_answer_is_asked_again(reads: Reads) -> None:
    reads.fails = CouldNotConnect("connecting to west", "no answer", "check it")
    with ExitStack() as stack:
        scene = Scene(world(), stack, FailoverOptions(), reads.ask)
        with pytest.raises(CouldNotConnect):
            scene.target()
        reads.fails = None
        assert scene.target() is not None


def test_a_login_that_cannot_be_read_leaves_the_source_unknown(reads: Reads) -> None:
    refused = CouldNotRead("reading Secret kafka/east-user", "forbidden", "grant it")
    with ExitStack() as stack:
        scene = Scene(world(refused), stack, FailoverOptions(), reads.ask)
        assert scene.source().state == "unknown"
        assert scene.source().text == "reading Secret kafka/east-user: forbidden"
        assert reads.source == 0


def test_a_last_look_that_cannot_be_read_is_reported(reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    there = world()
    api = cast(Any, there.target_kubernetes)
    api.dead = True
    with ExitStack() as stack:
        scene = Scene(there, stack, FailoverOptions(), reads.ask)
        assert scene.last_look() is None
        assert scene.last_look_problem == "reaching https://memory: no answer in time"
        api.dead = False
        monkeypatch.setattr(scene_module, "SOURCE_COUNTS_SECONDS", 0.0)
        scene.begin()
        scene.last_look()
        assert scene.last_look_problem == "", "the report named a problem that there was before the question"


class Opened:
    """A login to the target that takes time, and a reader that counts what it does at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.logins = self.reading = self.most = 0
        self.refuses = False
        for name in ("Cluster", "Reader"):
            monkeypatch.setattr(scene_module, name, lambda access: self)
        monkeypatch.setattr(scene_module, "TargetReader", lambda *_: self)
        self.cluster = SimpleNamespace(topics=dict, bounds=lambda partitions: {})

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def start_group_helper(self) -> None:
        pass

    def prepare(self) -> None:
        pass

    def connect(self) -> None:
        time.sleep(TARGET_TAKES)
        if self.refuses:
            raise CouldNotConnect("connecting to west", "no answer", "check it")
        self.logins += 1

    def read(self, *_: object, unread_accepted: bool) -> Any:
        self.accepted = unread_accepted
        self.reading += 1
        self.most = max(self.most, self.reading)
        began = time.monotonic()
        time.sleep(0.1)
        self.reading -= 1
        return SimpleNamespace(began=began, mirrored={})


def test_a_step_that_changes_something_meanwhile_waits_for_the_login_and_reads_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = Opened(monkeypatch)
    with ExitStack() as stack:
        scene = Scene(world(), stack, FailoverOptions(), Reads().ask)
        scene.begin()
        changed = time.monotonic()
        scene.changed()
        assert scene.target().began > changed, "what was read before the change does not count"
        assert scene.ends(1_000) == {}, "over the connection that is open"
    assert (opened.logins, opened.most) == (1, 1)


def test_a_login_that_was_refused_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Opened(monkeypatch)
    opened.refuses = True
    with ExitStack() as stack:
        scene = Scene(world(), stack, FailoverOptions(), Reads().ask)
        with pytest.raises(CouldNotConnect):
            scene.target()
        opened.refuses = False
        assert scene.target() is not None
        assert (opened.logins, opened.accepted) == (1, False)


def test_a_resource_that_could_not_be_read_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, answers = Opened(monkeypatch), [CouldNotConnect("reading it", "no answer", "check it"), {}]

    def read() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    there = world()
    cast(Any, there.session.deployed).read = read
    with ExitStack() as stack:
        scene = Scene(there, stack, FailoverOptions(accept_unread_partitions=True), Reads().ask)
        assert scene.target() is not None
        assert scene.source().state == "unknown", "the source is asked once: the person decides"
    assert (opened.logins, opened.accepted) == (1, True)
