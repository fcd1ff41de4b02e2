"""The step `unfence-target`: the fence of the way out is removed once the way back is promoted."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import PHASE, PROMOTED_AT
from mirror.cutover.all_steps import steps_of
from mirror.cutover.fence import strimzi
from mirror.cutover.fence.strimzi import StrimziFence
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.step import World
from mirror.cutover.unfence_target import UnfenceTarget
from settings.model import Settings
from settings.model.cutover import CutoverSettings
from tests.unit.cutover.fence.test_strimzi_fence import Scene
from tests.unit.support.made_up import settings
from tests.unit.support.memory_journal import MemoryJournal


def way_back(name: str = "east-to-west") -> Settings:
    out = settings()
    source, target = replace(out.source, alias="west"), replace(out.target, alias="east", cluster="east")
    mirror = replace(out.mirror, name="west-to-east")
    cutover = CutoverSettings(way_back_of=name)
    return replace(out, source=source, target=target, mirror=mirror, cutover=cutover)


class Home(Scene):
    """East is fenced by the way out; `world` is that of the way back, whose target is east."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch)
        StrimziFence().do(self.world, MemoryJournal())
        self.phase, self.since = "promoted", "2026-11-02T00:00:00+00:00"
        self.given = way_back()

    @property
    def home(self) -> World:
        annotations = {PHASE: self.phase, PROMOTED_AT: self.since} if self.phase else {}
        resource = {"metadata": {"annotations": annotations}}
        return cast(
            World,
            SimpleNamespace(settings=self.given, target_kubernetes=self.api, resource=lambda: resource),
        )

    def journal(self) -> ConfigMapJournal:
        return ConfigMapJournal(cast(Any, self.api), self.given)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Home:
    return Home(monkeypatch)


def test_it_is_the_first_step_after_the_promotion_and_only_of_a_way_back() -> None:
    names = [step.name for step in steps_of(way_back())]
    assert names[names.index("promote") + 1] == "unfence-target"
    assert "unfence-target" not in [step.name for step in steps_of(settings())]


def test_before_the_promotion_it_waits(scene: Home) -> None:
    scene.phase = ""
    verdict = UnfenceTarget().look(scene.home)
    assert verdict.state == "waiting"
    assert verdict.text == (
        "removed after the promotion from 2 KafkaUsers with the fence of mirror east-to-west: ann, bob"
    )


def test_producers_get_their_write_back_once(scene: Home) -> None:
    step = UnfenceTarget()
    assert step.look(scene.home).state == "todo"
    step.do(scene.home, scene.journal())
    assert step.look(scene.home).state == "done"
    assert scene.specs() == scene.before
    writes = len(scene.api.writes)
    step.do(scene.home, scene.journal())
    assert [path for _, path in scene.api.writes[writes:] if "kafkausers" in path] == []


@pytest.mark.parametrize(
    ("at", "state"),
    [("2026-11-01T00:00:00Z", "todo"), ("2026-11-03T00:00:00Z", "blocked"), (None, "todo")],
)
def test_a_fence_of_after_the_promotion_is_that_of_the_next_move_out(
    scene: Home, at: str | None, state: str
) -> None:
    """A pipeline ran the cutover home again, and removed the fence of the cutover that had moved production
    out once more: clients wrote in both regions."""
    fields: dict[str, Any] = {"f:metadata": {"f:annotations": {"f:region-mirror/fence.east-to-west": {}}}}
    for name in ("ann", "bob"):
        user = scene.api.objects[scene.api.strimzi_path("KafkaUser", "kafka", name)]
        user["metadata"]["managedFields"] = [{"fieldsV1": fields, "time": at}]
    verdict = UnfenceTarget().look(scene.home)
    assert verdict.state == state
    if state == "blocked":
        assert "The fence of east-to-west holds ann, bob on east" in verdict.text
        assert "while west serves clients, nothing is left to do: to move them" in verdict.remedy
    scene.given = replace(scene.given, users=replace(scene.given.users, copy=("ann",)))
    assert UnfenceTarget().look(scene.home).state == "todo", "the promotion itself changes copied users"


def test_the_fence_of_another_mirror_remains(scene: Home) -> None:
    fenced = scene.specs()
    scene.given = way_back("east-to-south")
    assert UnfenceTarget().look(scene.home).state == "done"
    UnfenceTarget().do(scene.home, scene.journal())
    assert scene.specs() == fenced


def test_killed_before_the_user_operator_has_applied_it_the_next_run_waits(
    scene: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(strimzi, "until", killed)
        with pytest.raises(KeyboardInterrupt):
            UnfenceTarget().do(scene.home, scene.journal())
    assert scene.specs() == scene.before
    ann = scene.api.objects[scene.api.strimzi_path("KafkaUser", "kafka", "ann")]
    ann["status"]["observedGeneration"] = 1
    assert UnfenceTarget().look(scene.home).evidence == {"fenced": ["ann"]}
    ann["status"]["observedGeneration"] = ann["metadata"]["generation"]
    assert UnfenceTarget().look(scene.home).state == "done"
