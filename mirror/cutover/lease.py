"""A Kubernetes Lease beside the mirror, so that two operators never run the same cutover at once."""

from __future__ import annotations

import getpass
import hashlib
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
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
SKEW_SECONDS = 300.0
"""Clocks of two machines are closer to each other than this, as Kerberos also demands (RFC 4120, 1.6)."""
_LOOK_SECONDS = 2.0
_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def identity() -> str:
    """Who runs this command: user, host, machine and process."""
    return f"{getpass.getuser()}@{socket.gethostname()}/{_machine()}/{os.getpid()}"


def _machine() -> str:
    """Tell machines and containers with the same name of host from each other: each numbers its own
    processes, so a process of another one would look as if it had ended.
    """
    try:
        started = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        numbers = os.readlink("/proc/self/ns/pid")
    except OSError:  # not Linux
        started, numbers = str(uuid.getnode()), ""
    return hashlib.blake2b(f"{started}{numbers}".encode(), digest_size=3).hexdigest()


def holder(spec: Mapping[str, Any], now: float) -> tuple[str, float]:
    """Return who holds a lease, and for how many more seconds; an empty name where nobody does."""
    name, left = _last_holder(spec, now)
    return (name, left) if left > 0 else ("", 0.0)


def expired_lately(spec: Mapping[str, Any], now: float) -> str:
    """Return whose lease has expired by this machine's clock only, as far as the clocks may differ; an empty
    name where it is free, or has expired long ago."""
    name, left = _last_holder(spec, now)
    return name if -SKEW_SECONDS < left <= 0 else ""


def _last_holder(spec: Mapping[str, Any], now: float) -> tuple[str, float]:
    name = str(spec.get("holderIdentity") or "")
    try:
        renewed = datetime.strptime(str(spec.get("renewTime")), _FORMAT).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return "", 0.0
    return (name, renewed + float(spec.get("leaseDurationSeconds") or SECONDS) - now) if name else ("", 0.0)


def is_dead(name: str, me: str) -> bool:
    """Whether the holder was a process of this user and machine that has ended."""
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
    holds it. `say` is told what it waits for.

    A lease that has just expired by the clock of this machine is taken only after nobody has renewed it for
    its whole duration, as measured here: the holder wrote its time by another clock (client-go's leader
    election does the same).
    """

    def __init__(
        self,
        kubernetes: Kubernetes,
        settings: Settings,
        me: str = "",
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.me = me or identity()
        self._say = say
        self._kubernetes = kubernetes
        self._settings = settings
        self._name = Names.of(settings).cutover
        self._what = f"Lease {settings.target.namespace}/{self._name}"
        self._path = f"/apis/coordination.k8s.io/v1/namespaces/{settings.target.namespace}/leases"
        self._object: dict[str, Any] = {}
        self._renewed = (0.0, 0.0)
        """By both clocks: a machine that sleeps stops the monotonic one."""
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
        silent = max(now - then for now, then in zip(_clocks(), self._renewed, strict=True))
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
        former = expired_lately(self._object.get("spec") or {}, time.time())
        if former and former != self.me and not is_dead(former, self.me):
            self._watch(former)
        self._put(self.me)

    def _watch(self, former: str) -> None:
        """Return once the lease was released, or not renewed for its duration. Raises CouldNotRun where it is
        renewed."""
        seen, deadline = self._object["spec"], time.monotonic() + SECONDS
        self._say(f"waits up to {SECONDS} s for {former}, whose {self._what} has expired by this clock")
        while time.monotonic() < deadline:
            self._ends.wait(_LOOK_SECONDS)
            self.read()
            spec = self._object.get("spec") or {}
            if not spec.get("holderIdentity"):
                return
            if spec != seen:
                raise CouldNotRun(
                    f"taking {self._what}",
                    f"{spec['holderIdentity']} runs a cutover or a rollback of this mirror, and renews it; "
                    "by the clock of this machine it had expired",
                    "talk to them, and set the clocks of both machines (NTP)",
                )

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
        except NotThere:  # somebody has deleted it, as its journal may be
            self._object = {}
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
        asked, now = _clocks(), datetime.now(UTC).strftime(_FORMAT)
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


def _clocks() -> tuple[float, float]:
    return time.monotonic(), time.time()
