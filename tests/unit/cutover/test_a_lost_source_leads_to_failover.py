"""A cutover whose source is lost on the way names the command that needs no source."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.source_look import SourceSeen, SourceState
from mirror.cutover import phase
from mirror.cutover.phase import naming_failover
from mirror.cutover.step import World
from mirror.problems import CouldNotConnect, CouldNotRun
from tests.unit.support.made_up import settings

REFUSED = CouldNotConnect("reaching https://east", "Connection refused", "check that the API runs there")


def way_out(monkeypatch: pytest.MonkeyPatch, state: SourceState, access: Any = lambda: "as MM2") -> str:
    seen = SourceSeen(state, "told", 0.5)
    monkeypatch.setattr(phase, "look_at_source", lambda _: seen)
    world = cast(World, SimpleNamespace(settings=settings(), resource=dict, source_access=access))
    with pytest.raises(CouldNotConnect) as raised, naming_failover(world):
        raise REFUSED
    return raised.value.way_out


def test_failover_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    told = way_out(monkeypatch, "silent")
    assert told.startswith("check that the API runs there; no broker of east answers. If it is lost, ")
    assert "`region-mirror failover --dry-run`" in told


@pytest.mark.parametrize("state", ["healthy", "refused", "partly", "unknown"])
def test_a_source_that_may_be_alive_is_not_left(monkeypatch: pytest.MonkeyPatch, state: SourceState) -> None:
    assert way_out(monkeypatch, state) == REFUSED.way_out


def test_it_is_the_target_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nobody knows how MM2 logs in to the source."""

    def unread() -> None:
        raise CouldNotRun("reading Secret", "no answer", "check west")

    assert way_out(monkeypatch, "silent", unread) == REFUSED.way_out
