"""`reopen`: refused until the way back is promoted; then the fence of the way out is removed, exactly."""

from __future__ import annotations

from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import PHASE, PROMOTED_AT
from mirror.cutover.engine import Clock, Engine
from mirror.cutover.fence import strimzi
from mirror.cutover.fence.strimzi import StrimziFence
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.reopening.remove_fence import RemoveFence
from mirror.cutover.reopening.steps import reopening_steps
from mirror.cutover.reopening.way_back import LookAtWayBack, judge
from mirror.cutover.step import Step, World
from mirror.cutover.steps import promote
from mirror.problems import CouldNotRun
from settings.names import Names
from tests.unit.cutover.fence.test_strimzi_fence import Scene
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi

OUT = "2026-11-01T00:00:00+00:00"
HOME = "2026-11-02T00:00:00+00:00"


def mirror(target: str, source: str, phase: str = "", at: str = "") -> dict[str, Any]:
    annotations = {PHASE: phase, PROMOTED_AT: at} if phase else {}
    return {
        "metadata": {"name": f"{source}-to-{target}", "annotations": annotations},
        "spec": {"target": {"alias": target}, "mirrors": [{"source": {"alias": source}}]},
    }


def test_a_way_back_that_is_promoted_later_opens_it() -> None:
    verdict = judge(settings(), OUT, [mirror("west", "south"), mirror("east", "west", "promoted", HOME)])
    assert verdict.state == "done"
    assert verdict.text == f"mirror west-to-east is promoted since {HOME}: east is production again"


def test_a_way_back_of_an_older_api_counts_too() -> None:
    older = mirror("east", "west", "retired", HOME)
    older["spec"] = {
        "connectCluster": "east",
        "clusters": [{"alias": "east"}, {"alias": "west"}],
        "mirrors": [{"sourceCluster": "west", "targetCluster": "east"}],
    }
    assert judge(settings(), OUT, [older]).state == "done"


@pytest.mark.parametrize(
    ("mirrors", "said"),
    [
        ([], "no mirror has taken production from west back to east"),
        ([mirror("east", "west")], "mirror west-to-east still copies west to east"),
        ([mirror("west", "east", "promoted", HOME)], "no mirror has taken production"),
        ([mirror("east", "south", "promoted", HOME)], "no mirror has taken production"),
    ],
)
def test_while_nothing_has_gone_home_it_stays_closed(mirrors: list[dict[str, Any]], said: str) -> None:
    verdict = judge(settings(), OUT, mirrors)
    assert verdict.state == "blocked"
    assert said in verdict.text
    assert "--accept-unmirrored" in verdict.remedy


def test_the_way_back_of_an_earlier_round_trip_does_not_count() -> None:
    assert judge(settings(), HOME, [mirror("east", "west", "promoted", OUT)]).state == "blocked"


def test_a_mirror_of_other_topics_that_leads_the_same_way_opens_nothing() -> None:
    """A region pair has several mirrors, and each moves by itself."""
    other = mirror("east", "west", "promoted", HOME)
    other["spec"]["mirrors"][0]["topicsPattern"] = "invoices,customers-.*"
    verdict = judge(settings(), OUT, [other])
    assert verdict.state == "blocked"
    assert "no mirror has taken production" in verdict.text


def test_it_stays_closed_while_one_of_two_ways_back_still_copies() -> None:
    """The fence is removed as a whole: clients could write on both sides to what has not moved home."""
    home, copying = mirror("east", "west", "promoted", HOME), mirror("east", "west")
    home["spec"]["mirrors"][0]["topicsPattern"] = "orders"
    copying["spec"]["mirrors"][0]["topicsPattern"] = "payments.*"
    copying["metadata"]["name"] = "payments-home"
    verdict = judge(settings(), OUT, [home, copying])
    assert verdict.state == "blocked"
    assert (
        "mirror payments-home still copies west to east, other topics than mirror west-to-east"
        in verdict.text
    )


