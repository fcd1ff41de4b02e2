"""The lab's kubelet reads pods as Kubernetes' does, and refuses what it cannot run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.kubelet.pod import (
    Pod,
    Unsupported,
    command,
    environment,
    expanded,
    free_address,
    has_image,
    rewritten,
)
from lab.kubelet.pod_status import conditions


def pod(container: dict[str, Any] | None = None, **spec: Any) -> Pod:
    """A pod of one container."""
    one = {"name": "verify", "image": "r.example.com/region-mirror:1", **(container or {})}
    return Pod(
        {
            "metadata": {"name": "p", "namespace": "kafka", "uid": "u", "labels": {"a.b/c": "d"}},
            "spec": {"restartPolicy": "Never", "containers": [one], **spec},
        }
    )


def variables(*given: dict[str, Any]) -> dict[str, str]:
    one = pod({"env": list(given)})
    return environment(one, one.container, lambda name: {"key": f"of {name}"})


def test_variables_come_from_fields_config_maps_and_each_other() -> None:
    label = {"fieldRef": {"fieldPath": "metadata.labels['a.b/c']"}}
    kept = {"configMapKeyRef": {"name": "settings", "key": "key"}}
    found = variables(
        {"name": "A", "valueFrom": label},
        {"name": "B", "valueFrom": kept},
        {"name": "C", "value": "$(A)-$(UNKNOWN)-$$(A)"},
    )
    assert found == {"A": "d", "B": "of settings", "C": "d-$(UNKNOWN)-$(A)"}


def test_a_secret_is_never_put_into_a_variable() -> None:
    with pytest.raises(Unsupported, match="secretKeyRef"):
        variables({"name": "P", "valueFrom": {"secretKeyRef": {"name": "s", "key": "password"}}})


def test_the_index_of_an_indexed_job_reaches_the_command() -> None:
    argv = command({"command": ["python", "-m", "mirror"], "args": ["--slice=$(I)/4"]}, {"I": "2"}, "/py")
    assert argv == ["/py", "-m", "mirror", "--slice=2/4"]
    assert command({"args": ["verify"]}, {}, "/py") == ["/py", "-m", "mirror", "verify"]


def test_mounted_paths_are_those_of_this_machine() -> None:
    mounts = {"/etc/a": Path("/lab/one"), "/etc/a/b": Path("/lab/two")}
    assert rewritten("--file=/etc/a/x.yaml", mounts) == "--file=/lab/one/x.yaml"
    assert rewritten("/etc/a/b/x", mounts) == "/lab/two/x"
    assert rewritten("/etc/abc", mounts) == "/etc/abc"


@pytest.mark.parametrize(
    "spec",
    [
        {"containers": [{"name": "a"}, {"name": "b"}]},
        {"initContainers": [{"name": "a"}]},
        {"restartPolicy": "OnFailure"},
    ],
)
def test_what_it_cannot_run_it_refuses(spec: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        _ = pod(**spec).container


@pytest.mark.parametrize(
    ("image", "there"),
    [
        ("region-mirror", True),
        ("localhost:5000/platform/region-mirror:1.2", True),
        ("r.example.com/region-mirror@sha256:abc", True),
        ("r.example.com/region-mirror-2:1", False),
        ("busybox", False),
    ],
)
def test_there_is_one_image(image: str, there: bool) -> None:
    assert has_image({"image": image}) is there


def test_conditions_of_others_stay() -> None:
    disrupted = {"type": "DisruptionTarget", "status": "True"}
    made = conditions([disrupted, {"type": "Ready", "status": "True"}], ready=False, completed=True, now="t")
    assert made[0] == disrupted
    assert [one for one in made if one["type"] == "Ready"] == [
        {"type": "Ready", "status": "False", "lastTransitionTime": "t", "reason": "PodCompleted"}
    ]


def test_dollars_are_escaped() -> None:
    assert expanded("$$(A) $(A)", {"A": "x"}) == "$(A) x"


def test_each_pod_has_an_address_that_no_other_region_has() -> None:
    assert free_address(0x9C41, {"127.156.65.1", "127.156.65.3"}) == "127.156.65.2"
    assert free_address(0x9C42, {"127.156.65.1"}) == "127.156.66.1"
    with pytest.raises(Unsupported):
        free_address(0x9C41, {f"127.156.65.{last}" for last in range(1, 255)})


def test_its_address_reaches_its_variables() -> None:
    one = pod({"env": [{"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}]})
    assert environment(one, one.container, lambda _name: {}, "127.0.0.7") == {"IP": "127.0.0.7"}


def test_a_pod_says_whether_its_container_is_started_again() -> None:
    assert not pod().restarts
    assert pod(restartPolicy="Always").restarts
