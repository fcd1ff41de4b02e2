"""Who changed a deployed resource outside Pulumi, from what the API server records of each field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from manifests.metadata import MIRROR
from mirror.ci import read_changes
from mirror.ci.changed_by import OutsideChanges, changes_markdown, outside_changes
from tests.unit.settings.sample import settings
from tests.unit.support.fake_kubernetes import FakeKubernetes


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


def test_kubectl_scale_is_named() -> None:
    """Drift was shown, and nobody had changed anything."""
    scaled = entry("kubectl", REPLICAS, subresource="scale")
    (found,) = outside_changes("KafkaMirrorMaker2", resource(scaled))
    assert (found.manager, found.fields) == ("kubectl", ("spec.replicas",))


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
    assert "\nNone.\n" in changes_markdown(OutsideChanges("east-to-west", ()))


class Target(FakeKubernetes):
    """A Kubernetes whose Secrets have managed fields, too."""

    def secret_metadata(self, namespace: str, name: str) -> dict[str, Any]:
        found = super().secret_metadata(namespace, name)
        return {**found, "managedFields": [entry("kubectl-patch", {"f:data": {"f:password": {}}})]}

    def add(self, kind: str, name: str, *entries: dict[str, Any], mirror: str = "east-to-west") -> None:
        metadata = {"name": name, "annotations": {MIRROR: mirror}, "managedFields": list(entries)}
        self.resources[(kind, name)] = {"kind": kind, "metadata": metadata}


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Target:
    there = Target("west")
    monkeypatch.setattr(read_changes, "connect", lambda *_: there)
    return there


def test_every_kind_that_a_mirror_declares_is_read(target: Target) -> None:
    """A drift of a Secret or of a ConfigMap had no author, and the report said that nobody was one."""
    edited = entry("kubectl-edit", {"f:data": {"f:x": {}}})
    target.add("KafkaUser", "orders-producer")
    target.add("KafkaUser", "of-another", mirror="other")
    target.add("ConfigMap", "east-to-west-metrics", edited)
    target.add("ConfigMap", "east-to-west-last-look", entry("python-httpx", {"f:data": {"f:look": {}}}))
    report: dict[str, Any] = {
        "f:data": {"f:at": {}, "f:verdict": {}}
    }  # of the Job: `verification.runner: job`
    target.add("ConfigMap", "east-to-west-verification", entry("python-httpx2", report))
    target.add("ConfigMap", "of-another", edited, mirror="other")
    target.add("Role", "east-to-west-verify", entry("kubectl-patch", {"f:rules": {}}))
    target.secrets_there = {
        "east-to-west-east-user": {},
        "east-to-west-orders-producer-password": {},
        "east-to-west-of-another-password": {},
    }
    found = read_changes.read_outside_changes(settings(), Path())
    assert [(one.resource, one.manager, one.fields) for one in found.changes] == [
        ("ConfigMap east-to-west-metrics", "kubectl-edit", ("data.x",)),
        ("Role east-to-west-verify", "kubectl-patch", ("rules",)),
        ("Secret east-to-west-east-user", "kubectl-patch", ("data.password",)),
        ("Secret east-to-west-orders-producer-password", "kubectl-patch", ("data.password",)),
    ]
    assert "PULUMI_K8S_ENABLE_PATCH_FORCE" in changes_markdown(found)
    # Seen on the lab: the provider's input remains, and the nightly run failed.
    assert "`pulumi up` without it" in changes_markdown(found)


def test_nobody_is_told_to_overwrite_a_cutover(target: Target) -> None:
    """It would start connectors that the cutover has stopped."""
    target.add("KafkaMirrorMaker2", "east-to-west", entry("region-mirror-cutover", REPLICAS))
    target.add("ConfigMap", "east-to-west-metrics", entry("kubectl-edit", {"f:data": {"f:x": {}}}))
    text = changes_markdown(read_changes.read_outside_changes(settings(), Path()))
    assert "complete it, or roll it back" in text
    assert "PATCH_FORCE" not in text


def test_what_must_not_be_read_is_named_and_is_not_nothing(target: Target) -> None:
    target.forbidden = {"metadata-of-Secret", "names-of-Role"}
    target.secrets_there = {"east-to-west-east-user": {}}
    found = read_changes.read_outside_changes(settings(), Path())
    assert set(found.unread) == {"Secret", "Role"}
    text = changes_markdown(found)
    assert "None of the kinds that could be read." in text
    assert "- Not read: Secret: forbidden." in text
