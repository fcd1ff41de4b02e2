"""The target is lost while a cutover has fenced the source: no rollback could let producers write again.

Its Lease, journal and KafkaMirrorMaker2 were on the target. The way out was to check the network, or to take
thousands of deny rules out of KafkaUsers by hand.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx2
import pytest

from manifests.metadata import PHASE
from mirror.clients.acls import deny_write
from mirror.clients.kubernetes_errors import refused
from mirror.cutover.engine import Engine
from mirror.cutover.fence.strimzi import StrimziFence
from mirror.cutover.part.part import Part
from mirror.cutover.part.steps import seen_by, steps_of_part
from mirror.cutover.step import World
from mirror.cutover.steps import move_groups
from mirror.cutover.steps.move_groups import BEFORE, MOVE, MoveGroups
from mirror.cutover.without_target import open_source
from mirror.estate.deployed import DeployedResource
from mirror.problems import CouldNotConnect, CouldNotRead, CouldNotRun, NotLoggedIn, NotThere
from mirror.verify.reading.look import Session
from settings.model import CutoverSettings, MovedSettings, Settings, WorkloadSettings
from tests.unit.cutover.fence.fake_acls import ALLOWS, FakeAcls
from tests.unit.cutover.fence.test_strimzi_fence import Scene
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi
from tests.unit.support.memory_journal import MemoryJournal


def answered(status: int) -> CouldNotRun:
    """What an answer of the target's Kubernetes becomes."""
    return refused(
        "https://west", "KafkaMirrorMaker2", "get", httpx2.Response(status, json={"message": "no"})
    )


LOST = CouldNotConnect("reaching https://west", "no answer in time", "check the network")


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = Scene(monkeypatch)
    StrimziFence().do(made.world, MemoryJournal())
    assert made.specs() != made.before
    target(monkeypatch, LOST)
    return made


def target(monkeypatch: pytest.MonkeyPatch, error: Exception | None, phase: str = "") -> None:
    """Let the target's Kubernetes answer so."""

    def read(_: DeployedResource) -> dict[str, Any]:
        if error is not None:
            raise error
        return {"metadata": {"annotations": {PHASE: phase} if phase else {}}}

    monkeypatch.setattr("mirror.estate.deployed.connect", lambda *_: MemoryApi())
    monkeypatch.setattr(DeployedResource, "read", read)


def opened(scene: Scene, of: Settings | None = None) -> list[str]:
    return list(open_source(of or settings(), Path(), cast(Any, scene.api)))


def test_producers_may_write_again(scene: Scene) -> None:
    told = opened(scene)
    assert scene.specs() == scene.before
    assert told[0] == "no KafkaUser of east has the fence of mirror east-to-west any more"
    assert told[1] == (
        "that west is lost is your word: seen from here was reaching https://west: no answer in time. Make "
        "sure that nobody writes to west: east never gets it"
    )
    assert told[2].startswith("once west is back, before anything else: `region-mirror cutover rollback`")
    writes = len(scene.api.writes)
    assert opened(scene) == told
    assert len(scene.api.writes) == writes


def test_a_proxy_before_a_lost_region_is_no_answer_of_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    target(monkeypatch, answered(503))
    assert "seen from here was reaching https://west: it answered 503" in opened(scene)[1]
    assert scene.specs() == scene.before


def test_a_mirror_that_was_deleted_there_is_lost_too(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    target(monkeypatch, NotThere("reading KafkaMirrorMaker2", "it does not exist", "deploy"))
    opened(scene)
    assert scene.specs() == scene.before


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (None, "answers, and has the mirror"),
        (CouldNotRead("reading", "forbidden: no", "grant `get`"), "forbidden"),
        (NotLoggedIn("reaching https://west", "not logged in (401)", "renew the token"), "not logged in"),
        (answered(429), "it answered 429"),
    ],
)
def test_a_target_that_answers_is_rolled_back_as_a_whole(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, error: Exception | None, told: str
) -> None:
    """Also one that an operator's expired token makes look as if it were lost."""
    target(monkeypatch, error)
    with pytest.raises(CouldNotRun, match=told):
        opened(scene)
    assert scene.specs() != scene.before


