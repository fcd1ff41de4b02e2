"""The two clusters of a promoted mirror."""

from __future__ import annotations

import pytest

from mirror.clients.cluster import Cluster
from mirror.cutover.recovery import recover as module
from mirror.cutover.recovery import run
from mirror.problems import CouldNotRead
from tests.unit.cutover.recovery.two_clusters import NAMES, ROWS, Scene, position


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    """300 records on the source, of which the first 250 have crossed."""
    made = Scene()
    made.source.write("orders", 0, ROWS)
    made.target.write("orders", 0, ROWS[:250])
    made.target.write(NAMES.offsets_topic, 0, [position(0, 249)])
    monkeypatch.setattr(module, "refuse_running", lambda _: "2026-11-28T00:00:00+00:00")
    monkeypatch.setattr(module, "fence_of", lambda _: (True, "2 users are fenced"))
    monkeypatch.setattr(run, "baseline", _no_baseline)
    # The mock cluster answers neither DescribeConfigs nor DescribeTopics nor CreateTopics.
    monkeypatch.setattr(run, "create", lambda *_: None)
    monkeypatch.setattr(Cluster, "topic_ids", lambda *_: {})
    monkeypatch.setattr(Cluster, "topic_configs", lambda *_: {})
    return made


def _no_baseline(_: object) -> None:
    raise CouldNotRead("reading the baseline", "there is none", "deploy")
