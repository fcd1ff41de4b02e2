"""A Job is made of the CronJob's template, waited for, and its own report is read."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mirror.problems import CouldNotRun, NotThere
from mirror.verify import job as verification_job
from mirror.verify.job import job_of, verify_in_cluster
from mirror.verify.published import bounded
from mirror.verify.register import NAMES
from mirror.verify.report import CheckResult, Report
from tests.unit.settings.sample import settings

SETTINGS = settings(verification__runner="job", verification__image="r.example.com/region-mirror:1")
CRON_JOB: dict[str, Any] = {
    "metadata": {"name": "east-to-west-verification", "uid": "u1"},
    "spec": {"jobTemplate": {"metadata": {"labels": {"a": "b"}}, "spec": {"backoffLimit": 2}}},
}
FAILED_BY_RULE = {"type": "Failed", "status": "True", "reason": "PodFailurePolicy", "message": "exit code 1"}
COMPLETE = {"type": "Complete", "status": "True"}


def report(passed: bool = True, names: Sequence[str] = NAMES) -> str:
    """A report as it is published; `passed`: whether lag is small."""
    checks = tuple(CheckResult(name, passed or name != "lag", "0 behind") for name in names)
    return bounded(Report("m", "east", "west", datetime(2026, 1, 1, tzinfo=UTC), 1.0, checks))


class Cluster:
    """A Kubernetes whose Jobs end as `end` says: it gets the Job's name and the count of Jobs so far, and
    returns its condition and what the ConfigMap holds then.
    """

    def __init__(self, end: Callable[[str, int], tuple[dict[str, Any] | None, dict[str, str]]]) -> None:
        self.end = end
        self.jobs: list[dict[str, Any]] = []
        self.deleted: list[str] = []
        self.pods: list[dict[str, Any]] = []
        self.data: dict[str, str] = {}
        self.cron_job = True

    def request(
        self,
        method: str,
        path: str,
        what: str,
        *,
        verb: str,
        parameters: Mapping[str, str] | None = None,
        body: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        name = path.rpartition("/")[2]
        if "/cronjobs/" in path:
            if not self.cron_job:
                raise NotThere(f"reading {what}", "it does not exist", "deploy")
            return CRON_JOB
        if method == "POST":
            assert body is not None
            self.jobs.append(body)
            return body
        if method == "DELETE":
            self.deleted.append(name)
            return {}
        if path.endswith("/pods"):
            assert parameters == {
                "labelSelector": f"batch.kubernetes.io/job-name={self.jobs[-1]['metadata']['name']}"
            }
            return {"items": self.pods}
        if "/configmaps/" in path:
            return {"data": self.data}
        condition, self.data = self.end(name, len(self.jobs))
        return {"status": {"conditions": [condition] if condition else []}}


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> Callable[[Cluster], Report]:
    """Verify in a made-up cluster, whose clock runs."""
    clock = iter(range(0, 1_000_000, 10))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(time, "sleep", lambda _: None)

    def verify(cluster: Cluster) -> Report:
        monkeypatch.setattr(verification_job, "connect", lambda *_: cluster)
        return verify_in_cluster(SETTINGS, root=Path())

    return verify


def test_its_report_is_the_result(verified: Callable[[Cluster], Report]) -> None:
    cluster = Cluster(lambda name, _: (COMPLETE, {"run": name, "report.json": report()}))
    assert verified(cluster).passed
    (job,) = cluster.jobs
    assert job["metadata"]["name"].startswith("east-to-west-verification-")
    assert len(job["metadata"]["name"]) <= 63


def test_findings_are_a_report_too(verified: Callable[[Cluster], Report]) -> None:
    cluster = Cluster(lambda name, _: (FAILED_BY_RULE, {"run": name, "report.json": report(False)}))
    assert not verified(cluster).passed


def test_an_older_image_does_not_prove_what_it_cannot_check(verified: Callable[[Cluster], Report]) -> None:
    """Its report has fewer checks. All of them passed, so the mirror was PROVEN without the newer ones."""
    older = report(names=[name for name in NAMES if name != "no-loss-rules"])
    seen = verified(Cluster(lambda name, _: (COMPLETE, {"run": name, "report.json": older})))
    assert not seen.passed
    [finding] = seen.check("no-loss-rules").findings
    assert "the image does not know this check" in finding.message
    assert finding.remedy.startswith("build verification.image from the same release")
    assert not seen.check("no-loss-rules").judged
    newer = report(names=[*NAMES, "yet-unknown"])
    assert verified(Cluster(lambda name, _: (COMPLETE, {"run": name, "report.json": newer}))).passed


def test_a_pod_that_could_not_look_says_why(verified: Callable[[Cluster], Report]) -> None:
    problem = json.dumps({"tried": "reading west", "happened": "no answer", "way_out": "start it"})
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}
    with pytest.raises(CouldNotRun, match="reading west: no answer"):
        verified(Cluster(lambda name, _: (failed, {"run": name, "problem.json": problem})))


def test_a_job_that_leaves_nothing_fails_with_what_its_pod_said(
    verified: Callable[[Cluster], Report],
) -> None:
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "limit"}
    cluster = Cluster(lambda _, __: (failed, {"run": "an older one", "report.json": report()}))
    ended = {"exitCode": 3, "finishedAt": "2026-01-01T00:00:00Z", "message": "no module named mirror\n"}
    cluster.pods = [
        {"metadata": {"name": "p"}, "status": {"containerStatuses": [{"state": {"terminated": ended}}]}}
    ]
    with pytest.raises(CouldNotRun) as error:
        verified(cluster)
    assert "BackoffLimitExceeded: limit; its last pod ended with 3" in str(error.value)
    assert "no module named mirror" in str(error.value)
    assert "kubectl -n kafka logs job/" in str(error.value)


def test_anothers_report_is_never_taken_for_its_own(verified: Callable[[Cluster], Report]) -> None:
    def end(name: str, count: int) -> tuple[dict[str, Any], dict[str, str]]:
        return COMPLETE, {"run": name if count == 2 else "of the schedule", "report.json": report()}

    cluster = Cluster(end)
    assert verified(cluster).passed
    assert len(cluster.jobs) == 2
    with pytest.raises(CouldNotRun, match="another verification overwrote the report 3 times"):
        verified(Cluster(lambda _, __: (COMPLETE, {"run": "of the schedule", "report.json": report()})))


def test_an_image_that_cannot_be_pulled_is_said_and_the_job_ended(
    verified: Callable[[Cluster], Report],
) -> None:
    cluster = Cluster(lambda _, __: (None, {}))
    waiting = {"reason": "ImagePullBackOff", "message": "not found"}
    cluster.pods = [
        {"metadata": {"name": "p"}, "status": {"containerStatuses": [{"state": {"waiting": waiting}}]}}
    ]
    with pytest.raises(CouldNotRun, match=r"pod p does not start: ImagePullBackOff \(not found\)") as error:
        verified(cluster)
    assert "verification.image" in error.value.way_out
    assert cluster.deleted == [cluster.jobs[0]["metadata"]["name"]]


def test_a_job_that_never_ends_is_ended(verified: Callable[[Cluster], Report]) -> None:
    cluster = Cluster(lambda _, __: (None, {}))
    with pytest.raises(CouldNotRun, match="it has not ended after 660 s"):
        verified(cluster)
    assert len(cluster.deleted) == 1


def test_without_its_template_there_is_no_job(verified: Callable[[Cluster], Report]) -> None:
    cluster = Cluster(lambda _, __: (COMPLETE, {}))
    cluster.cron_job = False
    with pytest.raises(NotThere):
        verified(cluster)


def test_a_job_goes_with_its_cron_job_but_is_not_the_schedules() -> None:
    job = job_of(CRON_JOB, "one")
    (owner,) = job["metadata"]["ownerReferences"]
    assert owner == {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "name": "east-to-west-verification",
        "uid": "u1",
    }
    assert job["metadata"]["labels"] == {"a": "b"}
    assert job["spec"] == {"backoffLimit": 2}
