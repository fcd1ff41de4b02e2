"""The region from which groups would return is lost: by the word of a person the old one opens without it.

After a second disaster the refusal of `failover` names `reopen --accept-unmirrored`. With prefixes that ended
at the groups, which it could not read on the dead Kafka, and left the old region fenced.
"""

from __future__ import annotations

from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.source_look import SourceSeen, SourceState
from mirror.cutover import target_kafka
from mirror.cutover.reopening.return_groups import ReturnGroups
from mirror.cutover.reopening.steps import reopening_steps
from mirror.cutover.reopening.way_back import LookAtWayBack
from mirror.cutover.step import Verdict, World
from mirror.problems import CouldNotConnect, CouldNotRead
from tests.unit.cutover.reopening.test_the_old_region_opens_after_the_way_home import Reopening
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi

LOST = CouldNotConnect("connecting to Kafka cluster west", "not reachable", "check it")
STOPPED = {"sourceConnector": {"state": "stopped"}, "checkpointConnector": {"state": "stopped"}}


def broker(
    ready: str, name: str = "west-kafka-0", role: str = "true", component: str = "west-kafka"
) -> dict[str, Any]:
    """A pod as Strimzi labels it; `role` "": the entity operator, or a broker before node pools."""
    labels = {"strimzi.io/cluster": "west", "strimzi.io/kind": "Kafka", "strimzi.io/name": component}
    if role:
        labels["strimzi.io/broker-role"] = role
    conditions = [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": ready}]
    return {"metadata": {"name": name, "labels": labels}, "status": {"conditions": conditions}}


def kubernetes(*pods: dict[str, Any]) -> MemoryApi:
    api = MemoryApi()
    for pod in pods:
        api.put(f"/api/v1/namespaces/kafka/pods/{pod['metadata']['name']}", pod)
    return api


def look(
    monkeypatch: pytest.MonkeyPatch,
    state: SourceState,
    *,
    accepted: bool,
    error: Exception = LOST,
    target: MemoryApi | None = None,
) -> Verdict:
    """What `return-groups` says where a login fails, and the target answers so."""

    def opened() -> Any:
        raise error

    def asked(access: Any) -> SourceSeen:
        assert access == "west:9093"
        return SourceSeen(state, "west at west:9093: nothing listens at its addresses", 0.5)

    monkeypatch.setattr(target_kafka, "look_at_source", asked)
    session = SimpleNamespace(deployed=SimpleNamespace(target_access=lambda _: "west:9093"))
    given = settings(replication_policy="default")
    world = SimpleNamespace(
        settings=given,
        sides=opened,
        session=session,
        resource=dict,
        target_kubernetes=target or kubernetes(broker("False")),
    )
    with ExitStack() as stack:
        steps = {one.name: one for one in reopening_steps(given, stack, accepted=accepted)}
        step = steps["return-groups"]
        assert isinstance(step, ReturnGroups)
        return step.look(cast(World, world))


def way_back(
    monkeypatch: pytest.MonkeyPatch, state: SourceState, target: MemoryApi, *, accepted: bool = True
) -> Verdict:
    """What `look-at-way-back` says where Connect does not confirm the stop."""
    scene = Reopening(monkeypatch)
    scene.resource["spec"]["mirrors"][0] |= STOPPED
    session = SimpleNamespace(deployed=SimpleNamespace(target_access=lambda _: "west:9093"))
    monkeypatch.setattr(target_kafka, "look_at_source", lambda _: SourceSeen(state, "west: no answer", 5.0))
    changed = {"session": session, "target_kubernetes": target}
    world = cast(World, SimpleNamespace(**{**vars(scene.world), **changed}))
    return LookAtWayBack(accepted=accepted).look(world)


@pytest.mark.parametrize(
    ("state", "accepted", "verdict"),
    [("silent", True, "done"), ("healthy", True, "waiting"), ("silent", False, "waiting")],
)
def test_connect_need_not_confirm_the_stop(
    monkeypatch: pytest.MonkeyPatch, state: SourceState, accepted: bool, verdict: str
) -> None:
    """Strimzi's status has no connectors any more where Connect does not answer for want of its Kafka."""
    others = broker("True", "controller", "false"), broker("True", "operator", "", "west-entity-operator")
    pods = broker("False"), *others
    found = way_back(monkeypatch, state, kubernetes(*pods), accepted=accepted)
    assert found.state == verdict
    seen = (
        "no broker of west answers here (west: no answer), and its Kubernetes has 1 Kafka pod, none of them"
    )
    assert (seen in found.text) == (verdict == "done")


def test_a_machine_that_is_cut_off_takes_no_kafka_for_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kubelet's probe says that a broker runs: MM2, which is beside it, may copy records."""
    target = kubernetes(broker("True"), broker("False", "west-kafka-1"))
    found = way_back(monkeypatch, "silent", target)
    assert found.state == "blocked"
    assert "but its Kubernetes has Kafka pods that are ready: west-kafka-0" in found.text
    assert "MM2 may still run" in found.text
    assert found.remedy.startswith("run this command where the Kafka of west answers")
    with pytest.raises(CouldNotConnect) as told:
        look(monkeypatch, "silent", accepted=True, target=target)
    assert "west-kafka-0" in told.value.way_out


def test_brokers_of_a_strimzi_before_node_pools_are_witnesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their pods have no label of a role: they were no Kafka pods, and a Kafka that was well was lost."""
    found = way_back(monkeypatch, "silent", kubernetes(broker("True", role="")))
    assert found.state == "blocked"
    assert "pods that are ready: west-kafka-0" in found.text


def test_without_a_second_witness_it_says_what_was_seen_and_what_to_make_sure_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = way_back(monkeypatch, "silent", kubernetes())
    assert found.state == "done"
    assert found.text.endswith(
        "Connect has not confirmed that MM2 is stopped: no broker of west answers here (west: no answer), "
        "and its Kubernetes has no Kafka pod. While that Kafka is lost, MM2 copies nothing: make sure that "
        "it is"
    )
    dead = kubernetes()
    dead.dead = True
    assert "is not known (reaching" in way_back(monkeypatch, "silent", dead).text


def test_its_groups_keep_their_offsets(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = look(monkeypatch, "silent", accepted=True)
    assert verdict.state == "done"
    assert verdict.text == (
        "no broker of west answers here (west at west:9093: nothing listens at its addresses), and "
        "its Kubernetes has 1 Kafka pod, none of them ready. Groups keep their offsets on east: none skips "
        "a record there, and each reads again what it has read of copies on west"
    )


@pytest.mark.parametrize("state", ["refused", "partly", "healthy", "unknown"])
def test_one_that_answers_is_not_lost(monkeypatch: pytest.MonkeyPatch, state: SourceState) -> None:
    """The old region's own Kafka may be the one that does not answer."""
    with pytest.raises(CouldNotConnect):
        look(monkeypatch, state, accepted=True)


def test_without_the_word_of_a_person_it_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CouldNotConnect):
        look(monkeypatch, "silent", accepted=False)


def test_a_request_that_fails_is_no_lost_region(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = CouldNotRead("reading offsets", "no answer in time", "try again")
    with pytest.raises(CouldNotRead):
        look(monkeypatch, "silent", accepted=True, error=failed)
