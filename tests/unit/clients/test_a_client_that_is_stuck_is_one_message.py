"""An AdminClient that never answers, not even with its own time-out, ends no command with a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from types import ModuleType
from typing import Any

import pytest

from mirror.clients import answers
from mirror.clients.access import ScramCredential
from mirror.clients.topics import Topics
from mirror.cutover.recovery import topics as quarantines
from mirror.cutover.teardown import internal_topics
from mirror.problems import CouldNotRun
from mirror.start.initial_offsets import write
from tests.unit.support.mock_kafka import PlainAccess

ACCESS = PlainAccess("unused", "", ScramCredential("nobody", ""), "west")


class Stuck:
    """Its futures stay open for ever."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def create_topics(self, new: Iterable[Any], **_: Any) -> dict[str, Future[None]]:
        return {one.topic: Future() for one in new}

    def delete_topics(self, names: Iterable[str], **_: Any) -> dict[str, Future[None]]:
        return {name: Future() for name in names}


def quarantine() -> None:
    quarantines.create({}, "west", Topics({}, {}, {}), {"orders.recovered": 1}, {}, {})


def deletion() -> None:
    internal_topics._delete(Stuck(), ACCESS, ["offsets"])  # type: ignore[arg-type]


def positions() -> None:
    write._make(ACCESS, "offsets", {})


@pytest.mark.parametrize(
    ("module", "call"),
    [(quarantines, quarantine), (internal_topics, deletion), (write, positions)],
)
def test_it_is_told_as_an_answer_that_did_not_come(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, call: Callable[[], None]
) -> None:
    monkeypatch.setattr(module, "AdminClient", Stuck)
    monkeypatch.setattr(answers, "_MARGIN_SECONDS", -29.99)
    for name in ("SECONDS", "_REQUEST_SECONDS"):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, 30.0)
    with pytest.raises(CouldNotRun, match="no answer in time"):
        call()
