"""The lab's kubelet runs the pods of Kubernetes' own Job controller, on an API of this test's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lab.layout import Lab
from lab.processes import find_all
from lab.region import kubernetes
from lab.toolchain import Toolchain
from mirror.clients.kubernetes import Kubernetes
from tests.lab.support.kubernetes_api import api_with, running
from tests.lab.support.pods import BATCH, CORE, World, kubelet
from tests.lab.support.wait import until

TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An API with its controllers; a test brings the node."""
    root = tmp_path_factory.mktemp("lab")
    with api_with(root, []):
        lab = Lab(root)
        with running(lab, kubernetes.controller_manager(lab, "west", Toolchain.load())):
            made = World(lab)
            account = f"{CORE}/serviceaccounts/default"
            until("the default account", lambda: _there(made.api, account), seconds=120)
            until("the CA", lambda: _there(made.api, f"{CORE}/configmaps/kube-root-ca.crt"), seconds=120)
            yield made


def _there(api: Kubernetes, path: str) -> bool:
    from mirror.problems import NotThere

    try:
        api.request("GET", path, path, verb="get")
    except NotThere:
        return False
    return True


def test_exit_codes_decide_as_the_jobs_rules_say(world: World) -> None:
    rule = {"action": "FailJob", "onExitCodes": {"containerName": "run", "operator": "In", "values": [1]}}
    with kubelet(world.lab):
        world.job("good", "print('done')")
        world.job("found", "raise SystemExit('lag')", backoffLimit=5, podFailurePolicy={"rules": [rule]})
        assert world.ended("good")["type"] == "Complete"
        ending = world.ended("found")
    assert (ending["type"], ending["reason"]) == ("Failed", "PodFailurePolicy")
    assert world.state("found")["terminated"]["exitCode"] == 1
    assert world.state("found")["terminated"]["message"] == "lag"
    assert world.log("good") == "done\n"


def test_it_sees_what_is_mounted_and_is_who_its_account_is(world: World) -> None:
    world.make(
        f"{CORE}/configmaps",
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "given"}, "data": {"a": "from a"}},
    )
    script = """
import json, os, ssl, sys, urllib.request
folder = os.environ["REGION_MIRROR_SERVICE_ACCOUNT"]
token = open(folder + "/token").read()
where = "https://%s:%s" % (os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"])
body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
request = urllib.request.Request(
    where + "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    json.dumps(body).encode(),
    {"Authorization": "Bearer " + token, "Content-Type": "application/json"},
)
opener = urllib.request.build_opener(
    urllib.request.ProxyHandler({}),
    urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=folder + "/ca.crt")),
)
print(json.load(opener.open(request))["status"]["userInfo"]["username"])
print(open(sys.argv[1]).read(), open(folder + "/namespace").read(), os.environ["NAME"])
"""
    projected = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 600}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
    ]
    label = {"fieldRef": {"fieldPath": "metadata.labels['batch.kubernetes.io/job-name']"}}
    with kubelet(world.lab):
        world.job(
            "mounted",
            script,
            container={
                "args": ["/etc/given/a"],
                "env": [{"name": "NAME", "valueFrom": label}],
                "volumeMounts": [
                    {"name": "given", "mountPath": "/etc/given"},
                    {"name": "token", "mountPath": TOKEN},
                ],
            },
            pod={
                "volumes": [
                    {"name": "given", "configMap": {"name": "given"}},
                    {"name": "token", "projected": {"sources": projected}},
                ]
            },
        )
        assert world.ended("mounted")["type"] == "Complete", world.log("mounted")
    assert world.log("mounted").splitlines() == [
        "system:serviceaccount:kafka:default",
        "from a kafka mounted",
    ]
    assert not list((world.lab.kubernetes("west") / "pods").rglob("token"))


def test_each_pod_of_an_indexed_job_knows_its_index(world: World) -> None:
    # The address of a pod that has ended may be given to the next one: they end when all three run.
    met = world.lab.root / "indexed"
    met.mkdir()
    script = (
        "import os, pathlib, time; index = os.environ['JOB_COMPLETION_INDEX']; print('index', index); "
        f"met = pathlib.Path({str(met)!r}); (met / index).touch(); "
        "list(iter(lambda: time.sleep(0.2) or len(list(met.iterdir())), 3))"
    )
    with kubelet(world.lab):
        world.job("indexed", script, completionMode="Indexed", completions=3, parallelism=3)
        assert world.ended("indexed")["type"] == "Complete"
    assert sorted(world.log("indexed").splitlines()) == ["index 0", "index 1", "index 2"]
    assert len({pod["status"]["podIP"] for pod in world.pods("indexed")}) == 3


def test_a_deadline_ends_the_process(world: World) -> None:
    with kubelet(world.lab):
        world.job("endless", "import time; time.sleep(3600)", activeDeadlineSeconds=8)
        until("its process", world.processes, seconds=60)
        assert world.ended("endless")["reason"] == "DeadlineExceeded"
        until("its process to end", lambda: not world.processes(), seconds=60)


def test_a_deleted_job_leaves_nothing(world: World) -> None:
    with kubelet(world.lab):
        world.job("removed", "import time; time.sleep(3600)")
        until("its process", world.processes, seconds=60)
        world.api.request(
            "DELETE",
            f"{BATCH}/jobs/removed",
            "removed",
            verb="delete",
            parameters={"propagationPolicy": "Foreground"},
        )
        until("its pod to go", lambda: not world.pods("removed"), seconds=120)
        until("its process to end", lambda: not world.processes(), seconds=60)
        until("its log to go", lambda: not world.log("removed"), seconds=60)


def test_a_node_that_comes_back_goes_on(world: World) -> None:
    with kubelet(world.lab):
        world.job("orphan", "import time; time.sleep(3600)")
        until("its process", world.processes, seconds=60)
        until("its status", lambda: "running" in json.dumps(world.pods("orphan")[0]["status"]), seconds=60)
    (name,) = world.processes()
    with kubelet(world.lab):
        for process in find_all(world.lab)[name]:
            psutil.Process(process.pid).kill()
        assert world.ended("orphan")["type"] == "Failed"
    assert world.state("orphan")["terminated"]["exitCode"] == 137


def test_another_image_cannot_be_pulled(world: World) -> None:
    with kubelet(world.lab):
        world.job("foreign", "pass", container={"image": "busybox:1"}, activeDeadlineSeconds=10)
        until(
            "what is wrong with it",
            lambda: [pod for pod in world.pods("foreign") if "ErrImagePull" in json.dumps(pod["status"])],
            seconds=60,
        )
        assert world.ended("foreign")["reason"] == "DeadlineExceeded"


def test_what_it_cannot_run_fails_and_says_so(world: World, tmp_path: Path) -> None:
    with kubelet(world.lab):
        world.job("asking", "pass", pod={"volumes": [{"name": "v", "hostPath": {"path": str(tmp_path)}}]})
        world.job(
            "two",
            "pass",
            pod={"initContainers": [{"name": "first", "image": "region-mirror", "command": ["python"]}]},
        )
        assert world.ended("two")["type"] == "Failed"
    (pod,) = world.pods("two")
    assert (pod["status"]["reason"], pod["status"]["message"]) == (
        "NotInThisLab",
        "the lab runs pods of one container",
    )
