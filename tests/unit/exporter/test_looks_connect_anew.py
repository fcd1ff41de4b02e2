"""Connections last from look to look, and are made anew after one that could not be taken."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest

from manifests.metadata import PHASE
from manifests.monitoring import metrics
from mirror.clients.access import ClusterAccess, ScramCredential
from mirror.clients.sides import Sides
from mirror.estate.deployed import DeployedMirror
from mirror.exporter import connections, observer
from mirror.exporter.observer import MirrorObserver
from mirror.exporter.renewal import EVERY_SECONDS, Renewal
from mirror.exporter.samples import Limits, Observation, samples
from mirror.problems import CouldNotConnect, CouldNotRead, NotThere
from mirror.status.snapshot import Snapshot
from mirror.verify.register import NAMES
from mirror.verify.values.memory import Memory
from tests.unit.exporter.made_up import CONNECTORS, report
from tests.unit.status.made_up import partition, snapshot
from tests.unit.support.made_up import settings


class Clusters:
    """Counts what is opened and closed; fails where a test says so."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.memories: list[Memory] = []
        self.checks_fail = self.status_fails = self.renewed = False
        self.phase = "replicate"
        self.deleted = False

    def session(
        self, _settings: object, _root: Path, stack: ExitStack, *, copied_users: bool, memory: Memory
    ) -> object:
        assert not copied_users, "no credential of a copied user, unless somebody asks for it"
        self.memories.append(memory)
        self.events.append("open")
        stack.callback(self.events.append, "close")
        return "session"

    def report_of(self, session: object, names: tuple[str, ...], *, meanwhile: Callable[[], object]) -> Any:
        assert (session, names) == ("session", NAMES)
        if self.checks_fail:
            raise CouldNotConnect("connecting to west", "refused", "wait")
        meanwhile()
        return report()

    def eye(self, _settings: object, _root: Path, _stack: ExitStack, session: object) -> Any:
        assert session == "session", "the same connections"
        return self

    @property
    def resource(self) -> dict[str, Any]:
        if self.deleted:
            raise NotThere("reading KafkaMirrorMaker2 kafka/east-to-west", "it does not exist", "deploy")
        return {"metadata": {"annotations": {PHASE: self.phase}}}

    def due(self, session: object) -> bool:
        assert session == "session"
        return self.renewed

    def look(self) -> Snapshot:
        if self.status_fails:
            raise CouldNotConnect("connecting to east", "refused", "wait")
        return snapshot(partition())


@pytest.fixture
def clusters(monkeypatch: pytest.MonkeyPatch) -> Clusters:
    made = Clusters()
    monkeypatch.setattr(connections, "Session", made.session)
    monkeypatch.setattr(connections, "SnapshotReader", made.eye)
    monkeypatch.setattr(observer, "report_of", made.report_of)
    monkeypatch.setattr(observer, "Look", lambda *_: made)
    monkeypatch.setattr(connections, "Renewal", lambda: made)
    return made


@pytest.fixture
def look(clusters: Clusters) -> MirrorObserver:
    return MirrorObserver(settings(), Path("."), NAMES)


def test_one_connection_for_many_looks(look: MirrorObserver, clusters: Clusters) -> None:
    seen = [look() for _ in range(3)][-1]
    assert isinstance(seen, Observation)
    assert clusters.events == ["open"]
    assert seen.connectors == CONNECTORS
    assert seen.max_lag_seconds == settings().verification.max_lag_seconds
    look.close()
    assert clusters.events == ["open", "close"]


@pytest.mark.parametrize("part", ["checks_fail", "status_fails"])
def test_a_look_that_fails_closes_and_the_next_one_opens(
    look: MirrorObserver, clusters: Clusters, part: str
) -> None:
    look()
    setattr(clusters, part, True)
    for _ in range(2):
        with pytest.raises(CouldNotConnect):
            look()
    setattr(clusters, part, False)
    look()
    assert clusters.events == ["open", "close", "open", "close", "open"]
    assert len(clusters.memories) == 3
    assert len({id(one) for one in clusters.memories}) == 1, "what looks have seen is not seen again"


def test_renewed_credentials_close_and_open(look: MirrorObserver, clusters: Clusters) -> None:
    look()
    clusters.renewed = True
    look()
    assert clusters.events == ["open", "close", "open"]


class Deployed:
    """The Secrets beside the mirror, and a session that has logged in with their first content."""

    def __init__(self) -> None:
        self.password, self.asked = "old", 0
        self.readable = True
        self.opened = Sides(*self._both())

    @property
    def deployed(self) -> Deployed:
        return self

    def read(self) -> dict[str, Any]:
        self.asked += 1
        if not self.readable:
            raise CouldNotRead("reading Secret kafka/east-user", "forbidden", "grant it")
        return {}

    def access(self, _resource: object) -> Any:
        source, target = self._both()
        return DeployedMirror(source, target, {})

    def _both(self) -> tuple[ClusterAccess, ClusterAccess]:
        credential = ScramCredential("mirror", self.password)
        return ClusterAccess("east:9093", "", credential, "east"), ClusterAccess("west:9093", "", credential)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


def test_the_secrets_are_compared_every_five_minutes_with_what_has_logged_in() -> None:
    session, clock = Deployed(), Clock()
    renewal = Renewal(cast(Any, clock))
    assert not renewal.due(cast(Any, session))
    session.password = "new"
    assert not renewal.due(cast(Any, session))
    assert session.asked == 0
    clock.now += EVERY_SECONDS
    session.readable = False
    assert not renewal.due(cast(Any, session)), "the connections that are there go on"
    clock.now += EVERY_SECONDS
    session.readable = True
    assert renewal.due(cast(Any, session))
    session.password = "old"
    clock.now += EVERY_SECONDS
    assert not renewal.due(cast(Any, session))
    assert session.asked == 3


def test_a_promoted_mirror_is_not_judged_and_its_clusters_are_left(
    look: MirrorObserver, clusters: Clusters
) -> None:
    """Its connectors are stopped for good, and its source may be lost: neither may wake anybody."""
    look()
    clusters.phase = "promoted"
    clusters.checks_fail = True
    assert look() is None
    assert clusters.events == ["open", "close"]
    assert samples(None, Limits()) == {metrics.PROMOTED: {(): 1.0}}


def test_a_mirror_that_somebody_deleted_is_down(look: MirrorObserver, clusters: Clusters) -> None:
    """Its looks failed, so MirrorDown (critical) resolved, and a warning said that the state is unknown."""
    look()
    clusters.deleted = True
    gone = look()
    assert samples(gone, Limits()) == {
        metrics.PROMOTED: {(): 0.0},
        metrics.CHECK_PASSED: {("connectors-running",): 0.0},
        metrics.CHECK_JUDGED: {("connectors-running",): 1.0},
    }
    assert clusters.events == ["open", "close"]


def test_a_promoted_mirror_may_be_deleted(clusters: Clusters) -> None:
    clusters.deleted = True
    for given, checks in ((settings(phase="promoted"), NAMES), (settings(), ("lag",))):
        with pytest.raises(NotThere):
            MirrorObserver(given, Path("."), checks)()
