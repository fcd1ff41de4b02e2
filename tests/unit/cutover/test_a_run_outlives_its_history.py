"""A move is not stopped behind the fence because the API did not take an event of its history."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

from mirror.cutover.events import Event
from mirror.cutover.run import running
from mirror.cutover.step import World
from tests.unit.cutover.fake_steps import Fake
from tests.unit.cutover.test_the_journal import PATH
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi


def test_events_are_shown_at_once_and_written_when_the_api_answers_again() -> None:
    api, shown = MemoryApi(), []

    def show(event: Event) -> None:
        shown.append(event.kind)
        api.dead = event.kind == "acting"  # away from the change to the end of the step

    made: Any = SimpleNamespace(target_kubernetes=api, settings=settings(), done=[], did=[], fall_after="")
    with running(cast(World, made), [Fake("fence")], show) as engine:
        assert engine.forward() == "done"
    assert shown == ["looked", "acting", "done", "ended"]
    written = json.loads(api.objects[PATH]["data"]["journal.json"])["events"]
    assert [event["event"] for event in written] == ["acting", "done", "ended"]
