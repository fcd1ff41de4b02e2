"""One region's node: takes pods, runs their containers as processes, and tells the API how they fare."""

from __future__ import annotations

import logging
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from lab.kubelet.container import UNKNOWN, Container
from lab.kubelet.pod import Pod, Unsupported, command, environment, free_address, has_image, rewritten
from lab.kubelet.pod_status import Told
from lab.kubelet.pods_api import PodsApi, at
from lab.kubelet.volumes import Volumes
from lab.layout import Lab
from lab.ports import known
from lab.processes import POD_PREFIX, find_all
from lab.processes import environment as identity
from mirror.clients.kubeconfig import SERVICE_ACCOUNT_VARIABLE
from mirror.clients.kubernetes import Kubernetes
from mirror.problems import CouldNotRun, NotThere

log = logging.getLogger(__name__)

SERVICE_ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
_TERMINATION_SECONDS = 30.0  # terminationGracePeriodSeconds' default
_BACKOFF_SECONDS, _BACKOFF_MOST = 10.0, 300.0  # kubelet: MaxContainerBackOff and its initial value
_RENEW_SECONDS = 2400.0  # before 80 % of an hour, when the kubelet would: the least life that a pod asks for
_MESSAGE_BYTES, _MESSAGE_LINES = 2048, 80  # kubelet: MaxContainerTerminationMessageLogLength, ...LogLines


