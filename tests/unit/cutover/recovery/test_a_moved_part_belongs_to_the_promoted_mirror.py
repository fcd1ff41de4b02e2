"""What was moved in parts is recovered and goes home with the rest, once the mirror was promoted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import MOVED, PHASE
from mirror.clients.records import TopicPartition
from mirror.cutover.promoted_ends.journal_entries import OF_PARTS
from mirror.cutover.recovery import moved_parts
from mirror.cutover.recovery.moved_parts import as_one, left_apart
from mirror.cutover.recovery.recover import refuse_running
from mirror.cutover.step import World
from mirror.problems import CouldNotRun
from settings import filters
from settings.model import Settings
from settings.names import Names
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi

MOVED_TOPICS = ["orders", "payments.de", "payments.fr"]


def given(**mirror: Any) -> Settings:
    return settings(moved={"topics": MOVED_TOPICS, "groups": ["billing"]}, **mirror)


def resource(phase: str = "promoted") -> dict[str, Any]:
    moved = json.dumps({"topics": ["orders"], "groups": ["billing"]})
    return {"metadata": {"annotations": {PHASE: phase, MOVED: moved}}}


def world(
    whole: Settings, there: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch, ends: Any = None
) -> World:
    """A mirror with a position of `orders`, and recorded ends of other parts."""
    api, names = MemoryApi(), Names.of(whole)
    content = {"version": 1, "kept": {"promote": {OF_PARTS: ends or {}}}, "events": []}
    api.objects[f"/api/v1/namespaces/kafka/configmaps/{names.cutover}"] = {
        "metadata": {"name": names.cutover},
        "data": {"journal.json": json.dumps(content)},
    }
    known = {TopicPartition("orders", 0): 99}
    monkeypatch.setattr(moved_parts, "read_positions", lambda *_: (known, {}, {}))
    monkeypatch.setattr(moved_parts, "read_topics", lambda *_: None)
    made = World(whole, cast(Any, None), cast(Any, None))
    monkeypatch.setattr(World, "resource", lambda _: there)
    monkeypatch.setattr(World, "sides", lambda _: None)
    monkeypatch.setattr(World, "target_kubernetes", property(lambda _: api))
    return made


def test_a_mirror_that_goes_on_has_no_way_back_and_the_way_out_is_named() -> None:
    running = cast(World, SimpleNamespace(resource=lambda: resource("replicate"), settings=settings()))
    with pytest.raises(CouldNotRun) as refused:
        refuse_running(running, "writing the stack file of the way back")
    assert refused.value.tried == "writing the stack file of the way back"
    assert "topic orders and group billing moved, and MM2 still copies the rest to west" in (
        refused.value.happened
    )
    assert "`region-mirror cutover` (without --topic)" in refused.value.way_out


def test_a_mirror_that_goes_on_is_seen_without_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world(given(), resource("replicate"), monkeypatch)
    assert as_one(made) is made


def test_a_mirror_without_parts_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world(settings(), {}, monkeypatch)
    monkeypatch.setattr(World, "resource", lambda _: pytest.fail("read"))
    assert as_one(made) is made


def test_what_the_mirror_knows_belongs_to_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    found = as_one(world(given(), resource(), monkeypatch, {"payments.de": [5]})).settings
    assert [one for one in MOVED_TOPICS if filters.mirrored(found, one)] == ["orders", "payments.de"]
    assert filters.group_matches(found.mirror, "billing")
    assert left_apart(found, ["orders", "payments.de", "payments.fr"]) == ["payments.fr"]


def test_recorded_ends_are_those_of_the_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    prefixed = given(replication_policy="default")
    found = as_one(world(prefixed, resource(), monkeypatch, {"east.payments.de": [5]})).settings
    assert found.mirror.moved.topics == ("payments.fr",)


def test_a_topic_that_the_source_lost_or_that_is_excluded_is_not_left_apart() -> None:
    assert left_apart(given(), ["orders"]) == ["orders"]
    assert left_apart(given(topics_exclude=["orders"]), MOVED_TOPICS[:1]) == []
    assert left_apart(settings(), ["orders"]) == []
