"""Each entry of `cutover.workloads` finds workloads that can be scaled, before anything is changed."""

from __future__ import annotations

from typing import Any, cast

import pytest

from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.steps.find_workloads import FindWorkloads
from mirror.cutover.workloads.workload import Workload, selector_of
from tests.unit.cutover.workload_scene import CONSUMERS, NOTE, Scene, put, scene_with_workloads


@pytest.fixture
def scene() -> Scene:
    return scene_with_workloads()


def test_everything_is_found_before_anything_is_changed(scene: Scene) -> None:
    found = FindWorkloads(scene.fleet).look(scene.world)
    assert found.state == "done"
    assert found.evidence["replicas"] == {
        "Deployment shop/reader": 2,
        "Deployment shop/writer": 3,
        "StatefulSet shop/store": 1,
    }


def test_an_entry_that_finds_nothing_is_named(scene: Scene) -> None:
    del scene.west.objects[scene.west.path("Deployment", "shop", "reader")]
    found = FindWorkloads(scene.fleet).look(scene.world)
    assert (found.state, found.text) == (
        "blocked",
        "no Deployment or StatefulSet for cutover.workloads[2] (target, namespace shop, app=readers)",
    )


def test_a_workload_without_a_number_is_named(scene: Scene) -> None:
    put(scene.west, "newcomer", CONSUMERS, 0)
    found = FindWorkloads(scene.fleet).look(scene.world)
    assert found.state == "blocked"
    assert "the replicas are unknown of Deployment shop/newcomer" in found.text
    assert f'{NOTE}: "NUMBER"' in found.remedy


def test_a_run_that_continues_knows_what_the_first_one_has_stopped(scene: Scene) -> None:
    """An older release has stopped it, without the uid of the mirror; or somebody has removed the note."""
    put(scene.east, "reader", CONSUMERS, 0)
    assert "unknown of Deployment shop/reader" in FindWorkloads(scene.fleet).look(scene.world).text
    journal = ConfigMapJournal(cast(Any, scene.west), scene.world.settings)
    journal.keep("stop-consumers", "replicas", {"Deployment shop/reader": 2})
    found = FindWorkloads(scene.fleet).look(scene.world)
    assert (found.state, found.evidence["replicas"]["Deployment shop/reader"]) == ("done", 2)


def test_a_workload_that_may_not_be_scaled_is_found_before_the_promotion(scene: Scene) -> None:
    scene.west.forbidden.add(scene.west.path("StatefulSet", "shop", "store"))
    writes = len(scene.west.writes)
    found = FindWorkloads(scene.fleet).look(scene.world)
    assert found.state == "blocked"
    assert "changing StatefulSet shop/store" in found.text
    assert "grant `patch`" in found.remedy
    assert len(scene.west.writes) == writes


def test_a_selector_is_written_as_the_api_takes_it() -> None:
    expressions = [
        {"key": "tier", "operator": "In", "values": ["a", "b"]},
        {"key": "old", "operator": "DoesNotExist"},
        {"key": "app", "operator": "Exists"},
        {"key": "env", "operator": "NotIn", "values": ["dev"]},
    ]
    selector = {"matchLabels": {"x": "1"}, "matchExpressions": expressions}
    assert selector_of({"spec": {"selector": selector}}) == "x=1,tier in (a,b),!old,app,env notin (dev)"


@pytest.mark.parametrize("note", ["0", "-1", "many", ""])
def test_an_annotation_that_is_no_number_is_none(note: str) -> None:
    resource = {"metadata": {"name": "a", "namespace": "b", "annotations": {NOTE: note}}}
    assert Workload("Deployment", resource).noted("east-to-west") is None
