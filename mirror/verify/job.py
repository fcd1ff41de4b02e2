"""Verifies in the target's Kubernetes: makes a Job of the CronJob's template, waits, reads its report.

Pulumi could await a Job that it declares, but that is not what is needed here: a failed Job would be recorded
as made (the next `pulumi up` would wait for the same dead Job), its error says BackoffLimitExceeded and no
finding, and a Job's template cannot change. So each verification makes its Job anew, as `kubectl create job
--from=cronjob/...` does, and the CronJob's removal takes its Jobs along.
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
from mirror.verify.report import Report
from settings.model import Settings
from settings.names import Names

PAUSE_SECONDS = 1.0
# Kubernetes ends the Job itself at its deadline; its controller may be slow to say so.
GRACE_SECONDS = 60.0
# A pod may be without its image for a moment; one that stays so needs a person.
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
    """The report of a Job that is started now. Raises CouldNotRun where there is none, with the reason."""
    names = Names.of(settings)
    kubernetes = connect(settings.target, root)
    for _ in range(_STARTS):
        job = _Job.start(kubernetes, settings, names.verification_cron_job)
        progress(f"Job {job.where} verifies")
        ending = job.ended(deadline_seconds(settings) + GRACE_SECONDS, progress)
        found = published(kubernetes, settings.target.namespace, names.verification)
        if found.run != job.name and ending.reported:
            progress("another verification has overwritten the report: starting again")
            continue
        if found.run != job.name:
            raise CouldNotRun(f"running Job {job.where}", f"{ending.reason}; no report", job.way_out)
        if found.problem is not None:
            raise found.problem
        if found.report is not None:
            return found.report
        raise CouldNotRun(f"running Job {job.where}", "it wrote neither a report nor a reason", job.way_out)
    raise CouldNotRun(
        f"reading the report of Job {job.where}",
        f"{_STARTS} times another verification wrote its own before it could be read",
        "suspend the CronJob or verify less often",
    )


@dataclass(frozen=True, slots=True)
class _Ending:
    """How a Job ended."""

    succeeded: bool
    reported: bool
    """Its pod has written a report, whatever that says."""
    reason: str


class _Job:
    """One Job."""

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
        """Make a Job from the CronJob. Raises CouldNotRun."""
        namespace = settings.target.namespace
        jobs = f"/apis/batch/v1/namespaces/{namespace}"
        template = kubernetes.request(
            "GET", f"{jobs}/cronjobs/{cron_job}", f"CronJob {namespace}/{cron_job}", verb="get"
        )
        # As long as the name that the CronJob's own controller would give.
        job = cls(kubernetes, namespace, f"{cron_job}-{secrets.token_hex(5)}")
        manifest = job_of(template, job.name)
        kubernetes.request("POST", f"{jobs}/jobs", f"Job {job.where}", verb="create", body=manifest)
        return job

    def ended(self, seconds: float, progress: Callable[[str], None]) -> _Ending:
        """Wait for its end. Raises CouldNotRun when there is none in time, or none in sight."""
        until = time.monotonic() + seconds
        trouble, since = "", 0.0
        while True:
            try:
                if (ending := _ending(self._read())) is not None:
                    return ending if ending.succeeded else self._with_pods(ending)
                seen = self._trouble()
            except CouldNotConnect:  # an API server that restarts
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
        except CouldNotRun:  # the account may lack `list` on pods: the message is shorter then
            return []
        return list(answer.get("items") or [])

    def _trouble(self) -> str:
        """Why a pod cannot start, where waiting does not help; empty otherwise."""
        for pod in self._pods():
            for container in (pod.get("status") or {}).get("containerStatuses") or []:
                waiting = (container.get("state") or {}).get("waiting") or {}
                if waiting.get("reason") in _HOPELESS:
                    name, said = pod["metadata"]["name"], waiting.get("message") or "no message"
                    return f"pod {name} does not start: {waiting['reason']} ({said})"
        return ""

    def _with_pods(self, ending: _Ending) -> _Ending:
        """What Kubernetes says of a failed Job, and what its last container did."""
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
    """A Job of a CronJob's template, as `kubectl create job --from` makes it: owned by it, so that both go
    together, but not controlled, so that its schedule and history count it not.
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
            # Our rule ends a Job whose pod found something.
            return _Ending(succeeded, succeeded or condition.get("reason") == "PodFailurePolicy", reason)
    return None