class Reopening(Scene):
    """A fenced source of a promoted mirror; `resource` is the mirror of the way out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch)
        self.target = MemoryApi()
        self.resource = mirror("west", "east", "promoted", OUT)
        names = Names.of(settings())
        world = {**vars(self.world), "target_kubernetes": self.target, "names": names}
        self.world = cast(World, SimpleNamespace(**world, resource=lambda: self.resource))
        StrimziFence().do(self.world, self.journal())
        monkeypatch.setattr(promote, "ownership_patch", lambda resource: None)

    def journal(self) -> ConfigMapJournal:
        return ConfigMapJournal(cast(Any, self.target), settings())

    def goes_home(self) -> None:
        one = mirror("east", "west", "promoted", HOME)
        self.api.put(self.api.strimzi_path("KafkaMirrorMaker2", "kafka", "west-to-east"), one)

    def run(self, steps: list[Step] | None = None, *, accepted: bool = False) -> list[str]:
        """Return the outcome, and what was told of steps that acted or stopped."""
        told: list[str] = []
        with ExitStack() as stack:
            steps = steps or list(reopening_steps(settings(), stack, accepted=accepted))
            engine = Engine(
                steps,
                self.world,
                self.journal(),
                lambda one: told.append(f"{one.kind} {one.step}: {one.text}"),
                clock=Clock(sleep=lambda _: None),
            )
            outcome = engine.forward()
        return [outcome, *[one for one in told if one.startswith(("acting", "stopped"))]]


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Reopening:
    return Reopening(monkeypatch)


def test_producers_of_the_old_region_get_their_write_back(scene: Reopening) -> None:
    scene.goes_home()
    done, acted = scene.run()
    assert done == "done"
    assert acted == "acting remove-fence: the fence of mirror east-to-west still holds 2 KafkaUsers: ann, bob"
    assert scene.specs() == scene.before


def test_run_again_there_is_nothing_to_do(scene: Reopening) -> None:
    scene.goes_home()
    scene.run()
    writes = len(scene.api.writes)
    assert scene.run() == ["nothing-to-do"]
    assert len(scene.api.writes) == writes


def test_refused_nothing_is_changed(scene: Reopening) -> None:
    fenced, writes = scene.specs(), len(scene.api.writes)
    assert scene.run()[0] == "stopped"
    assert (scene.specs(), len(scene.api.writes)) == (fenced, writes)


def test_it_opens_by_the_word_of_a_person(scene: Reopening) -> None:
    assert scene.run(accepted=True)[0] == "done"
    assert scene.specs() == scene.before


def test_a_mirror_that_still_replicates_is_rolled_back_instead(scene: Reopening) -> None:
    scene.resource = mirror("west", "east")
    verdict = LookAtWayBack(accepted=True).look(scene.world)
    assert verdict.state == "blocked"
    assert "cutover rollback" in verdict.remedy


def test_connectors_that_may_run_keep_it_closed(scene: Reopening) -> None:
    scene.goes_home()
    scene.resource["spec"]["mirrors"][0] |= {"sourceConnector": {"state": "stopped"}}
    verdict = LookAtWayBack().look(scene.world)
    assert verdict.state == "waiting"
    assert "MM2 may still run" in verdict.text


@pytest.mark.parametrize("connector", ["sourceConnector", "checkpointConnector"])
def test_a_promoted_mirror_that_is_declared_to_run_again_keeps_it_closed(
    scene: Reopening, connector: str
) -> None:
    """GitOps, or a person, may apply a manifest in which the connectors run; the phase remains on it."""
    scene.goes_home()
    scene.resource["spec"]["mirrors"][0] |= {connector: {"state": "running"}}
    verdict = LookAtWayBack().look(scene.world)
    assert verdict.state == "blocked"
    assert "declared to run" in verdict.text
    assert "mirror.phase: promoted" in verdict.remedy


def test_a_way_back_that_cannot_be_read_keeps_it_closed(
    scene: Reopening, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> list[dict[str, Any]]:
        raise CouldNotRun("listing KafkaMirrorMaker2", "forbidden", "grant `list`")

    monkeypatch.setattr(scene.api, "strimzi_list", forbidden)
    verdict = LookAtWayBack().look(scene.world)
    assert (verdict.state, verdict.remedy) == ("blocked", "grant `list`; or add --accept-unmirrored")


def test_killed_before_the_user_operator_has_applied_it_the_next_run_waits(
    scene: Reopening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strimzi, "until", lambda late, seconds: _killed())
    with pytest.raises(KeyboardInterrupt):
        RemoveFence().do(scene.world, scene.journal())
    monkeypatch.undo()
    monkeypatch.setattr(strimzi, "fenced_topics", lambda world: scene.topics)
    ann = scene.api.objects[scene.api.strimzi_path("KafkaUser", "kafka", "ann")]
    ann["status"]["observedGeneration"] = 1
    step = RemoveFence()
    assert step.look(scene.world).evidence == {"held": ["ann"]}
    ann["status"]["observedGeneration"] = ann["metadata"]["generation"]
    assert step.look(scene.world).state == "done"


def _killed() -> str:
    raise KeyboardInterrupt


def test_rules_that_others_have_added_since_remain(scene: Reopening) -> None:
    path = scene.api.strimzi_path("KafkaUser", "kafka", "ann")
    user = scene.api.objects[path]
    rule = {"type": "deny", "resource": {"type": "topic", "name": "payroll"}, "operations": ["Write"]}
    acls = [*user["spec"]["authorization"]["acls"], rule]
    scene.api.put(path, {**user, "spec": {"authorization": {**user["spec"]["authorization"], "acls": acls}}})
    scene.goes_home()
    scene.run()
    assert scene.specs()["ann"][0]["authorization"]["acls"][-1] == rule
    assert len(scene.specs()["ann"][0]["authorization"]["acls"]) == 2
