"""One look at the source, bounded, whatever the network does with its packets."""

from __future__ import annotations

import gc
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mirror.clients.access import ScramCredential
from mirror.clients.source_look import SOURCE_SECONDS, SourceSeen, SourceState, look_at_source, seen_in
from mirror.cutover.failover.source import judge_source, with_others
from mirror.last_look.record import LastLook
from mirror.problems import CouldNotRun
from mirror.text.waiting import until
from tests.unit.support.mock_kafka import MockCluster, PlainAccess

LIMIT = 2.0


def access(port: int) -> PlainAccess:
    return PlainAccess(f"127.0.0.1:{port}", "", ScramCredential("nobody", ""), "east")


@pytest.fixture
def swallowing() -> Iterator[int]:
    """A port that takes connections and bytes, and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


@pytest.fixture
def full() -> Iterator[int]:
    """A port whose queue of connections is full: further SYN packets are dropped."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        address = server.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        yield address[1]
        for one in waiting:
            one.close()


@pytest.fixture
def closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("network", ["swallowing", "full"])
def test_a_source_that_swallows_everything_takes_the_bound_and_no_longer(
    network: str, request: pytest.FixtureRequest
) -> None:
    began = time.monotonic()
    seen = look_at_source(access(request.getfixturevalue(network)), limit=LIMIT)
    assert time.monotonic() - began < LIMIT + 1
    assert seen.state == "silent"


def test_a_client_that_got_no_answer_ends_with_its_look(swallowing: int) -> None:
    """The exporter looks every half minute while the source is silent. An exception of the client had kept
    each of them, with four threads, until Python happened to collect.
    """

    def threads() -> int:
        found = 0
        for one in Path("/proc/self/task").iterdir():
            with suppress(OSError):  # it has ended meanwhile
                found += (one / "comm").read_text().startswith("rdk:")
        return found

    gc.collect()
    gc.disable()
    try:
        before = threads()
        for _ in range(2):
            assert look_at_source(access(swallowing), limit=1.0).state == "silent"
        assert until(lambda: "they live" if threads() > before else "", 5.0) == ""
    finally:
        gc.enable()


def test_a_source_where_nothing_listens_takes_less(closed: int) -> None:
    seen = look_at_source(access(closed))
    assert (seen.state, seen.seconds < SOURCE_SECONDS - 1) == ("silent", True)
    assert "nothing listens at its addresses" in seen.text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            CouldNotRun("signing in to MSK", "the library is not installed", "install the extra msk"),
            "library",
        ),
        (ZeroDivisionError("a fault of ours"), "ZeroDivisionError"),
    ],
)
def test_an_error_of_our_own_is_no_dead_source(
    error: Exception, told: str, swallowing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was taken for silence, so a failover went on against a healthy source."""

    def fails(_: object) -> dict[str, Any]:
        raise error

    monkeypatch.setattr(PlainAccess, "client_config", fails)
    seen = look_at_source(access(swallowing), limit=LIMIT)
    assert (seen.state, told in seen.text) == ("unknown", True)
    assert seen.seconds < LIMIT - 1
    assert judge_source(seen, source_is_alive=False).state == "blocked"


def test_a_source_that_answers_is_healthy() -> None:
    cluster = MockCluster()
    cluster.write("orders", 0, [(b"k", b"v")])
    seen = look_at_source(cluster.access, lambda topic: topic == "orders")
    assert (seen.state, seen.brokers) == ("healthy", 1)


def metadata(*leaders: int) -> Any:
    partitions = {number: SimpleNamespace(leader=leader) for number, leader in enumerate(leaders)}
    return SimpleNamespace(
        brokers={1: None, 2: None}, topics={"orders": SimpleNamespace(partitions=partitions)}
    )


def test_partitions_without_a_leader_make_it_half_alive() -> None:
    seen = seen_in("east", metadata(1, -1, 2, -1), lambda topic: True, 0.1)
    assert (seen.state, seen.leaderless) == ("partly", ("orders-1", "orders-3"))
    assert seen_in("east", metadata(1, -1), lambda topic: topic == "payments", 0.1).state == "healthy"
    assert seen_in("east", metadata(1, 2), lambda topic: True, 0.1).state == "healthy", "one of three is lost"


@pytest.mark.parametrize(
    ("state", "alive", "verdict"),
    [
        ("silent", False, "done"),
        ("partly", False, "done"),
        ("healthy", False, "blocked"),
        ("healthy", True, "done"),
        ("refused", False, "blocked"),
        ("refused", True, "done"),
        ("unknown", False, "blocked"),
        ("unknown", True, "done"),
    ],
)
def test_only_a_source_that_may_be_alive_has_to_be_confirmed(
    state: SourceState, alive: bool, verdict: str
) -> None:
    found = judge_source(SourceSeen(state, "text", 0.5), source_is_alive=alive)
    assert found.state == verdict
    assert ("--source-is-alive" in found.remedy) is (verdict == "blocked")


def test_partitions_with_a_leader_still_take_records_that_nobody_copies() -> None:
    text = seen_in("east", metadata(1, -1, 2, -1), lambda topic: True, 0.1).text
    assert text.startswith("2 of 4 partitions have no leader (orders-1, orders-3); the other ones still take")
    assert "stop the producers" in text
    assert "producers" not in seen_in("east", metadata(-1, -1), lambda topic: True, 0.1).text


@pytest.mark.parametrize(
    ("state", "age", "said"),
    [
        (
            "silent",
            20.0,
            "the last look (exporter) saw it 20 s ago, and another one is due within 30 s: if only this",
        ),
        ("silent", 120.0, ""),
        ("silent", -5.0, "the last look (exporter) saw it 0 s ago"),
        ("silent", -120.0, ""),
        ("partly", 20.0, ""),
    ],
)
def test_who_else_has_seen_a_silent_source_a_short_while_ago_is_told(
    state: SourceState, age: float, said: str
) -> None:
    """From a machine that reaches the target only, a healthy source is silent, too."""
    seen = SourceSeen(state, "text", 0.5)
    verdict = judge_source(seen, source_is_alive=False)
    look = LastLook("east-to-west", "east", "west", 1_000.0 - age, "exporter", every=30.0)
    told = with_others(verdict, seen, "west", look, 1_000.0)
    assert (told.state, said in told.text) == ("done", True)
    assert (told == verdict) is (not said)
    assert with_others(verdict, seen, "west", None, 1_000.0) == verdict


def test_a_healthy_source_says_what_the_failover_risks() -> None:
    found = judge_source(SourceSeen("healthy", "text", 0.5), source_is_alive=False)
    assert "move with `cutover`, which loses nothing" in found.remedy
    assert "records that the target never gets" in found.remedy
