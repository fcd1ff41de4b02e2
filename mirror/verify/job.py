"""Verifies in the target's Kubernetes: creates a Job from the CronJob's template, waits, reads its report.

Pulumi could declare a Job and wait for it. But Pulumi would record a failed Job as created, and the next
`pulumi up` would wait for the same failed Job. Its error would be BackoffLimitExceeded without a finding, and
the template of a Job cannot change. So each verification creates a new Job, as `kubectl create job
--from=cronjob/...` does. When the CronJob is deleted, Kubernetes deletes its Jobs too.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from manifests.in_cluster.job import NAME_LABEL
from manifests.in_cluster.verification_job import deadline_seconds
from mirror.clients.kubernetes import Kubernetes
from mirror.estate.connection import connect
from mirror.problems import CouldNotConnect, CouldNotRun, NotThere
from mirror.verify.published import published
from mirror.verify.register import NAMES
from mirror.verify.report import CheckResult, Report
from settings.model import Settings
from settings.names import Names

PAUSE_SECONDS = 1.0
# Kubernetes stops the Job at its deadline; its controller may report that late.
GRACE_SECONDS = 60.0
# Pulling an image may fail for a moment. After this time somebody has to correct the image.
TROUBLE_SECONDS = 90.0
_STARTS = 3
_HOPELESS = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "CreateContainerConfigError",
    }
)


def verify_in_cluster(
    settings: Settings, *, root: Path, progress: Callable[[str], None] = lambda _: None
) -> Report:
    """Start a Job and return its report. Raises CouldNotRun with the reason if there is no report."""
    names = Names.of(settings)
    kubernetes = connect(settings.target, root)
    for _ in range(_STARTS):
        job = _Job.start(kubernetes, settings, names.verification_cron_job)
        progress(f"Job {job.where} verifies")
        ending = job.ended(deadline_seconds(settings) + GRACE_SECONDS, progress)
        found = published(kubernetes, settings.target.namespace, names.verification)
        if found.run != job.name and ending.reported:
            progress("another verification has overwritten the report: starting a new Job")
            continue
        if found.run != job.name:
            raise CouldNotRun(f"running Job {job.where}", f"{ending.reason}; no report", job.way_out)
        if found.problem is not None:
            raise found.problem
        if found.report is not None:
            return _complete(found.report)
        raise CouldNotRun(f"running Job {job.where}", "it wrote neither a report nor a reason", job.way_out)
    raise CouldNotRun(
        f"reading the report of Job {job.where}",
        f"another verification overwrote the report {_STARTS} times before it could be read",
        "suspend the CronJob or verify less often",
    )


def _complete(report: Report) -> Report:
    """Return the report with each check of this release: an image of an older one does not know all."""
    known = {check.name for check in report.checks}
    lacking = tuple(
        CheckResult.could_not_judge(
            name,
            "the image does not know this check",
            "build verification.image from the same release as this program",
        )
        for name in NAMES
        if name not in known
    )
    return replace(report, checks=(*report.checks, *lacking))


@dataclass(frozen=True, slots=True)
class _Ending:
    """The end of a Job."""

    succeeded: bool
    reported: bool
    """Whether its pod has written a report, with or without findings."""
    reason: str


class _Job:
    """One Job in the target's Kubernetes."""

    def __init__(self, kubernetes: Kubernetes, namespace: str, name: str) -> None:
        self._kubernetes = kubernetes
        self._namespace = namespace
        self.name = name
        self.where = f"{namespace}/{name}"
        self.way_out = (
            f"see `kubectl -n {namespace} describe job {name}` and `kubectl -n {namespace} logs job/{name}`"
        )
        self._path = f"/apis/batch/v1/namespaces/{namespace}/jobs/{name}"

    @classmethod
    def start(cls, kubernetes: Kubernetes, settings: Settings, cron_job: str) -> _Job:
        """Create a Job from the CronJob. Raises CouldNotRun."""
        namespace = settings.target.namespace
        jobs = f"/apis/batch/v1/namespaces/{namespace}"
        template = kubernetes.request(
            "GET", f"{jobs}/cronjobs/{cron_job}", f"CronJob {namespace}/{cron_job}", verb="get"
        )
        # The CronJob's own controller generates names of the same length.
        job = cls(kubernetes, namespace, f"{cron_job}-{secrets.token_hex(5)}")
        manifest = job_of(template, job.name)
        kubernetes.request("POST", f"{jobs}/jobs", f"Job {job.where}", verb="create", body=manifest)
        return job

    def ended(self, seconds: float, progress: Callable[[str], None]) -> _Ending:
        """Wait for the end of the Job. Raises CouldNotRun after the deadline, or if its pod cannot start."""
        until = time.monotonic() + seconds
        trouble, since = "", 0.0
        while True:
            try:
                if (ending := _ending(self._read())) is not None:
                    return ending if ending.succeeded else self._with_pods(ending)
                seen = self._trouble()
            except CouldNotConnect:  # the API server may be restarting
                if time.monotonic() > until:
                    raise
                seen = trouble
            if seen and seen != trouble:
                progress(seen)
            if not seen or not trouble:
                since = time.monotonic()
            trouble = seen
            late = time.monotonic() > until
            if late or (trouble and time.monotonic() - since > TROUBLE_SECONDS):
                self._delete()
                happened = trouble or f"it has not ended after {seconds:g} s"
                raise CouldNotRun(f"waiting for Job {self.where}", happened, self._remedy(trouble))
            time.sleep(PAUSE_SECONDS)

    def _remedy(self, trouble: str) -> str:
        if trouble:
            return "check verification.image and verification.image_pull_secrets; then `pulumi up` again"
        return self.way_out

    def _read(self) -> dict[str, Any]:
        return self._kubernetes.request("GET", self._path, f"Job {self.where}", verb="get")

    def _pods(self) -> list[dict[str, Any]]:
        path = f"/api/v1/namespaces/{self._namespace}/pods"
        labels = {"labelSelector": f"{NAME_LABEL}={self.name}"}
        what = f"the pods of Job {self.where}"
        try:
            answer = self._kubernetes.request("GET", path, what, verb="list", parameters=labels)
        except CouldNotRun:  # without `list` on pods the message has fewer details
            return []
        return list(answer.get("items") or [])

    def _trouble(self) -> str:
        """The reason why a pod cannot start, if waiting does not help; otherwise empty."""
        for pod in self._pods():
            for container in (pod.get("status") or {}).get("containerStatuses") or []:
                waiting = (container.get("state") or {}).get("waiting") or {}
                if waiting.get("reason") in _HOPELESS:
                    name, said = pod["metadata"]["name"], waiting.get("message") or "no message"
                    return f"pod {name} does not start: {waiting['reason']} ({said})"
        return ""

    def _with_pods(self, ending: _Ending) -> _Ending:
        """The reason of a failed Job, with the exit code and the message of its last container."""
        ended = [
            (state["finishedAt"] or "", state)
            for pod in self._pods()
            for container in (pod.get("status") or {}).get("containerStatuses") or []
            if (state := (container.get("state") or {}).get("terminated")) is not None
        ]
        if not ended:
            return ending
        _, last = max(ended, key=lambda one: one[0])
        said = f", which said: {last['message'].strip()}" if last.get("message") else ""
        return replace(ending, reason=f"{ending.reason}; its last pod ended with {last['exitCode']}{said}")

    def _delete(self) -> None:
        """Delete the Job, so that it does not continue after its wait has ended."""
        with suppress(NotThere):
            self._kubernetes.request(
                "DELETE",
                self._path,
                f"Job {self.where}",
                verb="delete",
                parameters={"propagationPolicy": "Background"},
            )


def job_of(cron_job: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A Job from a CronJob's template, as `kubectl create job --from` creates it. The CronJob owns it, so
    that both are deleted together, but does not control it: schedule and history limits do not count it.
    """
    template = cron_job["spec"]["jobTemplate"]
    metadata = template.get("metadata") or {}
    owner = cron_job["metadata"]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "labels": dict(metadata.get("labels") or {}),
            "annotations": {
                **(metadata.get("annotations") or {}),
                "cronjob.kubernetes.io/instantiate": "manual",
            },
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "CronJob",
                    "name": owner["name"],
                    "uid": owner["uid"],
                }
            ],
        },
        "spec": template["spec"],
    }


def _ending(job: Mapping[str, Any]) -> _Ending | None:
    for condition in (job.get("status") or {}).get("conditions") or []:
        if condition.get("status") == "True" and condition.get("type") in ("Complete", "Failed"):
            reason = ": ".join(filter(None, (condition.get("reason"), condition.get("message"))))
            succeeded = condition["type"] == "Complete"
            # PodFailurePolicy: our rule fails a Job whose pod reported findings.
            return _Ending(succeeded, succeeded or condition.get("reason") == "PodFailurePolicy", reason)
    return None