class Node:
    """Call `look` again and again. It keeps nothing that it could not find out again."""

    def __init__(self, lab: Lab, region: str) -> None:
        self.name = f"lab-{region}"
        self._lab, self._region = lab, region
        kubernetes = Kubernetes.connect(lab.kubeconfig(region))
        self._api = PodsApi(kubernetes)
        self._volumes = Volumes(kubernetes, lab.kubernetes(region) / "pods")
        self._running: dict[str, Container] = {}
        self._known: dict[str, Pod] = {}
        self._again: dict[str, float] = {}
        """When a container that has ended is started again."""
        self._addresses: dict[str, str] = {}
        """Given to pods that are not over, whether the API knows of them already or not."""

    def look(self) -> bool:
        """Bring every pod one step on; say whether there is anything to be quick about."""
        pods = {pod.uid: pod for pod in self._api.all()}
        for gone in self._known.keys() - pods.keys():
            self._forget(self._known.pop(gone))
        for pod in pods.values():
            with suppress(NotThere):  # deleted meanwhile: the next look sees it
                try:
                    self._settle(pod)
                except Unsupported as problem:
                    log.warning("%s: %s", pod.where, problem)
                    self._api.tell(pod, Told("Failed", reason="NotInThisLab", message=str(problem)))
        return any(not pod.over and not (pod.restarts and pod.ready) for pod in pods.values())

    def _settle(self, pod: Pod) -> None:  # noqa: C901, PLR0912 - one branch for each state of a pod
        if not pod.node and not pod.leaving:
            self._api.bind(pod, self.name)
            return
        if pod.node != self.name:
            return
        self._known[pod.uid] = pod
        if pod.address and not pod.over:
            self._addresses[pod.uid] = pod.address
        if pod.over:
            self._volumes.remove(pod.uid)
            if pod.leaving:
                self._api.delete(pod)
            return
        running = self._running.get(pod.uid) or self._adopt(pod)
        if running is None:
            if pod.leaving:
                self._api.delete(pod)
            elif pod.uid in self._again:
                if time.time() >= self._again[pod.uid]:
                    del self._again[pod.uid]
                    self._start(pod)
            elif pod.phase == "Running":  # it ended while no kubelet was there
                self._ended(pod, UNKNOWN, time.time(), reason="ContainerStatusUnknown")
            else:
                self._start(pod)
            return
        code = running.code()
        if code is not None:
            del self._running[pod.uid]
            self._ended(pod, code, running.began, reason=running.reason)
            return
        limit = pod.deadline_seconds
        if pod.leaving:
            running.stop(pod.grace_seconds)
        elif limit is not None and time.time() - running.began > limit:
            running.stop(2.0, "DeadlineExceeded")
        else:
            self._watch(pod, running)

    def _watch(self, pod: Pod, running: Container) -> None:
        """Ask its probes, and renew its token."""
        if time.time() - running.mounted > _RENEW_SECONDS:
            running.mounted = time.time()
            self._volumes.mount(pod, pod.container)
        if running.liveness is not None and not running.liveness.look(pod.address):
            running.stop(_TERMINATION_SECONDS, "Unhealthy")
        elif running.readiness is not None:
            before = running.ready
            if running.readiness.look(pod.address) != before:
                self._runs(pod, running, pod.address)

    def _process(self, pod: Pod) -> str:
        return f"{POD_PREFIX}{self._region}-{pod.name}"

    def _log(self, pod: Pod) -> Path:
        return self._lab.logs / "pods" / f"{self._region}_{pod.namespace}_{pod.name}.log"

    def _adopt(self, pod: Pod) -> Container | None:
        found = find_all(self._lab).get(self._process(pod)) if pod.phase == "Running" else None
        if not found:
            return None
        self._running[pod.uid] = Container.found(pod.container, found[0])
        return self._running[pod.uid]

    def _start(self, pod: Pod) -> None:
        container = pod.container
        if not has_image(container):
            text = f"the lab has one image, region-mirror, and not {container.get('image')}"
            self._waiting(pod, "ErrImagePull", text)
            return
        try:
            mounts = self._volumes.mount(pod, container)
            address = self._address(pod)
            variables = environment(
                pod, container, lambda name: self._volumes.config_map(pod.namespace, name), address
            )
        except CouldNotRun as problem:
            self._waiting(pod, "ContainerCreating", str(problem))
            return
        argv = [rewritten(part, mounts) for part in command(container, variables, sys.executable)]
        env = self._environment(pod, mounts) | {k: rewritten(v, mounts) for k, v in variables.items()}
        running = Container.start(container, argv, env, self._log(pod))
        log.info("%s: started, pid %d", pod.where, running.process.pid)
        self._running[pod.uid] = running
        self._runs(pod, running, address)

    def _address(self, pod: Pod) -> str:
        if pod.uid not in self._addresses:
            port = known(self._lab)[f"{self._region}-kubernetes"]
            self._addresses[pod.uid] = free_address(port, self._addresses.values())
        return self._addresses[pod.uid]

    def _runs(self, pod: Pod, running: Container, address: str) -> None:
        state = {"running": {"startedAt": at(running.began)}}
        self._api.tell(
            pod,
            Told(
                "Running",
                state,
                ready=running.ready,
                address=address,
                restarts=pod.restart_count,
                ended=pod.ended,
            ),
        )

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

    def _ended(self, pod: Pod, code: int, began: float, *, reason: str) -> None:
        """Its container has ended: the pod is over, or the container is started again a little later."""
        own = reason if reason == "ContainerStatusUnknown" else ("Completed" if code == 0 else "Error")
        ended: dict[str, Any] = {
            "exitCode": code,
            "reason": own,
            "startedAt": at(began),
            "finishedAt": at(time.time()),
        }
        if code and pod.container.get("terminationMessagePolicy") == "FallbackToLogsOnError":
            ended["message"] = self._tail(pod)
        log.info("%s: ended with %d", pod.where, code)
        if pod.restarts and not pod.leaving:
            count = pod.restart_count
            delay = min(_BACKOFF_MOST, _BACKOFF_SECONDS * 2**count)
            self._again[pod.uid] = time.time() + delay
            waiting = {
                "reason": "CrashLoopBackOff",
                "message": f"back-off {delay:g}s restarting the container",
            }
            told = Told("Running", {"waiting": waiting}, address=pod.address, restarts=count + 1, ended=ended)
            self._api.tell(pod, told)
            return
        phase = "Succeeded" if code == 0 and not pod.leaving else "Failed"
        why = "DeadlineExceeded" if reason == "DeadlineExceeded" else None
        self._api.tell(pod, Told(phase, {"terminated": ended}, address=pod.address, reason=why))
        self._addresses.pop(pod.uid, None)
        self._volumes.remove(pod.uid)

    def _tail(self, pod: Pod) -> str:
        with suppress(OSError):
            text = self._log(pod).read_bytes()[-_MESSAGE_BYTES:].decode(errors="replace")
            return "\n".join(text.splitlines()[-_MESSAGE_LINES:])
        return ""

    def _waiting(self, pod: Pod, reason: str, message: str) -> None:
        waiting = {"reason": reason, "message": message}
        self._api.tell(pod, Told("Pending", {"waiting": waiting}, restarts=pod.restart_count))

    def _forget(self, pod: Pod) -> None:
        """The pod is gone from the API, and with it all that was its."""
        self._again.pop(pod.uid, None)
        self._addresses.pop(pod.uid, None)
        if running := self._running.pop(pod.uid, None):
            running.kill()
        self._volumes.remove(pod.uid)
        self._log(pod).unlink(missing_ok=True)
