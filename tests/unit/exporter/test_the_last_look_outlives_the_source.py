"""The exporter's metrics of a failover: by the last look, whoever kept it, and none once it is promoted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from manifests.metadata import PHASE
from manifests.monitoring import metrics
from mirror.clients.source_look import SourceSeen, SourceState
from mirror.exporter import connections
from mirror.exporter import last_look as module
from mirror.exporter.last_look import LastLookThread, failover_samples
from mirror.exporter.watcher import HUNG_SECONDS, Watcher
from mirror.last_look.record import LastLook, PartitionLook
from mirror.problems import CouldNotConnect
from tests.unit.support.made_up import NOW, ORDERS, settings

LOOK = LastLook(
    "east-to-west", "east", "west", NOW, "verify", {ORDERS: PartitionLook(50, 40, 9, int(NOW * 1000) - 4000)}
)


class World:
    """What the thread finds: a deployed mirror, its snapshots, and the last look in the ConfigMap."""

    opened = None

    def __init__(self) -> None:
        self.annotations: dict[str, str] = {}
        self.source_dead = False
        self.kept: list[object] = []
        self.last: LastLook | None = LOOK
        self.answers: SourceState = "silent"

    # The session and the reader of snapshots.
    @property
    def deployed(self) -> World:
        return self

    def read(self) -> dict[str, Any]:
        return {"metadata": {"annotations": self.annotations}}

    def source_access(self, resource: object) -> str:
        return "east"

    def bounded(self, access: object) -> SourceSeen:
        assert access == "east"
        return SourceSeen(self.answers, "told", 0.1)

    def look(self) -> object:
        if self.source_dead:
            raise CouldNotConnect("connecting to Kafka cluster east", "no answer in time", "check it")
        return "snapshot"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()

    class Kept:
        def __init__(self, *_: object) -> None: ...

        def __call__(self, seen: object) -> None:
            made.kept.append(seen)

        def last(self) -> LastLook | None:
            return made.last

    monkeypatch.setattr(module, "Keeper", Kept)
    monkeypatch.setattr(module, "look_at_source", made.bounded)
    monkeypatch.setattr(connections, "Session", lambda *_, **__: made)
    monkeypatch.setattr(connections, "SnapshotReader", lambda *_: made)
    return made


def test_each_look_is_kept_and_shown(world: World, tmp_path: Path) -> None:
    thread = LastLookThread(settings(), tmp_path, print)
    thread.look()
    assert world.kept == ["snapshot"]
    assert thread.samples() == {
        metrics.FAILOVER_LIMIT_RECORDS: {(): 100_000},
        metrics.FAILOVER_LIMIT_SECONDS: {(): 300},
        metrics.SOURCE_SILENT: {(): 0},
        metrics.LAST_LOOK: {(): NOW},
        metrics.FAILOVER_MISSING_RECORDS: {(): 9},
        metrics.FAILOVER_COVERED_UNTIL: {(): NOW - 4},
    }


def test_a_dead_source_is_told_once_and_the_last_look_stays(world: World, tmp_path: Path) -> None:
    said: list[str] = []
    thread = LastLookThread(settings(), tmp_path, said.append)
    world.source_dead = True
    thread.look()
    thread.look()
    assert said == [
        "east-to-west: the source was not seen: connecting to Kafka cluster east: no answer in time"
    ]
    assert thread.samples()[metrics.FAILOVER_MISSING_RECORDS] == {(): 9}, "from the ConfigMap"


@pytest.mark.parametrize(
    ("answers", "silent"), [("silent", 1), ("partly", 0), ("refused", 0), ("healthy", 0), ("unknown", None)]
)
def test_a_look_that_fails_says_whether_the_source_is_silent(
    answers: SourceState, silent: int | None, world: World, tmp_path: Path
) -> None:
    """The loss of a region raised nothing that wakes anybody."""
    thread = LastLookThread(settings(), tmp_path, print)
    world.source_dead, world.answers = True, answers
    thread.look()
    assert thread.samples().get(metrics.SOURCE_SILENT) == (None if silent is None else {(): silent})
    world.source_dead = False
    thread.look()
    assert thread.samples()[metrics.SOURCE_SILENT] == {(): 0}


def test_an_error_of_our_own_does_not_end_the_looks(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The thread ended, and what it had seen last was shown until the exporter was started again."""

    def broken(_: object) -> str:
        raise ValueError("a resource that nobody expects")

    thread = LastLookThread(settings(), tmp_path, print)
    world.source_dead = True
    monkeypatch.setattr(World, "source_access", lambda _, resource: broken(resource))
    thread.look()
    assert metrics.SOURCE_SILENT not in thread.samples()


def test_a_promoted_mirror_has_no_failover_ahead(world: World, tmp_path: Path) -> None:
    said: list[str] = []
    thread = LastLookThread(settings(), tmp_path, said.append)
    world.annotations[PHASE] = "promoted"
    world.source_dead = True
    thread.look()
    assert thread.samples() == {}
    assert (said, world.kept) == ([], []), "nobody asks for its source any more"


def test_before_the_first_look_only_the_limits_are_known() -> None:
    assert set(failover_samples(None, settings())) == {
        metrics.FAILOVER_LIMIT_RECORDS,
        metrics.FAILOVER_LIMIT_SECONDS,
    }


def test_a_failed_look_of_the_exporter_withdraws_none_of_it() -> None:
    def fails() -> Any:
        raise CouldNotConnect("connecting", "no answer", "wait")

    watcher = Watcher(
        "east-to-west", fails, 60, say=lambda _: None, more=lambda: failover_samples(LOOK, settings())
    )
    watcher.look()
    assert watcher.samples()[metrics.LOOK_SUCCESS] == {(): 0}
    assert watcher.samples()[metrics.LAST_LOOK] == {(): NOW}


def test_a_thread_that_ended_or_hangs_makes_the_exporter_unwell(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What it had seen last said for ever that the source answers: the alert for its loss could not fire."""
    thread = LastLookThread(settings(), tmp_path, print)
    watcher = Watcher("east-to-west", dict, 60, say=print, more=thread.samples, well=lambda: thread.well)
    monkeypatch.setattr(watcher._thread, "is_alive", lambda: True)
    assert not watcher.well, "it has not begun"
    monkeypatch.setattr(thread._thread, "is_alive", lambda: True)
    assert watcher.well
    thread._finished -= HUNG_SECONDS
    assert not watcher.well


def test_a_config_map_of_others_does_not_end_the_looks(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    thread = LastLookThread(settings(), tmp_path, print)

    def broken() -> LastLook:
        raise OverflowError("cannot convert float infinity to integer")

    monkeypatch.setattr(thread._keeper, "last", broken)
    thread.look()
    assert thread.samples()[metrics.SOURCE_SILENT] == {(): 0}
