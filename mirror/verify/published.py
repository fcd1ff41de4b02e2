"""A verification's outcome in a ConfigMap: written by the Job's pod, read by whoever started the Job."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType

from manifests.in_cluster.verification_job import RUN_VARIABLE
from mirror.clients.kubernetes import Kubernetes
from mirror.problems import CouldNotRun
from mirror.text.failures import reason_of
from mirror.verify.report import Report

LIMIT_BYTES = 900_000
"""A ConfigMap holds 1 MiB (`MaxSecretSize` in Kubernetes' validation); this leaves room for other keys."""
_FINDINGS = (200, 20, 3)
"""Of each check, tried in this order until the report fits."""


@dataclass(frozen=True, slots=True)
class Published:
    """The content of the ConfigMap: a report, or why there is none; `run` names the Job that wrote it."""

    run: str
    report: Report | None
    problem: CouldNotRun | None


class Publisher:
    """Publishes nothing: for runs without `--result-config-map`."""

    def said(self, report: Report) -> Report:
        """Publish a report."""
        return report

    def __enter__(self) -> Publisher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Publish why there is no report."""


class ConfigMapPublisher(Publisher):
    """Writes into a ConfigMap that exists: whoever runs this may patch that one and make none."""

    def __init__(self, kubernetes: Kubernetes, namespace: str, name: str) -> None:
        self._kubernetes = kubernetes
        self._where = (namespace, name)

    def said(self, report: Report) -> Report:
        """Write a report, with its verdict beside it. Raises CouldNotRun."""
        verdict = "proven" if report.passed else "findings"
        # Null removes what an earlier run has left (a merge patch).
        self._write({"verdict": verdict, "report.json": bounded(report), "problem.json": None})
        return report

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, Exception):
            return
        why = error if isinstance(error, CouldNotRun) else _own(error)
        problem = {"tried": why.tried, "happened": why.happened, "way_out": why.way_out}
        # The same API is probably unreachable; the first error is the one to show.
        with suppress(CouldNotRun):
            text = json.dumps(problem, indent=2)
            self._write({"verdict": "could not run", "report.json": None, "problem.json": text})

    def _write(self, data: dict[str, str | None]) -> None:
        namespace, name = self._where
        at = datetime.now(UTC).isoformat(timespec="seconds")
        run = os.environ.get(RUN_VARIABLE, "")
        self._kubernetes.request(
            "PATCH",
            f"/api/v1/namespaces/{namespace}/configmaps/{name}",
            f"ConfigMap {namespace}/{name}",
            verb="patch",
            body={"data": {"run": run, "at": at, **data}},
        )


def _own(error: Exception) -> CouldNotRun:
    """An error in region-mirror itself: without it an earlier report would still be the newest."""
    return CouldNotRun("verifying the mirror", reason_of(error), "look at the log of the Job, and report it")


def published(kubernetes: Kubernetes, namespace: str, name: str) -> Published:
    """Read what a run has written. Raises CouldNotRun."""
    what = f"ConfigMap {namespace}/{name}"
    found = kubernetes.request("GET", f"/api/v1/namespaces/{namespace}/configmaps/{name}", what, verb="get")
    data: Mapping[str, str] = found.get("data") or {}
    try:
        report = Report.from_json(json.loads(data["report.json"])) if data.get("report.json") else None
        problem = CouldNotRun(**json.loads(data["problem.json"])) if data.get("problem.json") else None
    except (ValueError, KeyError, TypeError) as error:
        raise CouldNotRun(
            f"reading the report in {what}",
            f"it was not written by this release ({type(error).__name__}: {error})",
            "build verification.image from the same release as this program",
        ) from error
    return Published(data.get("run", ""), report, problem)


def bounded(report: Report, limit: int = LIMIT_BYTES) -> str:
    """The report as JSON of at most `limit` bytes: without the checks' facts where they do not fit, then
    with fewer findings, and `left_out` says so. What failed is never left out.
    """
    whole = report.to_json()
    text = json.dumps(whole, indent=1, ensure_ascii=False)
    if _size(text) <= limit:
        return text
    for most in (None, *_FINDINGS):
        checks = [{**check, "facts": {}, "findings": check["findings"][:most]} for check in whole["checks"]]
        left = sum(len(check["findings"]) for check in whole["checks"]) - sum(
            len(check["findings"]) for check in checks
        )
        shorter = {**whole, "checks": checks, "left_out": {"facts": True, "findings": left}}
        text = json.dumps(shorter, indent=1, ensure_ascii=False)
        if _size(text) <= limit:
            return text
    raise CouldNotRun(
        "writing the report", f"it has more than {limit} bytes at its shortest", "report it as a bug"
    )


def _size(text: str) -> int:
    return len(text.encode())
