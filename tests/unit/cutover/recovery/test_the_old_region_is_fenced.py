"""`recover --fence`: the fence that a failover could not set, on a promoted mirror only, and it stays."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.cutover import mirrors_home
from mirror.cutover.recovery import fence_source as module
from mirror.cutover.recovery.fence_source import fence_source
from mirror.cutover.step import Verdict
from mirror.problems import CouldNotRun
from tests.unit.cutover.fence.test_kafka_users import acl, user
from tests.unit.cutover.reopening.test_the_old_region_opens_after_the_way_home import Reopening, mirror


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Reopening:
    """A failover has promoted the mirror: nothing of its source is fenced."""
    made = Reopening(monkeypatch)
    made.run(accepted=True)
    assert made.specs() == made.before
    return made


def fenced(scene: Reopening) -> list[str]:
    return [name for name, (_, annotations) in scene.specs().items() if annotations]


def test_it_fences_once_and_reopen_takes_it_away(scene: Reopening) -> None:
    told: list[str] = []
    fence_source(scene.world, told.append)
    assert fenced(scene) == ["ann", "bob"]
    assert told == [
        "fence-source: 2 KafkaUsers may write to mirrored topics: ann, bob",
        "fence-source: 2 KafkaUsers fenced, 2 topics",
    ]
    writes = len(scene.api.writes)
    fence_source(scene.world, told.append)
    assert len(scene.api.writes) == writes
    scene.run(accepted=True)
    assert scene.specs() == scene.before


def test_a_mirror_that_was_not_promoted_is_left_alone(scene: Reopening) -> None:
    scene.resource = mirror("west", "east")
    with pytest.raises(CouldNotRun, match="was not promoted"):
        fence_source(scene.world, print)
    assert fenced(scene) == []


def test_a_region_that_is_production_again_is_not_fenced(scene: Reopening) -> None:
    """`recover` refused what came after the way home, but only once its `--fence` had stopped production."""
    scene.goes_home()
    with pytest.raises(CouldNotRun) as refused:
        fence_source(scene.world, print)
    assert refused.value.tried == "fencing east"
    assert "mirror west-to-east has taken production from west home to east" in refused.value.happened
    assert fenced(scene) == []


def test_a_region_to_which_a_mirror_copies_is_fenced(scene: Reopening) -> None:
    """`reverse` asks for the fence, and the cutover home relies on it."""
    path = scene.api.strimzi_path("KafkaMirrorMaker2", "kafka", "west-to-east")
    scene.api.put(path, mirror("east", "west"))
    fence_source(scene.world, print)
    assert fenced(scene) == ["ann", "bob"]


def test_a_fence_does_not_need_to_know_the_mirrors_there(
    scene: Reopening, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> list[Any]:
        raise CouldNotRun("reading the KafkaMirrorMaker2 resources", "forbidden", "ask for list")

    monkeypatch.setattr(mirrors_home, "mirrors_in_old_region", forbidden)
    fence_source(scene.world, print)
    assert fenced(scene) == ["ann", "bob"]


def test_nothing_is_recovered_while_the_mirror_is_declared_to_run_again(scene: Reopening) -> None:
    """MM2 would copy the same records itself; the annotation of the phase alone stops nothing."""
    scene.resource["spec"]["mirrors"][0] |= {"sourceConnector": {"state": "running"}}
    with pytest.raises(CouldNotRun, match=r"MM2 may still run: .*MirrorSourceConnector is declared to run"):
        fence_source(scene.world, print)
    assert fenced(scene) == []


def test_a_user_that_cannot_be_fenced_is_one_message(scene: Reopening) -> None:
    paused: dict[str, Any] = user(acl("orders", "Write"), name="paused")
    paused["metadata"]["annotations"] = {"strimzi.io/pause-reconciliation": "true"}
    scene.add(paused)
    with pytest.raises(CouldNotRun, match="--accept-unfenced 'paused'"):
        fence_source(scene.world, print)
    assert fenced(scene) == ["paused"], "its own annotation"


def test_the_fence_remains_where_it_is_late(scene: Reopening, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine takes a fence back that a cutover could not prove; here it is meant to stay."""
    monkeypatch.setattr(module.FenceSource, "look", _blocked_behind(scene))
    with pytest.raises(CouldNotRun, match="fencing east: the User Operator is gone"):
        fence_source(scene.world, print)
    assert fenced(scene) == ["ann", "bob"]


def _blocked_behind(scene: Reopening) -> Any:
    def look(step: Any, world: Any) -> Verdict:
        return (
            Verdict("blocked", "the User Operator is gone", "start it")
            if fenced(scene)
            else step.fence.look(world)
        )

    return look
