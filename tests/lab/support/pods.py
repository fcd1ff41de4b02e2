"""Jobs and their pods on an API of a test's own, run by the lab's kubelet."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lab.kubelet.node import Node
from lab.layout import Lab
from lab.processes import POD_PREFIX, find_all
from mirror.clients.kubernetes import Kubernetes
from tests.lab.support.wait import until

NAMESPACE = "kafka"


BATCH = f"/apis/batch/v1/namespaces/{NAMESPACE}"


CORE = f"/api/v1/namespaces/{NAMESPACE}"


class World:
    """An API, its controllers and a node."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.api = Kubernetes.connect(lab.kubeconfig("west"))

    def make(self, path: str, body: dict[str, Any]) -> None:
        """Create an object."""
        self.api.request("POST", path, path, verb="create", body=body)

    def job(self, name: str, script: str, **spec: Any) -> None:
        """Create a Job whose container runs a Python script."""
        container = {
            "name": "run",
            "image": "registry.example.com/region-mirror:1",
            "command": ["python", "-c", script],
            "terminationMessagePolicy": "FallbackToLogsOnError",
            **spec.pop("container", {}),
        }
        # Named, because no admission plugin does it here: a token is issued for the pod's own account only.
        pod = {"restartPolicy": "Never", "serviceAccountName": "default", "containers": [container]}
        pod |= spec.pop("pod", {})
        body = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": name},
            "spec": {"backoffLimit": 0, "template": {"spec": pod}, **spec},
        }
        self.make(f"{BATCH}/jobs", body)

    def ended(self, name: str, seconds: float = 180) -> dict[str, Any]:
        """Wait for a Job's end; return the condition that says so."""

        def look() -> dict[str, Any] | None:
            job = self.api.request("GET", f"{BATCH}/jobs/{name}", name, verb="get")
            for one in (job.get("status") or {}).get("conditions") or []:
                if one["status"] == "True" and one["type"] in ("Complete", "Failed"):
                    return dict(one)
            return None

        found = until(f"the end of {name}", look, seconds=seconds, every=0.3)
        assert found is not None
        return found

    def pods(self, job: str) -> list[dict[str, Any]]:
        """The pods of a Job."""
        labels = {"labelSelector": f"batch.kubernetes.io/job-name={job}"}
        answer = self.api.request("GET", f"{CORE}/pods", "pods", verb="list", parameters=labels)
        return list(answer["items"])

    def state(self, job: str) -> dict[str, Any]:
        """How the container of a Job's only pod ended."""
        (pod,) = self.pods(job)
        found: dict[str, Any] = pod["status"]["containerStatuses"][0]["state"]
        return found

    def log(self, job: str) -> str:
        """What the containers of a Job have said."""
        return "".join(path.read_text() for path in sorted((self.lab.logs / "pods").glob(f"*_{job}-*.log")))

    def processes(self) -> list[str]:
        """The pods' processes that run."""
        return [name for name in find_all(self.lab) if name.startswith(POD_PREFIX)]


@contextmanager
def kubelet(lab: Lab) -> Iterator[None]:
    """A node that looks all the time."""
    stopped, node = threading.Event(), Node(lab, "west")

    def work() -> None:
        while not stopped.wait(0.3):
            node.look()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
