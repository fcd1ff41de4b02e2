"""Opens the world of a cutover: the connections that all its steps share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from manifests.strimzi.moved import moved_of
from mirror.clients.admin_config import AdminLogin
from mirror.clients.kubernetes import Kubernetes
from mirror.cutover.step import Options, World
from mirror.estate.connection import connect
from mirror.estate.deployed import DeployedResource
from mirror.verify.reading.look import Session
from settings.model import Settings

KUBECONFIG = "REGION_MIRROR_SOURCE_KUBECONFIG"
"""Variable with the path of a kubeconfig that may change the source's KafkaUsers."""
TARGET_IS_LOST = "--target-is-lost"
"""The option of a rollback without the target (`mirror.cutover.without_target`)."""


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
    allowed to read. `options` are added to those of the stack file. Raises CouldNotRun.
    """
    with ExitStack() as stack:
        settings = _without_moved(settings, root)
        yield World(
            settings,
            root,
            Session(settings, root, stack),
            source_kubernetes_of(settings, root, source_kubeconfig),
            admin,
            options=agreed_to(settings, options or Options()),
        )


def _without_moved(settings: Settings, root: Path) -> Settings:
    """Leave out what was moved as a part already, also where the stack file does not declare that yet.

    Raises CouldNotRun: an API that answers the next request would hide that, and a rollback would remove the
    fence of topics whose clients are on the target.
    """
    return settings.with_moved(moved_of(DeployedResource(settings, root).read()))


def source_kubernetes_of(settings: Settings, root: Path, kubeconfig: Path | None = None) -> Kubernetes | None:
    """Return the Kubernetes API of the source, None where it has none; no request is sent yet. Raises
    CouldNotRun.
    """
    if settings.source.origin != "kubernetes":
        return None
    if kubeconfig is not None:
        return Kubernetes.connect(kubeconfig)
    return connect(settings.source, root)


def agreed_to(settings: Settings, given: Options) -> Options:
    """Add what the stack file has agreed to."""
    return replace(
        given,
        accept_unfenced=given.accept_unfenced | frozenset(settings.cutover.accept_unfenced),
        leave_out_groups=given.leave_out_groups | frozenset(settings.cutover.leave_out_groups),
    )
