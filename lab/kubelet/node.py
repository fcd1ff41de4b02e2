"""One region's node: takes pods, runs their containers as processes, and tells the API how they fare."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from lab.kubelet.pod import Pod, Unsupported, command, conditions, environment, has_image, rewritten
from lab.kubelet.volumes import Volumes
from lab.layout import PROJECT, Lab
from lab.ports import known
from lab.processes import POD_PREFIX, find_all
from lab.processes import environment as identity
from mirror.kubeconfig import SERVICE_ACCOUNT_VARIABLE
from mirror.kubernetes import Kubernetes
from mirror.problems import CouldNotRun, NotThere

log = logging.getLogger(__name__)

SERVICE_ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
_UNKNOWN = 137  # what the kubelet says of a container whose end it missed (ContainerStatusUnknown)
_MESSAGE_BYTES, _MESSAGE_LINES = 2048, 80  # kubelet: MaxContainerTerminationMessageLogLength, ...LogLines


@dataclass(slots=True)
class _Running:
    """A container's process."""

    process: psutil.Process
    child: subprocess.Popen[bytes] | None
    """None when it was started by a kubelet that has died since."""
    began: float
    reason: str = ""
    asked_to_stop: float | None = None

    def code(self) -> int | None:
        """Its exit code, or None while it runs; a signal's number above 128, as runtimes say it."""
        if self.child is not None:
            found = self.child.poll()
            return found if found is None or found >= 0 else 128 - found
        alive = self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE
        return None if alive else _UNKNOWN


