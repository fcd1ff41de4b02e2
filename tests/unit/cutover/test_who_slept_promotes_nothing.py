"""A machine sleeps right before the promotion: another operator has rolled the cutover back when it wakes."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import MOVED, PHASE, STATES_BEFORE
from mirror.cutover.events import Event
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.part.part import Part
from mirror.cutover.part.promote import PromotePart
from mirror.cutover.step import Step, World
from mirror.cutover.steps.promote import Promote
from mirror.problems import CouldNotRun
from settings.model import MovedSettings
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi

NAME = settings().mirror.name
PART = PromotePart(Part(settings(), MovedSettings(("orders",))))
WHOLE = Promote(
    now=lambda: "2026-12-01T00:00:00+00:00",
    users=lambda _: {},
    ends=lambda *_: {"orders": [5]},
    renew=lambda *_: None,
)


class Scene:
    """A cutover that has stopped the checkpoint connector, up to its last step. `asleep`: how many more
    readings of the resource come before the machine sleeps."""

    def __init__(self, asleep: int) -> None:
        self.api = MemoryApi()
        self.path = self.api.strimzi_path("KafkaMirrorMaker2", "kafka", NAME)
        self.asleep = asleep
        flow = {"source": {"alias": "east"}, "sourceConnector": {}, "checkpointConnector": {}}
        self.there = {"kind": "KafkaMirrorMaker2", "spec": {"mirrors": [flow]}}
        states = {STATES_BEFORE: "{}"}
        self.put(states)
        self.journal = self.new_journal()
        self.journal.record(Event("acting", 0.0, "not marked yet", "promote"), "ann@laptop/1")

    def put(self, annotations: dict[str, str]) -> None:
        metadata = {"namespace": "kafka", "name": NAME, "annotations": annotations}
        self.api.put(self.path, {**self.there, "metadata": metadata})

    def new_journal(self) -> ConfigMapJournal:
        return ConfigMapJournal(cast(Any, self.api), settings())

    def read(self) -> dict[str, Any]:
        found = self.api.request("GET", self.path, "", verb="get")
        self.asleep -= 1
        if self.asleep == 0:
            self.new_journal().record(Event("undoing", 0.0, "undoing promote", "promote"), "bob@desk/1")
            self.put({})
        return found

    @property
    def world(self) -> World:
        made = SimpleNamespace(settings=settings(), target_kubernetes=self.api, resource=self.read)
        return cast(World, made)


@pytest.mark.parametrize("step", [WHOLE, PART], ids=["whole", "part"])
@pytest.mark.parametrize("readings", [1, 2])
def test_it_ends_with_the_other_operators_change(
    monkeypatch: pytest.MonkeyPatch, step: Step, readings: int
) -> None:
    """Producers write to the source again: the target, promoted, never gets these records."""
    monkeypatch.setattr("mirror.cutover.part.promote.renew_offsets", lambda *_: None)
    monkeypatch.setattr("mirror.cutover.part.promote.record_ends_of_part", lambda *_: None)
    for module in ("mirror.cutover.part.promote", "mirror.cutover.steps.promote"):
        monkeypatch.setattr(f"{module}.settle", lambda *_: False)
    scene = Scene(asleep=readings)
    with pytest.raises(CouldNotRun, match="another operator has written to it since"):
        step.do(scene.world, scene.journal)
    annotations = scene.api.objects[scene.path]["metadata"]["annotations"]
    assert PHASE not in annotations
    assert MOVED not in annotations


def test_nobody_else_it_promotes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirror.cutover.steps.promote.settle", lambda *_: True)
    scene = Scene(asleep=-1)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    WHOLE.do(scene.world, scene.journal)
    assert scene.api.objects[scene.path]["metadata"]["annotations"][PHASE] == "promoted"
