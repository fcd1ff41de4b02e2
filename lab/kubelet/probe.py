"""A container's probes, asked over HTTP as the kubelet asks them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from lab.kubelet.pod import Manifest, Unsupported

# Kubernetes' own: k8s.io/api/core/v1, Probe.
_PERIOD_SECONDS, _TIMEOUT_SECONDS, _FAILURES = 10, 1, 3

Answers = Callable[[str, int, str, float], bool]


@dataclass(slots=True)
class Probe:
    """One probe of one container: `look` says what it has found so far.

    A readiness probe begins with "not ready", a liveness probe with "alive"; both change their mind after
    `failureThreshold` failures in a row, and after one success.
    """

    port: int
    path: str
    period: float
    timeout: float
    failures_allowed: int
    holds: bool
    failures: int = 0
    next_at: float = 0.0

    def look(self, address: str, *, now: float | None = None, answers: Answers | None = None) -> bool:
        """Ask, where it is time to; return whether the container is ready, or alive."""
        now = time.monotonic() if now is None else now
        if now < self.next_at:
            return self.holds
        self.next_at = now + self.period
        if (answers or answers_http)(address, self.port, self.path, self.timeout):
            self.failures, self.holds = 0, True
        else:
            self.failures += 1
            if self.failures >= self.failures_allowed:
                self.holds = False
        return self.holds


def probe(container: Manifest, kind: str) -> Probe | None:
    """Read `readinessProbe` or `livenessProbe`; None where the container has none. Raises Unsupported."""
    given = container.get(kind)
    if not given:
        return None
    asked = given.get("httpGet")
    if not asked or asked.get("scheme", "HTTP") != "HTTP":
        raise Unsupported("the lab's probes ask over plain HTTP")
    return Probe(
        _number(container, asked["port"]),
        asked.get("path", "/"),
        given.get("periodSeconds", _PERIOD_SECONDS),
        given.get("timeoutSeconds", _TIMEOUT_SECONDS),
        given.get("failureThreshold", _FAILURES),
        holds=kind == "livenessProbe",
    )


def _number(container: Manifest, port: Any) -> int:
    """A port by its number or by its name."""
    if isinstance(port, int):
        return port
    for one in container.get("ports") or []:
        if one.get("name") == port:
            return int(one["containerPort"])
    raise Unsupported(f"the container names no port {port}")


def answers_http(address: str, port: int, path: str, timeout: float) -> bool:
    """Whether a GET is answered with success: 200 to 399, as for the kubelet."""
    connection = HTTPConnection(address, port, timeout=timeout)
    try:
        connection.request("GET", path)
        return 200 <= connection.getresponse().status < 400
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