class Node:
    """Call `look` again and again. It keeps nothing that it could not find out again."""

    def __init__(self, lab: Lab, region: str) -> None:
        self.name = f"lab-{region}"
        self._lab, self._region = lab, region
        self._kubernetes = Kubernetes.connect(lab.kubeconfig(region))
        self._volumes = Volumes(self._kubernetes, lab.kubernetes(region) / "pods")
        self._running: dict[str, _Running] = {}
        self._known: dict[str, Pod] = {}

    def look(self) -> bool:
        """Bring every pod one step on; say whether any is not over yet."""
        answer = self._kubernetes.request("GET", "/api/v1/pods", "all pods", verb="list")
        pods = {pod.uid: pod for pod in map(Pod, answer.get("items") or [])}
        for gone in self._known.keys() - pods.keys():
            self._forget(self._known.pop(gone))
        for pod in pods.values():
            with suppress(NotThere):  # deleted meanwhile: the next look sees it
                try:
                    self._settle(pod)
                except Unsupported as problem:
                    log.warning("%s: %s", pod.where, problem)
                    self._status(pod, phase="Failed", reason="NotInThisLab", message=str(problem))
        return any(not pod.over for pod in pods.values())

    def _settle(self, pod: Pod) -> None:
        if not pod.node and not pod.leaving:
            self._take(pod)
            return
        if pod.node != self.name:
            return
        self._known[pod.uid] = pod
        if pod.over:
            self._volumes.remove(pod.uid)
            if pod.leaving:
                self._delete(pod)
            return
        running = self._running.get(pod.uid) or self._adopt(pod)
        if running is None:
            if pod.leaving:
                self._delete(pod)
            elif pod.phase == "Running":  # it ended while no kubelet was there
                self._over(pod, _UNKNOWN, time.time(), reason="ContainerStatusUnknown")
            else:
                self._start(pod)
            return
        code = running.code()
        if code is not None:
            del self._running[pod.uid]
            self._over(pod, code, running.began, reason=running.reason)
            return
        limit = pod.deadline_seconds
        if pod.leaving:
            self._stop(running, pod.grace_seconds, "")
        elif limit is not None and time.time() - running.began > limit:
            self._stop(running, 2.0, "DeadlineExceeded")

    def _take(self, pod: Pod) -> None:
        """The scheduler's part."""
        self._kubernetes.request(
            "POST",
            f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/binding",
            f"the binding of pod {pod.where}",
            verb="create",
            body={
                "apiVersion": "v1",
                "kind": "Binding",
                "metadata": {"name": pod.name},
                "target": {"apiVersion": "v1", "kind": "Node", "name": self.name},
            },
        )

    def _process(self, pod: Pod) -> str:
        return f"{POD_PREFIX}{self._region}-{pod.name}"

    def _log(self, pod: Pod) -> Path:
        return self._lab.logs / "pods" / f"{self._region}_{pod.namespace}_{pod.name}.log"

    def _adopt(self, pod: Pod) -> _Running | None:
        found = find_all(self._lab).get(self._process(pod)) if pod.phase == "Running" else None
        if not found:
            return None
        self._running[pod.uid] = _Running(found[0], None, found[0].create_time())
        return self._running[pod.uid]

    def _start(self, pod: Pod) -> None:
        container = pod.container
        if not has_image(container):
            text = f"the lab has one image, region-mirror, and not {container.get('image')}"
            self._waiting(pod, "ErrImagePull", text)
            return
        try:
            mounts = self._volumes.mount(pod, container)
            variables = environment(
                pod, container, lambda name: self._volumes.config_map(pod.namespace, name)
            )
        except CouldNotRun as problem:
            self._waiting(pod, "ContainerCreating", str(problem))
            return
        argv = [rewritten(part, mounts) for part in command(container, variables, sys.executable)]
        path = self._log(pod)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("ab") as output:
            child = subprocess.Popen(
                argv,
                cwd=PROJECT,
                env=self._environment(pod, mounts) | {k: rewritten(v, mounts) for k, v in variables.items()},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        log.info("%s: started, pid %d", pod.where, child.pid)
        self._running[pod.uid] = _Running(psutil.Process(child.pid), child, time.time())
        state = {"running": {"startedAt": _time(time.time())}}
        self._status(pod, phase="Running", state=state, ready=True)

    def _environment(self, pod: Pod, mounts: dict[str, Path]) -> dict[str, str]:
        """Beside the pod's own: what image and kubelet would set, and what makes the process the lab's."""
        account = mounts.get(SERVICE_ACCOUNT_FOLDER)
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": "/nonexistent",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "KUBERNETES_SERVICE_HOST": "localhost",
            "KUBERNETES_SERVICE_PORT": str(known(self._lab)[f"{self._region}-kubernetes"]),
            **({SERVICE_ACCOUNT_VARIABLE: str(account)} if account else {}),
            **identity(self._lab, self._process(pod), pod.uid),
        }

    def _stop(self, running: _Running, grace: float, reason: str) -> None:
        with suppress(psutil.NoSuchProcess):
            if running.asked_to_stop is None:
                running.asked_to_stop, running.reason = time.time(), reason
                running.process.send_signal(signal.SIGTERM)
            elif time.time() - running.asked_to_stop > grace:
                running.process.send_signal(signal.SIGKILL)

    def _over(self, pod: Pod, code: int, began: float, *, reason: str) -> None:
        own = reason if reason == "ContainerStatusUnknown" else ("Completed" if code == 0 else "Error")
        ended: dict[str, Any] = {
            "exitCode": code,
            "reason": own,
            "startedAt": _time(began),
            "finishedAt": _time(time.time()),
        }
        if code and pod.container.get("terminationMessagePolicy") == "FallbackToLogsOnError":
            ended["message"] = self._tail(pod)
        log.info("%s: ended with %d", pod.where, code)
        phase = "Succeeded" if code == 0 and not pod.leaving else "Failed"
        why = "DeadlineExceeded" if reason == "DeadlineExceeded" else None
        self._status(pod, phase=phase, state={"terminated": ended}, reason=why)
        self._volumes.remove(pod.uid)

    def _tail(self, pod: Pod) -> str:
        with suppress(OSError):
            text = self._log(pod).read_bytes()[-_MESSAGE_BYTES:].decode(errors="replace")
            return "\n".join(text.splitlines()[-_MESSAGE_LINES:])
        return ""

    def _waiting(self, pod: Pod, reason: str, message: str) -> None:
        self._status(
            pod, phase="Pending", state={"waiting": {"reason": reason, "message": message}}, ready=False
        )

    def _status(
        self,
        pod: Pod,
        *,
        phase: str,
        state: dict[str, Any] | None = None,
        ready: bool = False,
        reason: str | None = None,
        message: str | None = None,
    ) -> None:
        former = pod.manifest.get("status") or {}
        status: dict[str, Any] = {
            "phase": phase,
            "startTime": former.get("startTime") or _time(time.time()),
            "conditions": conditions(
                former.get("conditions") or [],
                ready=ready,
                completed=phase == "Succeeded",
                now=_time(time.time()),
            ),
        }
        if state is not None:
            container = pod.manifest["spec"]["containers"][0]
            one = {"name": container["name"], "image": container.get("image", ""), "imageID": ""}
            status["containerStatuses"] = [
                {**one, "ready": ready, "started": ready, "restartCount": 0, "state": state}
            ]
        if reason:
            status |= {"reason": reason, "message": message or ""}
        waits = ((former.get("containerStatuses") or [{}])[0].get("state") or {}).get("waiting")
        if state and waits and state.get("waiting") == waits:
            return
        self._kubernetes.request(
            "PATCH",
            f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/status",
            f"the status of pod {pod.where}",
            verb="patch",
            body={"status": status},
        )

    def _delete(self, pod: Pod) -> None:
        """The last word on a deleted pod: its container has ended."""
        self._kubernetes.request(
            "DELETE",
            f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}",
            f"pod {pod.where}",
            verb="delete",
            body={"gracePeriodSeconds": 0, "preconditions": {"uid": pod.uid}},
        )

    def _forget(self, pod: Pod) -> None:
        """The pod is gone from the API, and with it all that was its."""
        running = self._running.pop(pod.uid, None)
        if running is not None:
            with suppress(psutil.NoSuchProcess):
                running.process.kill()
            if running.child is not None:
                running.child.wait()
        self._volumes.remove(pod.uid)
        self._log(pod).unlink(missing_ok=True)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
