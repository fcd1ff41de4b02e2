"""A container of a pod: a process of this machine."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from lab.kubelet.pod import Manifest
from lab.kubelet.probe import Probe, probe
from lab.layout import PROJECT

UNKNOWN = 137  # what the kubelet says of a container whose end it missed (ContainerStatusUnknown)


@dataclass(slots=True)
class Container:
    """One that runs, or has ended and nobody has looked yet."""

    process: psutil.Process
    child: subprocess.Popen[bytes] | None
    """None when it was started by a kubelet that has died since."""
    began: float
    readiness: Probe | None
    liveness: Probe | None
    mounted: float = field(default_factory=time.time)
    """When its volumes were last written."""
    reason: str = ""
    """Why it was asked to stop."""
    asked_to_stop: float | None = None

    @classmethod
    def start(
        cls, manifest: Manifest, argv: Sequence[str], env: Mapping[str, str], output: Path
    ) -> Container:
        """Start it; what it says is appended to `output`. Raises Unsupported."""
        probes = _probes(manifest)
        output.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with output.open("ab") as log:
            child = subprocess.Popen(
                argv,
                cwd=PROJECT,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(psutil.Process(child.pid), child, time.time(), *probes)

    @classmethod
    def found(cls, manifest: Manifest, process: psutil.Process) -> Container:
        """One that another kubelet has started."""
        return cls(process, None, process.create_time(), *_probes(manifest))

    @property
    def ready(self) -> bool:
        """Whether its readiness probe, if it has one, holds."""
        return self.readiness is None or self.readiness.holds

    def code(self) -> int | None:
        """Its exit code, or None while it runs; a signal's number above 128, as runtimes say it."""
        if self.child is not None:
            found = self.child.poll()
            return found if found is None or found >= 0 else 128 - found
        alive = self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE
        return None if alive else UNKNOWN

    def stop(self, grace: float, reason: str = "") -> None:
        """Ask it to stop, and when it was asked `grace` seconds ago, make it."""
        with suppress(psutil.NoSuchProcess):
            if self.asked_to_stop is None:
                self.asked_to_stop, self.reason = time.time(), reason
                self.process.send_signal(signal.SIGTERM)
            elif time.time() - self.asked_to_stop > grace:
                self.process.send_signal(signal.SIGKILL)

    def kill(self) -> None:
        """Its pod is gone."""
        with suppress(psutil.NoSuchProcess):
            self.process.kill()
        if self.child is not None:
            self.child.wait()


def _probes(manifest: Manifest) -> tuple[Probe | None, Probe | None]:
    return probe(manifest, "readinessProbe"), probe(manifest, "livenessProbe")
