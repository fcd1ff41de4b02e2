"""A pod's status says what the controllers of Deployments and Jobs look at."""

from __future__ import annotations

from typing import Any

from lab.kubelet.pod import Pod
from lab.kubelet.pod_status import Told, status, waits_as_told

NOW, BEFORE = "2026-11-27T10:00:00Z", "2026-11-27T09:00:00Z"


def pod(**known: Any) -> Pod:
    """A pod of which the API knows this."""
    spec = {"containers": [{"name": "exporter", "image": "region-mirror:1"}]}
    return Pod({"metadata": {"name": "p", "namespace": "kafka", "uid": "u"}, "spec": spec, "status": known})


def test_a_running_container_is_ready_when_its_probe_says_so() -> None:
    running = {"running": {"startedAt": NOW}}
    found = status(pod(startTime=BEFORE), Told("Running", running, address="127.1.1.1"), NOW)
    (container,) = found["containerStatuses"]
    assert (container["started"], container["ready"]) == (True, False)
    assert (found["podIP"], found["startTime"]) == ("127.1.1.1", BEFORE)
    assert {one["type"]: one["status"] for one in found["conditions"]}["Ready"] == "False"


def test_a_condition_keeps_the_moment_since_when_it_is_so() -> None:
    known = [{"type": "Ready", "status": "True", "lastTransitionTime": BEFORE}]
    same = status(pod(conditions=known), Told("Running", {"running": {}}, ready=True), NOW)["conditions"]
    changed = status(pod(conditions=known), Told("Running", {"running": {}}), NOW)["conditions"]
    assert {one["type"]: one["lastTransitionTime"] for one in same}["Ready"] == BEFORE
    assert {one["type"]: one["lastTransitionTime"] for one in changed}["Ready"] == NOW


def test_a_restarted_container_tells_how_the_one_before_it_ended() -> None:
    told = Told("Running", {"running": {}}, restarts=2, ended={"exitCode": 1})
    (container,) = status(pod(), told, NOW)["containerStatuses"]
    assert container["restartCount"] == 2
    assert container["lastState"] == {"terminated": {"exitCode": 1}}


def test_what_the_api_knows_of_waiting_is_not_told_again() -> None:
    waiting = {"waiting": {"reason": "ErrImagePull", "message": "no such image"}}
    known = pod(containerStatuses=[{"state": waiting}])
    assert waits_as_told(known, Told("Pending", waiting))
    assert not waits_as_told(known, Told("Pending", {"waiting": {"reason": "ContainerCreating"}}))
    assert not waits_as_told(known, Told("Running", {"running": {}}))
