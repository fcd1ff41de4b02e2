"""Opens the Kubernetes API of one side from its settings in the stack file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mirror.clients.kubernetes import Kubernetes
from settings.model import SourceSettings, TargetSettings

_lock = threading.Lock()
_shared: dict[tuple[Path | None, str | None], Kubernetes] = {}
_sharing = 0
"""How many blocks of `one_login_each` are open."""


def connect(side: SourceSettings | TargetSettings, root: Path) -> Kubernetes:
    """The Kubernetes API of one side. Its kubeconfig is relative to `root`."""
    return connect_by(side.kubeconfig, side.context, root)


def connect_by(kubeconfig: str | None, context: str | None, root: Path) -> Kubernetes:
    """The same by the two settings that lead there."""
    chosen = kubeconfig_path(kubeconfig, root), context
    with _lock:
        if not _sharing:
            return Kubernetes.connect(*chosen)
        if chosen not in _shared:
            _shared[chosen] = Kubernetes.connect(*chosen)
        return _shared[chosen]


@contextmanager
def one_login_each() -> Iterator[None]:
    """Open each Kubernetes API once within the block, for all threads: for a program that reads and ends.

    Otherwise each reader opens its own: it logs in (`aws eks get-token` takes a second), asks
    for the versions of Strimzi's API, and makes a TLS connection for each request that is under way.
    """
    global _sharing
    with _lock:
        _sharing += 1
    try:
        yield
    finally:
        with _lock:
            _sharing -= 1
            if not _sharing:
                _shared.clear()


def kubeconfig_path(given: str | None, root: Path) -> Path | None:
    """The path of a kubeconfig in a stack file: relative to `root`; `~` is the home folder, as in Pulumi's
    Kubernetes provider.
    """
    return root / Path(given).expanduser() if given else None
