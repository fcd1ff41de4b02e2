"""Once clients have gone home, the command that moved them out fences nobody and starts nothing again.

A pipeline's job that is run again, or a Job that is applied again, has the stack file of the way out, whose
mirror is still marked as promoted. Its cutover fenced production, and started the workloads of the target.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from manifests.metadata import PHASE, PROMOTED_AT
from mirror.clients.source_look import SourceState
from mirror.cutover.failover import fence_mirror
from mirror.cutover.failover import steps as failover_steps
from mirror.cutover.failover.steps import LookAtSource
from mirror.cutover.failover.stop_mirror import StopMirror
from mirror.cutover.fence import kafka_user
from mirror.cutover.fence.strimzi import StrimziFence
from mirror.cutover.mirrors_home import fenced_by
from mirror.cutover.preflight import Preflight
from mirror.cutover.reopening.way_back import LookAtWayBack
from mirror.cutover.step import Step, Verdict
from mirror.problems import CouldNotRun
from tests.unit.cutover.fence.test_kafka_users import acl, user
from tests.unit.cutover.reopening.test_the_old_region_opens_after_the_way_home import (
    HOME,
    OUT,
    Reopening,
    mirror,
)
from tests.unit.support.dead_source import quick_mirror, walk
from tests.unit.support.dead_source import scene as failing
from tests.unit.support.dead_source import world as target_only
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi
from tests.unit.support.memory_journal import MemoryJournal

TOLD = (
    f"mirror west-to-east has taken production from west home to east at {HOME}: this move is over, and east "
    "is production"
)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Reopening:
    """The mirror of the way out is promoted, and the old region is open to clients."""
    made = Reopening(monkeypatch)
    made.run(accepted=True)
    return made


def steps() -> list[Step]:
    fence = StrimziFence()
    return [cast(Step, Preflight(fence)), fence]


def test_a_cutover_that_is_run_again_does_not_stop_production(scene: Reopening) -> None:
    scene.goes_home()
    assert scene.run(steps()) == ["stopped", f"stopped preflight: {TOLD}"]
    assert scene.specs() == scene.before


def test_connectors_that_are_declared_to_run_are_not_sent_to_a_command_that_refuses(
    scene: Reopening,
) -> None:
    """`reopen` named the cutover as the way out alone, which refuses since production is home."""
    scene.goes_home()
    scene.resource["spec"]["mirrors"][0]["sourceConnector"] = {"state": "running"}
    assert scene.run(steps())[0] == "stopped"
    remedy = LookAtWayBack().look(scene.world).remedy
    assert "Once clients have gone home, both refuse that: set `state: stopped`" in remedy


def test_before_that_it_keeps_the_old_region_fenced(scene: Reopening) -> None:
    assert scene.run(steps())[0] == "done"
    assert scene.specs() != scene.before


@pytest.mark.parametrize("since", [HOME, "2026-11-03T00:00:00+00:00"])
def test_the_way_home_of_an_earlier_round_trip_does_not_count(scene: Reopening, since: str) -> None:
    scene.goes_home()
    scene.resource = mirror("west", "east", "promoted", since)
    assert Preflight(StrimziFence()).look(scene.world).state == "done"


def test_an_old_region_that_nobody_can_ask_keeps_nothing_from_being_completed(
    scene: Reopening, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> list[Any]:
        raise CouldNotRun("listing KafkaMirrorMaker2", "forbidden", "grant `list`")

    monkeypatch.setattr(scene.api, "strimzi_list", forbidden)
    assert Preflight(StrimziFence()).look(scene.world).state == "done"


def failover(monkeypatch: pytest.MonkeyPatch, source: SourceState, kubernetes: object) -> Verdict:
    """What a failover says of a promoted mirror, before it starts workloads."""
    api = quick_mirror(monkeypatch)
    api.objects[api.mirror_path]["metadata"]["annotations"] = {PHASE: "promoted", PROMOTED_AT: OUT}

    def connected(*_: object) -> object:
        if isinstance(kubernetes, Exception):
            raise kubernetes
        return kubernetes

    monkeypatch.setattr(failover_steps, "source_kubernetes_of", connected)
    return LookAtSource(failing(source)[0]).look(replace(target_only(api), root=Path()))


def test_a_failover_that_is_run_again_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    there = MemoryApi()
    home = mirror("east", "west", "promoted", HOME)
    there.put(there.strimzi_path("KafkaMirrorMaker2", "kafka", "west-to-east"), home)
    verdict = failover(monkeypatch, "healthy", there)
    assert (verdict.state, verdict.text) == ("blocked", TOLD)
    assert verdict.remedy == "To leave the region again, deploy a mirror of the way out anew"


@pytest.mark.parametrize("source", ["silent", "partly", "refused", "unknown"])
def test_it_asks_no_source_that_is_not_well(monkeypatch: pytest.MonkeyPatch, source: SourceState) -> None:
    unasked = AssertionError("a dead region was asked")
    assert failover(monkeypatch, source, unasked).state == "done"


def test_it_goes_on_where_nothing_has_gone_home(monkeypatch: pytest.MonkeyPatch) -> None:
    assert failover(monkeypatch, "healthy", MemoryApi()).state == "done"
    unreadable = CouldNotRun("reading a kubeconfig", "it is gone", "give one")
    assert failover(monkeypatch, "healthy", unreadable).state == "done"


def second(
    monkeypatch: pytest.MonkeyPatch, *, fence: str, topic: str = "orders", rules: bool = False
) -> Verdict:
    """What a failover says where west is fenced by the cutover of a mirror, and east is lost."""
    api = quick_mirror(monkeypatch)
    walk(StopMirror(failing()[0]), api, MemoryJournal())
    if not rules:
        fence_mirror.unfence(target_only(api))
    api.objects[api.mirror_path]["metadata"]["annotations"] = {PHASE: "promoted", PROMOTED_AT: OUT}
    path, ann = api.strimzi_path("KafkaUser", "kafka", "ann"), user(acl("orders", "Write"), name="ann")
    ann["metadata"]["labels"] = {"strimzi.io/cluster": settings().target.cluster}
    api.put(path, ann)
    patch = kafka_user.fenced(api.objects[path], [topic], fence)
    api.request("PATCH", path, "", verb="patch", body=patch)
    return LookAtSource(failing()[0]).look(target_only(api))


def test_a_second_disaster_is_no_failover_that_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mirror of the way out was never deployed anew, and is promoted since the first one: `failover` said
    "nothing to do", and that consumers and producers are to be started.
    """
    verdict = second(monkeypatch, fence="west-to-east")
    assert (verdict.state, verdict.text) == (
        "blocked",
        f"this mirror was promoted at {OUT}, and has copied nothing since. The fence of west-to-east holds "
        "ann on west: clients have moved to east since, and what they wrote there is on east only",
    )
    assert "`region-mirror cutover rollback --target-is-lost`" in verdict.remedy


