"""The patch that stops the connectors in the KafkaMirrorMaker2, and the owners of its fields afterwards."""

from __future__ import annotations

from typing import Any, cast

import pytest

from manifests.metadata import LOOK_AGAIN, STATES_BEFORE
from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, SOURCE_CONNECTOR
from mirror.cutover.connectors.change import (
    MANAGER,
    change,
    nudge_patch,
    ownership_patch,
    settle,
    states_patch,
)
from mirror.problems import AlreadyChanged, CouldNotRun
from tests.unit.cutover.connectors import resource


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


def test_what_was_just_read_serves_once_and_an_old_version_is_read_again() -> None:
    api, reads = Api(1), []

    def read() -> dict[str, Any]:
        reads.append(1)
        return resource()

    patches = [lambda now: states_patch(now, "east", {CHECKPOINT_CONNECTOR: "stopped"}, {})]
    change(cast(Any, api), read, [*patches, *patches], resource())
    assert (len(reads), len(api.sent)) == (2, 2), "the refused attempt is made again from a new reading"


@pytest.mark.parametrize(("alone", "nudges"), [(0.0, 1), (60.0, 0)])
def test_strimzi_is_left_alone_with_a_change_that_makes_it_look_anyway(
    alone: float, nudges: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirror.cutover.connectors.change._PAUSE_SECONDS", 0.0)
    api, answers = Api(0), iter([False, True])
    assert settle(cast(Any, api), lambda: resource("stopped"), lambda now: next(answers), 30.0, alone)
    assert len(api.sent) == nudges
