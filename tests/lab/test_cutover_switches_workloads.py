"""A cutover stops pods at the source and starts them on the target, where they read through the binding.

In the middle of an earlier attempt a GitOps controller undoes the fence: the command finds and names it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from lightkube.models.meta_v1 import ObjectMeta

from lab.layout import NAMESPACE
from mirror.cutover.workloads.workload import annotation
from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.lab import KafkaUser, Regions
from tests.lab.support.own_mirror import own_mirror
from tests.lab.support.wait import until
from tests.lab.support.workloads import JOINS, KINDS, WRITES, Scene

RECORDS, READ = 20, 7


@pytest.fixture(scope="module")
def scene(regions: Regions) -> Iterator[Scene]:
    def configured(config: dict[str, Any]) -> None:
        name = config["mirror"]["name"]
        config["users"]["copy"] = [f"{name}-client"]
        config["cutover"] = {
            "workloads": [
                {"side": side, "role": role, "namespace": NAMESPACE, "labels": {"app": f"{name}-{role}"}}
                for side in ("source", "target")
                for role in ("consumer", "producer")
            ],
            "binding": {"name": f"{name}-active", "users": [f"{name}-client"]},
            "switch_command": [
                sys.executable, "-c",
                "import os; print('clients go to', os.environ['REGION_MIRROR_TARGET_BOOTSTRAP_SERVERS'])",
            ],
        }  # fmt: skip

    with own_mirror(regions, "switch", configured) as mirror:
        made = Scene(mirror, regions)
        east, west = regions.kafka("east"), regions.kafka("west")
        kafka.create_topic(east, mirror.topic())
        mirror.produce(*(f"v{number}" for number in range(RECORDS)))
        kafka.commit(east, made.group, mirror.topic(), READ)
        rules = [
            Acl("topic", mirror.topic(), "literal", ("Describe", "Read", "Write")),
            Acl("topic", mirror.copy(), "literal", ("Describe", "Read")),
            Acl("group", made.group, "literal", ("Read",)),
        ]
        regions.make_user("east", made.user, "scram-sha-512", rules)
        binding = f"{mirror.name}-active-{made.user}"
        told = {"NAME": made.user, "GROUP": made.group}
        at_source = {**told, "TOPIC": mirror.topic(), "BOOTSTRAP": regions.listener("east", "scram")}
        made.make("east", "consumer", 2, JOINS, made.user, "east-cluster-ca-cert", **at_source)
        made.make("east", "producer", 1, WRITES)
        made.make("west", "consumer", 0, JOINS, binding, TOPIC=mirror.copy(), COMMITS="yes", **told)
        made.make("west", "producer", 0, WRITES)
        mirror.stack.up().ok()
        try:
            yield made
        finally:
            for region in ("east", "west"):
                for role in ("consumer", "producer"):
                    made.delete(KINDS[role], region, made.name(role))
                until("its pods to end", lambda: not made.pods(region, "consumer"), seconds=60)  # noqa: B023
            made.delete("Secret", "west", binding)
            made.delete("ConfigMap", "west", f"{mirror.name}-active")
            regions.remove_user("east", made.user)
            for side in (east, west):
                kafka.delete_empty_group(side, made.group)


def test_a_gitops_controller_that_undoes_the_fence_is_found_and_named(scene: Scene) -> None:
    regions = scene.regions
    before = regions.kubernetes("east").get(KafkaUser, scene.user, namespace=NAMESPACE).spec

    def revert(event: dict[str, Any]) -> None:
        if (event["event"], event.get("step")) == ("done", "prove-fence"):
            user = KafkaUser(metadata=ObjectMeta(name=scene.user, namespace=NAMESPACE), spec=before)
            regions.kubernetes("east").apply(user, field_manager="argocd-controller", force=True)

    code, events = scene.cutover("--yes", seen=revert)
    assert code == 1
    assert events[-1]["event"] == "stopped"
    assert (
        f"step fence is no longer done: the fence was removed from KafkaUser {scene.user} "
        "(argocd-controller): they may write again"
    ) in events[-1]["text"]
    assert "pause the GitOps controller" in events[-1]["remedy"]
    assert "promote" not in {event.get("step") for event in events}
    assert scene.workload("east", "producer")["spec"]["replicas"] == 0

    code, events = scene.cutover("rollback", "--yes")
    assert code == 0, events[-1]
    for role, replicas in (("consumer", 2), ("producer", 1)):
        there = scene.workload("east", role)
        assert there["spec"]["replicas"] == replicas
        assert annotation(scene.mirror.name) not in (there["metadata"].get("annotations") or {})


def test_clients_move_with_their_mirror(scene: Scene) -> None:
    until("the readers at the source", lambda: len(scene.pods("east", "consumer")) == 2, seconds=60)
    code, events = scene.cutover("--yes")
    assert code == 0, events[-1]
    assert [event["step"] for event in events if event["event"] == "done"] == [
        "preflight", "find-workloads", "bind-source", "stop-producers", "fence", "prove-fence", "drain",
        "stop-sync", "stop-consumers", "move-groups", "prove", "promote", "bind-target", "switch-command",
        "start-consumers", "start-producers",
    ]  # fmt: skip
    west = scene.regions.listener("west", "scram")
    assert any("clients go to localhost:" in event["text"] for event in events)
    for role in ("consumer", "producer"):
        assert not scene.pods("east", role)
    assert scene.workload("west", "consumer")["status"]["availableReplicas"] == 2
    assert scene.workload("west", "producer")["status"]["availableReplicas"] == 1
    active = scene.api("west").config_map(NAMESPACE, f"{scene.mirror.name}-active")
    assert active["bootstrapServers"].decode() == west
    kafka_west, copy = scene.regions.kafka("west"), scene.mirror.copy()
    until(
        "the readers on the target to have read the rest",
        lambda: kafka.committed(kafka_west, scene.group, copy) == RECORDS,
        seconds=60,
    )
    logs = (scene.regions.lab.logs / "pods").glob(f"west_{NAMESPACE}_{scene.name('consumer')}-*.log")
    values = [line for log in logs for line in log.read_text().splitlines() if line.startswith("v")]
    assert values == [f"v{number}" for number in range(READ, RECORDS)]
    code, events = scene.cutover("--yes")
    assert code == 0
    assert any("nothing to do" in event["text"] for event in events)
