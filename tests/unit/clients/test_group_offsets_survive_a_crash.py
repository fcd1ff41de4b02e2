"""Group offsets are read by a helper process: it may die of librdkafka's null pointer, the parent may not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from mirror.clients import group_offsets
from mirror.clients.group_offsets import COMMAND, GroupOffsets
from mirror.clients.records import TopicPartition as Partition
from mirror.problems import CouldNotRead
from tests.unit.support.mock_kafka import MockCluster

DYING = "import os, sys; sys.stdin.readline(); sys.stdin.readline(); os.abort()"


@pytest.fixture(scope="module")
def kafka() -> MockCluster:
    cluster = MockCluster()
    cluster.write("orders", 0, [(None, b"a"), (None, b"b")])
    consumer = Consumer({**cluster.access.client_config(), "group.id": "billing", "log_level": 0})
    consumer.commit(offsets=[TopicPartition("orders", 0, 2)], asynchronous=False)
    consumer.close()
    return cluster


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_offsets, "PAUSE_SECONDS", 0.0)


def test_no_group_asks_nobody(kafka: MockCluster) -> None:
    with GroupOffsets(kafka.access, ["/nonexistent"]) as offsets:
        assert offsets.read([]) == {}


def test_a_helper_that_dies_is_started_again(kafka: MockCluster, tmp_path: Path) -> None:
    """It dies at the first question, and answers at the second attempt."""
    died = tmp_path / "died"
    answer = '{"billing": [["orders", 0, 2, null]]}'
    script = (
        "import os, sys; sys.stdin.readline(); sys.stdin.readline()\n"
        f"if not os.path.exists({str(died)!r}): open({str(died)!r}, 'w').close(); os.abort()\n"
        f"print('{answer}', flush=True); sys.stdin.readline()"
    )
    with GroupOffsets(kafka.access, [sys.executable, "-c", script]) as offsets:
        assert offsets.read(["billing"]) == {"billing": {Partition("orders", 0): 2}}
    assert died.exists()


def test_a_helper_that_always_dies_is_a_reason_not_a_crash(kafka: MockCluster) -> None:
    with (
        GroupOffsets(kafka.access, [sys.executable, "-c", DYING]) as offsets,
        pytest.raises(CouldNotRead, match="coordinator moved or was loading"),
    ):
        offsets.read(["billing"])


def test_credentials_are_not_in_the_helpers_arguments() -> None:
    assert COMMAND[1:] == ("-m", "mirror.clients.group_offsets")