def test_a_first_disaster_is_completed_whatever_else_is_fenced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert second(monkeypatch, fence="west-to-east", rules=True).state == "done"
    assert second(monkeypatch, fence="west-to-east", topic="of-another-mirror").state == "done"
    assert second(monkeypatch, fence="east-to-west").state == "done", "its own, as of a part"


def test_a_second_disaster_behind_a_fence_that_cannot_be_read_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A fence by hand or by ACLs leaves nothing in KafkaUsers: `failover` said that all is done."""
    verdict = second(monkeypatch, fence="west-to-east", topic="of-another-mirror")
    assert verdict.state == "done"
    assert verdict.text == (
        f"the mirror is promoted since {OUT}, and has copied nothing since. If clients have moved back to "
        "east since, what they wrote there is on east only: then start none of them on west before that is "
        "decided"
    )


def test_a_second_disaster_of_a_way_back_is_found_where_the_way_out_has_fenced_again() -> None:
    """Production was home, and moved out once more. The failover of the way back that was promoted before
    removed the new fence, and let clients write to a region that lacks what they wrote since."""
    given = replace(settings(), cutover=replace(settings().cutover, way_back_of="north"))
    fields: dict[str, Any] = {"f:metadata": {"f:annotations": {"f:region-mirror/fence.north": {}}}}
    ann = user(acl("orders", "Write"), name="ann")
    patch = kafka_user.fenced(ann, ["orders"], "north")
    found: dict[str, set[str]]
    for at, found in (("2026-01-01T00:00:00Z", {}), (HOME, {"north": {"ann"}})):
        noted = {**patch["metadata"], "managedFields": [{"fieldsV1": fields, "time": at}]}
        fenced = {**ann, "metadata": {**ann["metadata"], **noted}, "spec": patch["spec"]}
        assert fenced_by(given, [fenced], OUT) == found
        assert fenced_by(given, [fenced], None) == {}, "unfence-target would be blocked for ever"


def test_the_fence_of_the_way_out_of_unknown_age_is_left_to_unfence_target() -> None:
    given = replace(settings(), cutover=replace(settings().cutover, way_back_of="north"))
    ann = user(acl("orders", "Write"), name="ann")
    patch = kafka_user.fenced(ann, ["orders"], "north")
    ann = {**ann, "spec": patch["spec"]}
    ann["metadata"]["annotations"] = patch["metadata"]["annotations"]
    assert fenced_by(given, [ann], OUT) == {}
    assert fenced_by(settings(), [ann], OUT) == {"north": {"ann"}}


def test_a_fence_of_which_the_annotation_is_left_alone_ends_no_repeated_failover() -> None:
    """A mirror of the way out that was deployed anew replaces its copies' ACLs, also at its promotion; the
    annotation of the cutover home stays. A failover by it that had stopped behind the promotion was never
    completed.
    """
    ann = user(acl("orders", "Write"), name="ann")
    ann["metadata"]["annotations"] = kafka_user.fenced(ann, ["orders"], "north")["metadata"]["annotations"]
    assert fenced_by(settings(), [ann], OUT) == {}


def test_a_fence_of_before_the_promotion_ends_no_repeated_failover() -> None:
    """Clients had come to east by the cutover of another mirror, whose fence was on west already when east
    was lost: the failover that was run again said that they had gone there since.
    """
    ann = user(acl("orders", "Write"), name="ann")
    patch = kafka_user.fenced(ann, ["orders"], "north")
    fields: dict[str, Any] = {"f:metadata": {"f:annotations": {"f:region-mirror/fence.north": {}}}}
    ann = {**ann, "spec": patch["spec"]}
    found: dict[str, set[str]]
    for at, found in (("2026-01-01T00:00:00Z", {}), (HOME, {"north": {"ann"}})):
        managed = [{"manager": "kubectl", "fieldsV1": {}, "time": HOME}, {"fieldsV1": fields, "time": at}]
        ann["metadata"] = {**ann["metadata"], **patch["metadata"], "managedFields": managed}
        assert fenced_by(settings(), [ann], OUT) == found
