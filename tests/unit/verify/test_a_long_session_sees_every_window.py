"""records-match samples: a session that lasts reads elsewhere with each look, until something is found."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from mirror.clients.records import TopicPartition, Unread
from mirror.clients.sides import Joined, Sides
from mirror.clients.topics import Topics
from mirror.verify.reading import windows as observing
from mirror.verify.reading.look import Look, Session, sides, topics
from mirror.verify.reading.parts import Committed, committed
from mirror.verify.reading.windows import windows
from mirror.verify.values.probe import Probe
from tests.unit.support.made_up import settings
from tests.unit.support.mock_kafka import MockCluster

PARTITIONS = tuple(TopicPartition("orders", number) for number in range(3))


class Logs:
    """Reads nothing; a partition in `broken` could not be read."""

    broken: frozenset[TopicPartition] = frozenset()
    turn = 0

    def __init__(self, logs: object, count: int, turn: int, kept: object) -> None:
        Logs.turn = turn

    def probes(
        self, chosen: Sequence[Joined], positions: object, starts: object, copy_ends: object
    ) -> tuple[list[Probe], int]:
        found = [Probe(one.source, one.target, "head", Unread("gone")) for one in chosen]
        return [one for one in found if one.partition in self.broken], 0

    def remember(self, probes: object, wrong: object, *, exactly_once: bool) -> None:
        """Nothing is kept."""


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(observing, "_Reading", Logs)
    monkeypatch.setattr(observing, "SECOND_GLANCE_SECONDS", 0)
    monkeypatch.setattr(Logs, "broken", frozenset())
    return Session(settings(), Path(), ExitStack())


def looked_at(session: Session) -> int:
    """One look; its turn."""
    look = Look(session, [windows])
    look.give(topics, Topics({}, {}, {}, tuple(Joined(one, one) for one in PARTITIONS)))
    look.give(committed, Committed(dict.fromkeys(PARTITIONS, 9)))
    look.give(sides, SimpleNamespace(readers_of_little=lambda: (None, None)))  # type: ignore[arg-type]
    look.of(windows)
    return Logs.turn


def test_each_look_that_finds_nothing_goes_on_to_the_next_turn(session: Session) -> None:
    first = looked_at(session)
    assert [looked_at(session) for _ in range(3)] == [first + 1, first + 2, first + 3]


def test_what_was_found_is_looked_at_until_it_is_mended(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = looked_at(session)
    monkeypatch.setattr(Logs, "broken", frozenset(PARTITIONS))
    assert [looked_at(session) for _ in range(3)] == [first + 1] * 3
    monkeypatch.setattr(Logs, "broken", frozenset())
    assert [looked_at(session) for _ in range(2)] == [first + 1, first + 2]


def test_it_logs_in_once_for_all_its_windows() -> None:
    source, target = MockCluster(), MockCluster()
    with Sides(source.access, target.access) as opened:
        first, second = opened.readers_of_little(), opened.readers_of_little()
        assert first == second
        assert [reader.access for reader in first] == [source.access, target.access]
