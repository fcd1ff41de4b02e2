"""A client that answers nothing any more costs the time of one request, not that of each partition."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from typing import Any, cast

import pytest
from confluent_kafka import IsolationLevel
from confluent_kafka.admin import AdminClient

from mirror.clients import answers
from mirror.clients.cluster import _descriptions
from mirror.clients.config_values import config_values
from mirror.clients.log_offsets import bounds, offsets_at
from mirror.clients.records import TopicPartition, Unread
from mirror.offsets import commit
from mirror.offsets.applying import OffsetChange

MANY = 100
SECONDS = 0.1
PARTITIONS = [TopicPartition("orders", number) for number in range(MANY)]
NAMES = [str(one) for one in PARTITIONS]


class Stuck:
    """Its futures stay open for ever, as those of a client whose broker froze and then stopped."""

    def _none(self, wanted: Iterable[Any], *_: Any, **__: Any) -> dict[Any, Future[Any]]:
        return {one: Future() for one in wanted}

    list_offsets = describe_configs = describe_consumer_groups = _none

    def alter_consumer_group_offsets(self, wanted: list[Any], **_: Any) -> dict[str, Future[Any]]:
        return {one.group_id: Future() for one in wanted}


STUCK = cast(AdminClient, Stuck())
QUESTIONS: dict[str, Callable[[], Any]] = {
    "bounds": partial(bounds, STUCK, PARTITIONS, IsolationLevel.READ_COMMITTED),
    "times": partial(offsets_at, STUCK, [dict.fromkeys(PARTITIONS, 1)] * 3),
    "configurations": partial(config_values, STUCK, NAMES),
    "groups": partial(_descriptions, STUCK, NAMES),
}


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_MARGIN_SECONDS", SECONDS - answers.REQUEST_SECONDS)


def took(call: Callable[[], Any]) -> tuple[Any, float]:
    began = time.monotonic()
    return call(), time.monotonic() - began


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_look_ends(question: str) -> None:
    """Of a thousand partitions it would have taken five hours."""
    found, seconds = took(QUESTIONS[question])
    assert seconds < MANY * SECONDS / 4
    if isinstance(found, dict):
        assert set(found.values()) == {Unread("no answer in time")}


def test_offsets_of_groups_are_given_up_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Producers wait behind the fence meanwhile."""
    monkeypatch.setattr(commit, "SECONDS", SECONDS - 5)
    monkeypatch.setattr(commit, "_admin", lambda _: STUCK)
    monkeypatch.setattr(commit, "_by_group", lambda changes: ((str(one), []) for one in changes))
    found, seconds = took(partial(commit.commit_all, cast(Any, None), cast(list[OffsetChange], NAMES)))
    assert seconds < MANY * SECONDS / 4
    assert found == dict.fromkeys(NAMES, "no answer in time")


def test_answers_that_are_there_are_taken_whatever_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "_MARGIN_SECONDS", -answers.REQUEST_SECONDS)
    there: Future[int] = Future()
    there.set_result(7)
    assert answers.all_settled({"late": Future(), "there": there}) == {
        "late": Unread("no answer in time"),
        "there": 7,
    }
