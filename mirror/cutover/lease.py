"""A Kubernetes Lease beside the mirror, so that two operators never run the same cutover at once."""

from __future__ import annotations

import getpass
import os
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from manifests.metadata import metadata
from mirror.clients.kubernetes import Kubernetes
from mirror.problems import AlreadyChanged, CouldNotConnect, CouldNotRun, NotThere
from settings.model import Settings
from settings.names import Names

SECONDS = 30
"""After so long without a renewal another operator may take the lease."""
_RENEW_SECONDS = 8.0
_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def identity() -> str:
    """Who runs this command: user, host and process."""
    return f"{getpass.getuser()}@{socket.gethostname()}/{os.getpid()}"


def holder(spec: Mapping[str, Any], now: float) -> tuple[str, float]:
    """Return who holds a lease, and for how many more seconds; an empty name where nobody does."""
    name = str(spec.get("holderIdentity") or "")
    try:
        renewed = datetime.strptime(str(spec.get("renewTime")), _FORMAT).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return "", 0.0
    left = renewed + float(spec.get("leaseDurationSeconds") or SECONDS) - now
    return (name, left) if name and left > 0 else ("", 0.0)


def is_dead(name: str, me: str) -> bool:
    """Whether the holder was a process of this user and host that has ended."""
    theirs, _, number = name.rpartition("/")
    if theirs != me.rpartition("/")[0] or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
        # Nobody has taken note of its end yet: in a container without an init process nobody ever does.
        return Path(f"/proc/{number}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] == "Z"
    except ProcessLookupError:
        return True
    except OSError:
        return False


class Lease:
    """Held within a `with` block and renewed by a thread. Entering raises CouldNotRun where another operator
    holds it.
    """

    def __init__(self, kubernetes: Kubernetes, settings: Settings, me: str = "") -> None:
        self.me = me or identity()
        self._kubernetes = kubernetes
        self._settings = settings
        self._name = Names.of(settings).cutover
        self._what = f"Lease {settings.target.namespace}/{self._name}"
        self._path = f"/apis/coordination.k8s.io/v1/namespaces/{settings.target.namespace}/leases"
        self._object: dict[str, Any] = {}
        self._renewed = 0.0
        self._lost = ""
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease of the cutover", daemon=True)

    def __enter__(self) -> Lease:
        self._take()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._thread.join()
        # An API that does not answer must not hide the command's own error; the lease expires by itself.
        with suppress(CouldNotRun):
            if not self._lost:
                self._put("")

    def held(self) -> None:
        """Raise CouldNotRun where another operator has the lease, and CouldNotConnect where one could have it
        because the API has not answered for so long: nothing may be changed, any more or for now.
        """
        way_out = "see who runs the cutover with `cutover status`, then run the command again"
        if self._lost:
            raise CouldNotRun(f"holding {self._what}", self._lost, way_out)
        silent = time.monotonic() - self._renewed
        if silent > SECONDS:
            happened = f"it was not renewed for {silent:.0f} s"
            raise CouldNotConnect(f"holding {self._what}", happened, way_out)

    def read(self) -> tuple[str, float]:
        """Return who holds the lease now, and for how many more seconds. Raises CouldNotRun."""
        try:
            found = self._kubernetes.request("GET", f"{self._path}/{self._name}", self._what, verb="get")
        except NotThere:
            return "", 0.0
        self._object = found
        return holder(found.get("spec") or {}, time.time())

    def other(self) -> tuple[str, float]:
        """Return who keeps this operator from taking the lease, and for how many more seconds; an empty name
        where nobody does, as after the end of a process of this machine. Raises CouldNotRun.
        """
        name, left = self.read()
        return ("", 0.0) if name == self.me or is_dead(name, self.me) else (name, left)

    def _take(self) -> None:
        name, left = self.other()
        if name:
            way_out = "talk to them; if that process has ended, the lease expires by itself: try again then"
            happened = f"{name} runs a cutover or a rollback of this mirror (for at least {left:.0f} s more)"
            raise CouldNotRun(f"taking {self._what}", happened, way_out)
        self._put(self.me)

    def _keep(self) -> None:
        while not self._ends.wait(_RENEW_SECONDS):
            try:
                self._renew()
            except CouldNotRun:
                continue  # `held` judges how long that may last
            if self._lost:
                return

    def _renew(self) -> None:
        try:
            self._put(self.me)
        except AlreadyChanged:
            # A renewal whose answer was lost has changed it, too.
            self.read()
            if (self._object.get("spec") or {}).get("holderIdentity") == self.me:
                self._put(self.me)
            else:
                self._lost = "another operator has taken it"

    def _put(self, me: str) -> None:
        # Others count from `renewTime`, which is that of the question: its answer may take many seconds.
        asked, now = time.monotonic(), datetime.now(UTC).strftime(_FORMAT)
        spec = self._object.get("spec") or {}
        same = spec.get("holderIdentity") == me
        body = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": self._object.get("metadata") or metadata(self._settings, self._name),
            "spec": {
                **spec,
                "holderIdentity": me,
                "leaseDurationSeconds": SECONDS,
                "acquireTime": spec.get("acquireTime") if same else now,
                "renewTime": now,
                "leaseTransitions": int(spec.get("leaseTransitions") or 0) + (0 if same else 1),
            },
        }
        verb, method, path = ("update", "PUT", f"{self._path}/{self._name}")
        if not self._object:
            verb, method, path = ("create", "POST", self._path)
        self._object = self._kubernetes.request(method, path, self._what, verb=verb, body=body)
        self._renewed = asked
