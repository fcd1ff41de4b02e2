"""The connectors in the KafkaMirrorMaker2: when they are stopped, and the patch that stops them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from manifests.metadata import LOOK_AGAIN, STATES_BEFORE
from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, SOURCE_CONNECTOR
from mirror.cutover.connectors.change import MANAGER, change, nudge_patch, ownership_patch, states_patch
from mirror.cutover.connectors.judge import ConnectorState, connector_state, stopping
from mirror.problems import AlreadyChanged, CouldNotRun

CHECKPOINTS = "east->west.MirrorCheckpointConnector"


def resource(state: str | None = "running", runs: str = "RUNNING", tasks: int = 1) -> dict[str, Any]:
    connector = {"config": {"a": "b"}} | ({"state": state} if state else {})
    tasks_there = [{"id": one, "state": "RUNNING"} for one in range(tasks)]
    status = {"name": CHECKPOINTS, "connector": {"state": runs}, "tasks": tasks_there}
    return {
        "kind": "KafkaMirrorMaker2",
        "metadata": {
            "name": "east-to-west", "namespace": "kafka", "generation": 3, "resourceVersion": "17",
            "annotations": {"region-mirror/mirror": "east-to-west"},
        },
        "spec": {
            "mirrors": [
                {"source": {"alias": "north"}, "sourceConnector": {}, "checkpointConnector": {}},
                {"source": {"alias": "east"}, "sourceConnector": {"state": "running"},
                 "checkpointConnector": connector, "topicsPattern": "orders"},
            ]
        },
        "status": {"observedGeneration": 3, "connectors": [status]},
    }  # fmt: skip


def seen(of: dict[str, Any]) -> ConnectorState:
    return connector_state(of, "east", CHECKPOINT_CONNECTOR, CHECKPOINTS)


def verdict(of: dict[str, Any]) -> tuple[str, str]:
    found = stopping([seen(of)], "the checkpoint connector")
    return found.state, found.text


def test_a_connector_that_is_declared_to_run_is_to_stop() -> None:
    assert verdict(resource())[0] == "todo"
    assert verdict(resource(None))[0] == "todo"  # Strimzi runs it


def test_a_declaration_is_not_enough() -> None:
    state, text = verdict(resource("stopped"))
    assert (state, text) == (
        "waiting",
        f"Strimzi has not stopped the checkpoint connector yet: {CHECKPOINTS} is RUNNING with 1 task",
    )
    old = resource("stopped", "STOPPED", 0)
    old["metadata"]["generation"] = 4
    assert verdict(old)[0] == "waiting"
    assert verdict(resource("stopped", "STOPPED", 1))[0] == "waiting"


def test_a_paused_reconciliation_stops_nothing() -> None:
    of = resource("stopped")
    of["status"]["conditions"] = [{"type": "ReconciliationPaused", "status": "True"}]
    found = stopping([seen(of)], "the checkpoint connector")
    assert found.state == "blocked"
    assert "strimzi.io/pause-reconciliation" in found.remedy


def test_it_is_stopped_without_tasks_or_if_it_is_not_declared() -> None:
    assert verdict(resource("stopped", "STOPPED", 0)) == ("done", "the checkpoint connector is stopped")
    without = resource()
    del without["spec"]["mirrors"][1]["checkpointConnector"]
    assert verdict(without)[0] == "done"


NOT_READY = {"type": "NotReady", "status": "True", "reason": "ConnectRestException", "message": "no\n answer"}


def test_what_strimzi_says_is_read_from_the_status() -> None:
    assert seen(resource()) == ConnectorState(CHECKPOINTS, "running", "RUNNING", ("RUNNING",), True)
    of = resource("stopped", "STOPPED", 2)
    of["status"]["connectors"].insert(0, {"name": "east->west.MirrorSourceConnector"})
    of["status"]["conditions"] = [{"type": "Ready", "status": "True"}, {**NOT_READY, "status": "False"}]
    of["metadata"]["generation"] = 4
    assert seen(of) == ConnectorState(CHECKPOINTS, "stopped", "STOPPED", ("RUNNING", "RUNNING"), False)
    of["status"]["conditions"].append(NOT_READY)
    assert seen(of).condition == "NotReady ConnectRestException no answer"
    del of["status"]
    assert seen(of) == ConnectorState(CHECKPOINTS, "stopped", None, (), False)
    of["metadata"] = {}
    assert not seen(of).observed, "neither side names a generation"


def test_a_mirror_from_another_source_declares_no_connector_of_this_one() -> None:
    other = connector_state(
        resource(), "south", CHECKPOINT_CONNECTOR, "south->west.MirrorCheckpointConnector"
    )
    assert other.declared is None
    assert other.state is None


def a(declared: str | None, state: str | None, *tasks: str, **more: Any) -> ConnectorState:
    return ConnectorState(CHECKPOINTS, declared, state, tasks, **{"observed": True, **more})


def test_stopped_needs_the_declaration_and_connects_own_word_of_the_newest_generation() -> None:
    assert a("stopped", "STOPPED").stopped
    for other in (
        a("stopped", "STOPPED", "RUNNING"),
        a("stopped", "RUNNING"),
        a("running", "STOPPED"),
        a("stopped", "STOPPED", observed=False),
    ):
        assert not other.stopped
    assert a("running", "RUNNING", "RUNNING").is_in("running")
    assert a("running", "PAUSED").at_rest
    assert a("running", "STOPPED").at_rest
    assert not a("stopped", "RUNNING").at_rest


def test_without_tasks_nothing_is_copied_though_connect_may_not_have_confirmed_it() -> None:
    assert a("stopped", "RUNNING").without_tasks
    for other in (
        a("stopped", "RUNNING", "RUNNING"),
        a("stopped", None),
        a("running", "RUNNING"),
        a("stopped", "RUNNING", observed=False),
        a("stopped", "RUNNING", condition="NotReady"),
    ):
        assert not other.without_tasks


def test_failures_are_named_with_their_task() -> None:
    failed = a("running", "FAILED", "RUNNING", "FAILED").failed
    assert failed == (f"{CHECKPOINTS} (FAILED)", f"{CHECKPOINTS} task 1 (FAILED)")
    assert a("running", None, "RUNNING").failed == ()
    assert a("running", "RUNNING", "RUNNING").failed == ()
    assert a("stopped", "FAILED", "FAILED").failed == ()


def test_the_verdicts_hold_what_was_seen() -> None:
    first, second = a("running", "RUNNING", "RUNNING"), replace(a("running", "RUNNING"), name="source")
    evidence = {"declared": "running", "state": "RUNNING", "tasks": ["RUNNING"]}
    assert stopping([first], "it").to_json() == {
        "state": "todo",
        "text": f"{CHECKPOINTS} is declared to run",
        "evidence": {CHECKPOINTS: evidence},
    }
    assert stopping([first, second], "they").text == f"{CHECKPOINTS} and source are declared to run"
    paused = stopping([replace(first, declared="paused")], "it")
    assert paused.state == "todo", "a paused connector keeps its tasks"
    ending = a("stopped", None, condition="NotReady no answer")
    assert stopping([ending], "it").to_json() == {
        "state": "waiting",
        "text": f"Strimzi has not stopped it yet: {CHECKPOINTS} is unknown with 0 tasks (NotReady no answer)",
        "remaining": 1,
        "evidence": {CHECKPOINTS: {"declared": "stopped", "state": None, "tasks": []}},
    }
    done = stopping([a("stopped", "STOPPED"), replace(a(None, None), name="source")], "it")
    assert done.to_json() == {
        "state": "done",
        "text": "it is stopped",
        "remaining": 0,
        "evidence": {
            CHECKPOINTS: {"declared": "stopped", "state": "STOPPED", "tasks": []},
            "source": {"declared": None, "state": None, "tasks": []},
        },
    }


def test_a_paused_reconciliation_is_named_with_what_was_seen() -> None:
    ending = a("stopped", "RUNNING", "RUNNING", condition="ReconciliationPaused")
    verdict = stopping([ending], "it").to_json()
    assert verdict["state"] == "blocked"
    assert verdict["text"].startswith("the reconciliation of the KafkaMirrorMaker2 is paused")
    assert verdict["evidence"] == {
        CHECKPOINTS: {"declared": "stopped", "state": "RUNNING", "tasks": ["RUNNING"]}
    }


def test_the_patch_holds_the_whole_list_and_the_version_that_it_was_made_from() -> None:
    of = resource()
    patch = states_patch(of, "east", {CHECKPOINT_CONNECTOR: "stopped"}, {STATES_BEFORE: "{}"})
    assert patch is not None
    assert patch["metadata"] == {"resourceVersion": "17", "annotations": {STATES_BEFORE: "{}"}}
    north, east = patch["spec"]["mirrors"]
    assert north == of["spec"]["mirrors"][0]
    assert east == {
        **of["spec"]["mirrors"][1],
        "checkpointConnector": {"config": {"a": "b"}, "state": "stopped"},
    }
    assert of["spec"]["mirrors"][1]["checkpointConnector"]["state"] == "running"


def test_nothing_is_patched_where_nothing_changes() -> None:
    assert states_patch(resource("stopped"), "east", {CHECKPOINT_CONNECTOR: "stopped"}, {}) is None
    only = states_patch(resource("stopped"), "east", {CHECKPOINT_CONNECTOR: "stopped"}, {STATES_BEFORE: "x"})
    assert only is not None
    assert "spec" not in only
    removed = states_patch(resource(), "east", {SOURCE_CONNECTOR: "running"}, {STATES_BEFORE: None})
    assert removed is None  # it is not there


def test_fields_of_the_spec_are_handed_back_to_who_applies_the_resource() -> None:
    of = resource()
    mirrors: dict[str, Any] = {"f:spec": {"f:mirrors": {}}}
    note: dict[str, Any] = {"f:metadata": {"f:annotations": {"f:x": {}}}}
    status = {"manager": "strimzi", "operation": "Update", "subresource": "status", "fieldsV1": {"f:s": {}}}
    of["metadata"]["managedFields"] = [
        {"manager": "pulumi-kubernetes-1", "operation": "Apply", "fieldsV1": {"f:spec": {"f:replicas": {}}}},
        {"manager": MANAGER, "operation": "Update", "fieldsV1": {**mirrors, **note}},
        status,
    ]
    patch = ownership_patch(of)
    assert patch is not None
    pulumi, ours, other = patch["metadata"]["managedFields"]
    assert pulumi["fieldsV1"] == {"f:spec": {"f:replicas": {}, "f:mirrors": {}}}
    assert ours["fieldsV1"] == note
    assert other == status
    of["metadata"]["managedFields"] = patch["metadata"]["managedFields"]
    assert ownership_patch(of) is None


def test_without_a_manager_that_applies_it_nothing_is_handed_over() -> None:
    of = resource()
    of["metadata"]["managedFields"] = [
        {"manager": MANAGER, "operation": "Update", "fieldsV1": {"f:spec": {"f:mirrors": {}}}}
    ]
    assert ownership_patch(of) is None


class Api:
    """Refuses the first patches as Kubernetes does where the resource has changed since."""

    def __init__(self, refusals: int, error: type[CouldNotRun] = AlreadyChanged) -> None:
        self.refusals, self.error = refusals, error
        self.sent: list[dict[str, Any]] = []

    def strimzi_path(self, kind: str, namespace: str, name: str) -> str:
        return f"{kind} {namespace}/{name}"

    def request(self, method: str, path: str, what: str, **more: Any) -> dict[str, Any]:
        if self.refusals:
            self.refusals -= 1
            raise self.error("changing", "refused", "correct it")
        self.sent.append({"path": path, **more})
        return {}


def stop(api: Any) -> None:
    patches = [lambda now: states_patch(now, "east", {CHECKPOINT_CONNECTOR: "stopped"}, {})]
    change(api, resource, patches)


def test_a_patch_made_from_an_old_version_is_made_again() -> None:
    api = Api(3)
    stop(api)
    (sent,) = api.sent
    assert sent["path"] == "KafkaMirrorMaker2 kafka/east-to-west"
    assert sent["parameters"] == {"fieldManager": MANAGER}


def test_another_refusal_is_raised_at_once() -> None:
    with pytest.raises(CouldNotRun):
        stop(Api(1, CouldNotRun))
    with pytest.raises(AlreadyChanged):
        stop(Api(99))


def test_strimzi_is_made_to_look_again_every_few_seconds() -> None:
    of = resource("stopped")
    patch = nudge_patch(of, 100.0)
    assert patch == {"metadata": {"resourceVersion": "17", "annotations": {LOOK_AGAIN: "100"}}}
    of["metadata"]["annotations"][LOOK_AGAIN] = "100"
    assert nudge_patch(of, 101.0) is None
    assert nudge_patch(of, 105.0) is not None
    of["metadata"]["annotations"][LOOK_AGAIN] = "damaged"
    assert nudge_patch(of, 105.0) is not None
