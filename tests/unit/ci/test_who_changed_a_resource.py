"""Who changed a deployed resource outside Pulumi, from what the API server records of each field."""

from __future__ import annotations

from typing import Any

from mirror.ci.changed_by import OutsideChanges, changes_markdown, outside_changes


def entry(
    manager: str, fields: dict[str, Any], time: str = "2026-11-29T01:00:00Z", **more: str
) -> dict[str, Any]:
    return {"manager": manager, "operation": "Update", "time": time, "fieldsV1": fields, **more}


def resource(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": "east-to-west", "managedFields": list(entries)}}


REPLICAS: dict[str, Any] = {"f:spec": {"f:replicas": {}}}


def test_pulumi_and_an_operators_status_are_not_named() -> None:
    found = outside_changes(
        "KafkaMirrorMaker2",
        resource(
            entry("pulumi-kubernetes-1a2b", REPLICAS),
            entry("strimzi-cluster-operator", {"f:status": {"f:url": {}}}, subresource="status"),
            entry("kubectl-annotate", {"f:metadata": {"f:annotations": {"f:x": {}}}}),
        ),
    )
    assert found == []


def test_an_annotation_that_stops_strimzi_has_its_author() -> None:
    """Pulumi's preview does not see an annotation that it has not declared."""
    paused: dict[str, Any] = {
        "f:metadata": {"f:annotations": {".": {}, "f:strimzi.io/pause-reconciliation": {}, "f:x": {}}}
    }
    (found,) = outside_changes("KafkaMirrorMaker2", resource(entry("kubectl-annotate", paused)))
    assert found.fields == ("metadata.annotations.strimzi.io/pause-reconciliation",)


def test_a_change_has_its_manager_time_and_fields() -> None:
    fields: dict[str, Any] = {
        "f:spec": {
            "f:replicas": {},
            "f:mirrors": {'k:{"name":"a"}': {".": {}, "f:topicsPattern": {}}, 'v:"x"': {}},
        }
    }
    older = entry("kubectl-patch", REPLICAS, "2026-11-28T01:00:00Z")
    first, second = outside_changes("KafkaMirrorMaker2", resource(older, entry("kubectl-edit", fields)))
    assert (first.resource, first.manager) == ("KafkaMirrorMaker2 east-to-west", "kubectl-edit")
    assert first.fields == (
        'spec.mirrors["x"]',
        'spec.mirrors[{"name":"a"}].topicsPattern',
        "spec.replicas",
    )
    assert (second.manager, second.time) == ("kubectl-patch", "2026-11-28T01:00:00Z")


def test_a_hostile_manager_stays_in_its_cell() -> None:
    found = outside_changes("KafkaUser", resource(entry("a|b @team", REPLICAS)))
    text = changes_markdown(OutsideChanges("east-to-west", tuple(found)))
    assert "| `a\\|b @team` |" in text
    assert changes_markdown(OutsideChanges("east-to-west", ())).endswith("None.\n")
