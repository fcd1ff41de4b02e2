"""The checks and the status look at two (mock) clusters through one session, look after look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from manifests.monitoring import metrics
from mirror.clients.sides import Sides
from mirror.exporter import connections
from mirror.exporter.observer import MirrorObserver
from mirror.exporter.samples import Limits, Samples, samples
from mirror.verify.reading.look import Look, Session
from tests.unit.status import test_a_look_at_two_clusters as two_clusters
from tests.unit.status.test_a_look_at_two_clusters import RUNS, SETTINGS
from tests.unit.support.mock_kafka import MockCluster

CHECKS = ("connectors-running", "topics-present", "lag", "tail-matches")
mocks, sides = two_clusters.mocks, two_clusters.sides


@pytest.fixture
def look(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> Iterator[MirrorObserver]:
    monkeypatch.setattr(Look, "resource", property(lambda _: RUNS))
    monkeypatch.setattr(
        connections,
        "Session",
        lambda _, root, stack, **limits: Session(SETTINGS, root, stack, sides, **limits),
    )
    with ExitStack() as stack:
        made = MirrorObserver(SETTINGS, Path(), CHECKS)
        stack.callback(made.close)
        yield made


def test_both_see_the_same_mirror_again_and_again(
    look: MirrorObserver, mocks: tuple[MockCluster, MockCluster]
) -> None:
    for _ in range(2):
        found: Samples = samples(look(), Limits(per_partition=True))
        assert found[metrics.CHECK_PASSED].keys() == {(name,) for name in CHECKS}
        assert found[metrics.CHECK_PASSED][("connectors-running",)] == 1
        assert found[metrics.CHECK_PASSED][("tail-matches",)] == 1
        assert found[metrics.TOPIC_LAG_RECORDS] == {("orders",): 50}
        assert (
            found[metrics.PARTITION_LAG_RECORDS].items() >= {("orders", "0"): 50, ("orders", "1"): 0}.items()
        )
        assert found[metrics.GROUPS][("exact",)] == 1
        assert found[metrics.LOOK_PROBLEMS] == {(): 0}
        assert all(seconds > 0 for seconds in found[metrics.CHECK_DURATION].values())