def test_a_promoted_one_is_not_sent_to_a_rollback_that_refuses(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a second disaster that left the Kubernetes alive, each of both commands named the other one."""
    target(monkeypatch, None, "promoted")
    with pytest.raises(CouldNotRun) as refused:
        opened(scene)
    assert refused.value.way_out == (
        "the mirror was promoted, so what clients wrote since is on west only, and no rollback opens east: "
        "`region-mirror reopen --accept-unmirrored` does"
    )
    assert scene.specs() != scene.before


def test_what_has_moved_as_a_part_stays_fenced(scene: Scene) -> None:
    told = opened(scene, settings(moved={"topics": ["payments"], "groups": []}))
    assert scene.specs()["ann"] == scene.before["ann"]
    assert told[0].endswith("any more, but for what has moved (payments)")
    acls = scene.specs()["bob"][0]["authorization"]["acls"]
    assert [one["resource"]["name"] for one in acls if one.get("type") == "deny"] == ["payments"]


@pytest.mark.parametrize("kind", ["acls", "manual"])
def test_another_fence_is_removed_by_hand(scene: Scene, kind: Any) -> None:
    given = replace(settings(), cutover=replace(settings().cutover, fence=kind))
    with pytest.raises(CouldNotRun, match=f"cutover.fence is {kind}") as refused:
        opened(scene, given)
    assert "kafka-acls.sh --remove --deny-principal 'User:*' --operation Write" in refused.value.way_out


def test_stopped_workloads_are_named_with_the_command_that_starts_them(scene: Scene) -> None:
    noted = {"region-mirror/replicas.east-to-west": "3", "region-mirror/stopped-by.east-to-west": "uid"}
    for name, replicas, there in (("shop", 0, noted), ("runs", 2, noted), ("other", 0, {})):
        resource = {
            "metadata": {"name": name, "namespace": "apps", "annotations": there, "labels": {"team": "a"}},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}},
        }
        scene.api.put(f"/apis/apps/v1/namespaces/apps/deployments/{name}", resource)
    entry = WorkloadSettings(side="source", role="producer", namespace="apps", labels={"team": "a"})
    given = replace(settings(), cutover=replace(settings().cutover, workloads=(entry,)))
    assert opened(scene, given)[3:] == [
        "start Deployment apps/shop: `kubectl -n apps scale deployment shop --replicas 3`"
    ]


def test_what_was_done_is_told_where_the_workloads_cannot_be_read(scene: Scene) -> None:
    """The command ended with the workloads' error alone, as if the source were still fenced."""
    entry = WorkloadSettings(
        side="source", role="producer", namespace="apps", labels={"team": "a"}, kubeconfig="gone"
    )
    given = replace(settings(), cutover=replace(settings().cutover, workloads=(entry,)))
    told: list[str] = []
    with pytest.raises(CouldNotRun, match="gone"):
        told.extend(open_source(given, Path(), cast(Any, scene.api)))
    assert scene.specs() == scene.before
    assert [one[:12] for one in told] == ["no KafkaUser", "that west is", "once west is"]


def test_a_target_whose_kafka_alone_is_lost_holds_no_rollback() -> None:
    """Its Kubernetes answers, so `--target-is-lost` refuses and names the rollback. That could not set back
    the groups' offsets there, and left the source fenced.
    """

    def lost() -> Any:
        raise CouldNotConnect("connecting to Kafka cluster west", "not reachable", "check it")

    journal, world = MemoryJournal(), cast(World, SimpleNamespace(settings=settings(), sides=lost))
    assert MoveGroups().undo(world, journal) is None
    journal.keep(MOVE, BEFORE, {"billing": {"east.orders": {"0": 3}}})
    left = MoveGroups().undo(world, journal)
    assert left is not None
    assert left.startswith("the groups' offsets stay as they were set: connecting to Kafka cluster west")
    assert "That concerns 1 group at most. No group skips a record by that" in left
    assert left.endswith("let none of their consumers run on west")
    assert journal.content == {}, "a later cutover must not set back to these"


def test_nor_one_that_has_lost_the_brokers_of_a_group_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers, and refuses the offset: a group's coordinator has too few replicas, or none."""

    def refused(*_: object) -> None:
        raise CouldNotRead("setting the offsets of group billing", "not enough replicas", "run it again")

    monkeypatch.setattr(move_groups, "commit", refused)
    there = SimpleNamespace(group_offsets=lambda _: {}, group_commits=lambda _: {}, alias="west")
    world = SimpleNamespace(
        settings=settings(), sides=lambda: SimpleNamespace(target=there), mirror_user=lambda: None
    )
    journal = MemoryJournal()
    journal.keep(MOVE, BEFORE, {"billing": {"east.orders": {"0": 3}}})
    left = MoveGroups().undo(cast(World, world), journal)
    assert left is not None
    assert left.startswith("the groups' offsets stay as they were set: setting the offsets of group billing")


def test_nor_the_rollback_of_a_part_or_of_a_fence_by_acls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both logged in to the target first: a part to open its steps' world, and the fence for the address of
    the source. Its Kubernetes answers, so that `--target-is-lost` names this rollback.
    """

    def lost(*_: object, **__: object) -> Any:
        raise CouldNotConnect("connecting to Kafka cluster west", "not reachable", "check it")

    target(monkeypatch, None)
    monkeypatch.setattr(Session, "open", lost)
    monkeypatch.setattr(DeployedResource, "source_access", lambda *_: "east:9092")
    acls = FakeAcls([*ALLOWS, deny_write("orders")])
    admin = cast(Any, SimpleNamespace(acls=lambda access: acls if access == "east:9092" else None))
    given, journal = replace(settings(), cutover=CutoverSettings(fence="acls")), MemoryJournal()
    journal.keep("fence", "acls", [deny_write("orders")])
    with ExitStack() as stack:
        world = World(given, Path(), Session(given, Path(), stack), source_admin=admin)
        part = Part(given, MovedSettings(("orders",), ("billing",)))
        steps = steps_of_part(part)
        made = Engine(steps, seen_by(part, world), journal, lambda _: None)
        assert made.back() == "rolled-back"
    assert acls.there == ALLOWS
