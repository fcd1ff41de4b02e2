"""The target's ends at the promotion: recorded by partition, bounded, and read again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import MOVED, PHASE
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.promoted_ends import record
from mirror.cutover.promoted_ends.journal_entries import (
    KEY,
    LIMIT_BYTES,
    OF_PARTS,
    STEP,
    entry,
    parsed,
    promotion_is_recorded,
    recorded_ends,
    with_part,
)
from mirror.cutover.promoted_ends.read import copies
from mirror.cutover.promoted_ends.record import (
    forget_ends_of_earlier_mirror,
    record_ends,
    record_ends_of_part,
)
from mirror.cutover.step import World
from mirror.problems import CouldNotRead
from tests.unit.support.made_up import settings
from tests.unit.support.memory_journal import MemoryJournal

ORDERS = [TopicPartition("orders", number) for number in range(3)]
WORLD = cast(World, SimpleNamespace(settings=settings()))
PREFIXED = cast(World, SimpleNamespace(settings=settings(replication_policy="default")))


def test_they_are_read_as_they_were_recorded() -> None:
    kept = entry({ORDERS[0]: Bounds(0, 5), ORDERS[2]: Bounds(2, 9), ORDERS[1]: Unread("no leader")})
    assert kept == {"orders": [5, -1, 9]}
    assert parsed(kept) == {ORDERS[0]: 5, ORDERS[2]: 9}


def test_too_many_are_not_recorded_and_content_decides_later() -> None:
    assert entry(dict.fromkeys(ORDERS, Bounds(0, 5)), limit=10) is None
    assert parsed(None) == {}
    assert parsed({"orders": "damaged"}) == {}


def test_only_copies_are_recorded() -> None:
    assert copies({"orders": 2, "other": 1}, ["orders", "absent"]) == ORDERS[:2]


def reading(monkeypatch: pytest.MonkeyPatch, answer: Any) -> list[int]:
    """Let the target's ends be `answer`, and return the limits that are asked for."""
    limits: list[int] = []

    def read(world: World, limit: int = LIMIT_BYTES) -> Any:
        limits.append(limit)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(record, "read_ends", read)
    return limits


def test_ends_of_a_part_that_cannot_be_read_leave_none_of_an_earlier_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = MemoryJournal()
    journal.keep(STEP, OF_PARTS, {"orders": [3], "earlier": [9]})
    reading(monkeypatch, CouldNotRead("reading", "no leader", "check"))
    record_ends_of_part(WORLD, journal, ["orders"])
    assert journal.kept(STEP, OF_PARTS) == {"earlier": [9]}
    record_ends_of_part(WORLD, fresh := MemoryJournal(), ["orders"])
    assert fresh.content == {}


@pytest.mark.parametrize("answer", [None, CouldNotRead("reading", "no leader", "check")])
def test_a_promotion_without_ends_is_recorded_as_one(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    """Of 5,000 topics the ends are too many: a later mirror of this name took the journal for its own, and
    its rollback put back what the first move had kept."""
    journal = MemoryJournal()
    assert not promotion_is_recorded(journal)
    reading(monkeypatch, answer)
    record_ends(WORLD, journal)
    assert promotion_is_recorded(journal)
    assert recorded_ends(journal) == {}
    forget_ends_of_earlier_mirror({}, settings(), journal)
    assert not promotion_is_recorded(journal)


def test_ends_of_a_part_that_are_too_many_are_left_to_content() -> None:
    assert with_part({"earlier": [9]}, ["orders"], {"orders": [5] * 10}, limit=30) == {"earlier": [9]}
    assert with_part({"orders": [3]}, ["orders"], None) == {}


def test_each_part_adds_its_ends_and_the_promotion_those_of_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = MemoryJournal()
    reading(monkeypatch, {"orders": [5, 6]})
    record_ends_of_part(WORLD, journal, ["orders"])
    reading(monkeypatch, {"refunds": [7]})
    record_ends_of_part(WORLD, journal, ["refunds"])
    limits = reading(monkeypatch, {"payments": [8]})
    record_ends(WORLD, journal)
    assert limits == [LIMIT_BYTES - len('{"orders": [5, 6], "refunds": [7]}')]
    reading(monkeypatch, {"payments": [99]})
    record_ends(WORLD, journal)
    assert journal.kept(STEP, KEY) == {"payments": [8]}, "clients write: it is recorded once"
    assert recorded_ends(journal) == {
        ORDERS[0]: 5,
        ORDERS[1]: 6,
        TopicPartition("refunds", 0): 7,
        TopicPartition("payments", 0): 8,
    }


def test_a_mirror_of_the_same_name_that_was_promoted_before_leaves_no_ends() -> None:
    journal = MemoryJournal()
    journal.keep(STEP, KEY, {"payments": [8]})
    journal.keep(STEP, OF_PARTS, {"orders": [5], "refunds": [7]})
    there = {"metadata": {"annotations": {MOVED: '{"topics":["orders"],"groups":[]}'}}}
    promoted = {"metadata": {"annotations": {PHASE: "promoted"}}}
    forget_ends_of_earlier_mirror(promoted, settings(), journal)
    assert len(recorded_ends(journal)) == 3, "clients write: the ends of now are not those of the promotion"
    forget_ends_of_earlier_mirror(there, settings(), journal)
    assert recorded_ends(journal) == {ORDERS[0]: 5}
    forget_ends_of_earlier_mirror({}, settings(), journal)
    forget_ends_of_earlier_mirror({}, settings(), MemoryJournal())
    assert recorded_ends(journal) == {}


def test_a_part_that_is_begun_again_records_the_ends_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rollback lies between: its producers went on, and MM2 has mirrored more."""
    journal = MemoryJournal()
    for end in (5, 11):
        reading(monkeypatch, {"east.orders": [end]})
        record_ends_of_part(PREFIXED, journal, ["orders"])
    assert journal.kept(STEP, OF_PARTS) == {"east.orders": [11]}
