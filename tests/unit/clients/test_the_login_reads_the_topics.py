"""The login reads the metadata of all topics: the first question for topics shortly after it asks nobody."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from mirror.clients import cluster as module
from mirror.clients.access import ClusterAccess
from mirror.clients.cluster import Cluster
from mirror.clients.connection import Errors, await_metadata
from tests.unit.support.mock_kafka import MockCluster


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []

    def counted(admin: AdminClient, access: ClusterAccess, errors: Errors) -> Any:
        found.append(access.alias)
        return await_metadata(admin, access, errors)

    monkeypatch.setattr(module, "await_metadata", counted)
    return found


def test_the_first_question_only(asked: list[str]) -> None:
    mock = MockCluster()
    mock.write("orders", 0, [(None, b"a")])
    with Cluster(mock.access) as cluster:
        cluster.connect()
        assert set(cluster.topics()) == {"orders"}
        assert len(asked) == 1
        mock.write("returns", 0, [(None, b"a")])
        assert set(cluster.topics()) == {"orders", "returns"}
        assert len(asked) == 2


def test_later_the_topics_are_read_anew(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    mock, now = MockCluster(), [50.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    with Cluster(mock.access) as cluster:
        cluster.connect()
        mock.write("orders", 0, [(None, b"a")])
        now[0] += 3
        assert set(cluster.topics()) == {"orders"}
        assert len(asked) == 2
