"""The canary's writer and reader, on librdkafka's mock cluster."""

from __future__ import annotations

import pytest

from mirror.cutover.canary import records
from mirror.cutover.canary.canary import Canary
from mirror.cutover.canary.records import SourceRecords
from mirror.problems import CouldNotRun
from tests.unit.support.made_up import settings
from tests.unit.support.mock_kafka import MockCluster


@pytest.fixture(scope="module")
def cluster() -> MockCluster:
    return MockCluster()


def of(cluster: MockCluster, run: str, name: str) -> SourceRecords:
    made = Canary(settings(name=name), run)
    return SourceRecords(cluster.access.client_config(), "mock", made)


@pytest.fixture(autouse=True)
def short_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "SESSION_MS", 4000)  # the mock cluster waits for members that have left


def test_the_group_reads_on_behind_what_it_has_committed(cluster: MockCluster) -> None:
    first = of(cluster, "r1", "one")
    assert [(one.record, one.kind) for one in first.write(range(1, 13))] == [
        (str(number), "accepted") for number in range(1, 13)
    ]
    assert first.read("3") == ["1", "2", "3"]
    later = of(cluster, "r2", "one")
    later.write([1, 2], fenced=True)
    assert later.read("1") == [*(f"one-canary/r1/{number}" for number in range(4, 13)), "1"]


def test_a_record_that_does_not_come_is_one_message(
    cluster: MockCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "READ_SECONDS", 4.0)
    made = of(cluster, "r1", "two")
    made.write([1])
    with pytest.raises(
        CouldNotRun, match="reading as group two-canary on mock: record 9 did not come"
    ) as told:
        made.read("9")
    assert "Read on group two-canary" in told.value.way_out


def test_a_login_that_librdkafka_does_not_take_is_one_message() -> None:
    made = SourceRecords({"bootstrap.servers": "x", "no.such.property": "1"}, "east", Canary(settings(), "r"))
    for call in (made.create, lambda: made.write([1]), lambda: made.read("1")):
        with pytest.raises(CouldNotRun, match="on east: No such configuration property"):
            call()
