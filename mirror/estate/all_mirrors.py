"""Reads the estates of all mirrors of a stack in parallel."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from manifests.estate import Estate
from manifests.metadata import Owner
from mirror.estate.findings import EstateError
from mirror.estate.reading import read_estate
from mirror.problems import Finding
from settings.model import Settings


def read_estates(mirrors: Iterable[Settings], root: Path, owner: Owner | None = None) -> list[Estate]:
    """Read the estate of each mirror. Kubeconfig paths are relative to `root`; `owner` is the stack.

    Raises EstateError with the problems of all mirrors, each once: several mirrors may share a target.
    """
    with ThreadPoolExecutor(max_workers=4) as pool:
        futures = [pool.submit(read_estate, settings, root, owner) for settings in mirrors]
    findings: dict[Finding, None] = {}
    for future in futures:
        findings |= dict.fromkeys(_findings(future))
    if findings:
        raise EstateError(tuple(findings))
    return [future.result() for future in futures]


def _findings(future: Future[Estate]) -> tuple[Finding, ...]:
    """Return the findings of one mirror. Any exception other than an EstateError is raised."""
    error = future.exception()
    if error is None:
        return ()
    if isinstance(error, EstateError):
        return error.findings
    raise error
