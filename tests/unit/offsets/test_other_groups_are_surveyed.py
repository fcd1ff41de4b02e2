"""MM2 overwrites nothing of a group whose type it does not translate, whatever its offset syncs say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.mm2.formats import OffsetSync
from mirror.offsets import survey
from mirror.offsets.applying import TargetGroups, problems
from mirror.offsets.survey import Survey, Surveyor
from mirror.offsets.table import OffsetRow
from mirror.verify.reading import parts
from mirror.verify.reading.look import Session
from mirror.verify.reading.parts import Groups
from mirror.verify.values.group_partition import GroupPartition
from tests.unit.support.made_up import ORDERS
from tests.unit.support.offset_syncs import store_of

COPY = TopicPartition("orders", 0)
ELSEWHERE = TopicPartition("of-nobody", 0)
NAMES = {parts.source_groups: ["billing"], parts.untranslated_groups: ["streams-app"]}
STREAMS = GroupPartition(
    "streams-app",
    ORDERS,
    COPY,
    committed=7,
    translated=None,
    source=Bounds(0, 20),
    target=Bounds(0, 21),
    position=None,
)


def survey_of(
    monkeypatch: pytest.MonkeyPatch,
    untranslated: tuple[str, ...],
    pending: list[TopicPartition] | Unread,
) -> Survey:
    seen = Groups((STREAMS,), untranslated=untranslated)
    monkeypatch.setattr(parts, "settled", lambda look, everywhere: seen)
    store = store_of([OffsetSync(ORDERS, 0, 0)])
    session = SimpleNamespace(
        bookkeeping=lambda topics: (SimpleNamespace(read=dict), SimpleNamespace(read=lambda: store))
    )
    source = SimpleNamespace(pending_offsets=lambda groups: dict.fromkeys(groups, pending))
    look = SimpleNamespace(topics={}, of=NAMES.get, sides=SimpleNamespace(source=source))
    monkeypatch.setattr(survey, "Look", lambda session, reads: look)
    return Surveyor(cast(Session, session)).look()


def surveyed(monkeypatch: pytest.MonkeyPatch, untranslated: tuple[str, ...]) -> GroupPartition:
    [one] = survey_of(monkeypatch, untranslated, []).partitions
    return one


def test_offsets_that_wait_for_a_transaction_are_those_of_mirrored_partitions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert survey_of(monkeypatch, (), [ORDERS, ELSEWHERE]).pending == {"streams-app": (ORDERS,)}
    assert survey_of(monkeypatch, (), [ELSEWHERE]).pending == {}
    unread = survey_of(monkeypatch, (), Unread("no answer in time"))
    assert (unread.pending, unread.unreadable) == (
        {},
        {"streams-app": "its pending offsets: no answer in time"},
    ), "the offset that was read may not be the last one"


def refused(one: GroupPartition) -> list[str]:
    row = OffsetRow(2, one.group, one.partition, one.remote, 7)
    scene: Any = TargetGroups({(one.group, one.remote): one}, {one.group: 0}, True, 10)
    return [finding.message for finding in problems([row], scene, allow_skip=True)]


def test_a_streams_group_is_moved_while_the_checkpoint_connector_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = surveyed(monkeypatch, ("streams-app",))
    assert one.mm2 is not None
    assert one.mm2.settles_at is None
    assert refused(one) == []


def test_a_group_that_mm2_translates_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    one = surveyed(monkeypatch, ())
    assert refused(one) == ["the checkpoint connector is not stopped and is about to write 1 for the group"]
