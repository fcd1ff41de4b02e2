"""What the newest Job of a verification has said is in the row of its mirror, and never left out as fine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mirror.problems import CouldNotConnect, CouldNotRun
from mirror.stacks.reading import with_report
from mirror.stacks.rows import Live, MirrorRow
from mirror.verify.published import ConfigMapPublisher
from mirror.verify.report import CheckResult, Report
from settings.model import Settings
from settings.names import Names
from tests.unit.settings.sample import settings
from tests.unit.support.memory_api import MemoryApi

FINE = Live(deployed=True, verified="2026-11-01T00:00:00+00:00", drift=())


@pytest.fixture
def mirror() -> Settings:
    return settings(verification__runner="job", verification__image="registry.example.com/region-mirror:1")


@pytest.fixture
def api(mirror: Settings) -> Any:
    found = MemoryApi()
    name = Names.of(mirror).verification
    found.put(f"/api/v1/namespaces/{mirror.target.namespace}/configmaps/{name}", {"data": {}})
    return found


def say(api: Any, mirror: Settings, *, passed: bool) -> None:
    checks = (CheckResult("lag", passed, "4 behind"),)
    report = Report("m", "east", "west", datetime(2026, 11, 2, tzinfo=UTC), 1.0, checks)
    ConfigMapPublisher(api, mirror.target.namespace, Names.of(mirror).verification).said(report)


def test_a_proof_is_the_time_of_the_verification(api: Any, mirror: Settings) -> None:
    say(api, mirror, passed=True)
    assert with_report(FINE, api, mirror).verified == "2026-11-02T00:00:00+00:00"


def test_a_failed_check_is_a_finding(api: Any, mirror: Settings) -> None:
    say(api, mirror, passed=False)
    (finding,) = with_report(FINE, api, mirror).findings
    assert (finding.subject, finding.message) == ("check lag", "4 behind")


def test_a_job_that_could_not_run_is_unknown(api: Any, mirror: Settings) -> None:
    publisher = ConfigMapPublisher(api, mirror.target.namespace, Names.of(mirror).verification)
    with pytest.raises(CouldNotConnect), publisher:
        raise CouldNotConnect("connecting to east", "no answer", "start it")
    live = with_report(FINE, api, mirror)
    assert live.unread == ("the newest Job could not verify: connecting to east: no answer",)
    assert MirrorRow("prod-west", mirror, live).word == "unknown"


def test_a_report_that_cannot_be_read_is_unknown(
    api: Any, mirror: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise CouldNotRun("reading ConfigMap kafka/report", "forbidden", "grant get")

    monkeypatch.setattr(api, "request", refused)
    live = with_report(FINE, api, mirror)
    assert live.unread == ("the Job's report: reading ConfigMap kafka/report: forbidden",)
    assert MirrorRow("prod-west", mirror, live).word == "unknown"


def test_before_the_first_job_there_is_nothing_to_say(api: Any, mirror: Settings) -> None:
    assert with_report(FINE, api, mirror) == FINE
    api.objects.clear()
    assert with_report(FINE, api, mirror) == FINE


def test_without_jobs_no_report_is_asked_for(api: Any) -> None:
    api.dead = True
    assert with_report(FINE, api, settings()) == FINE
