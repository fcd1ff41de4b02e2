"""Opens the world of a cutover: the connections that all its steps share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mirror.clients.admin_config import AdminLogin
from mirror.clients.kubernetes import Kubernetes
from mirror.cutover.step import Options, World
from mirror.estate.connection import connect
from mirror.verify.reading.look import Session
from settings.model import Settings


@contextmanager
def opened(
    settings: Settings,
    root: Path,
    *,
    admin: AdminLogin | None = None,
    source_kubeconfig: Path | None = None,
    options: Options | None = None,
) -> Iterator[World]:
    """Open it for a `with` block. `source_kubeconfig`: instead of that of the stack file, which may only be
    allowed to read. Raises CouldNotRun.
    """
    with ExitStack() as stack:
        yield World(
            settings,
            root,
            Session(settings, root, stack),
            _source_kubernetes(settings, root, source_kubeconfig),
            admin,
            options=options or Options(),
        )


def _source_kubernetes(settings: Settings, root: Path, kubeconfig: Path | None) -> Kubernetes | None:
    if settings.source.origin != "kubernetes":
        return None
    if kubeconfig is not None:
        return Kubernetes.connect(kubeconfig)
    return connect(settings.source, root)
