"""A report in a ConfigMap: the same when it is read back, and never too large for one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from mirror.problems import CouldNotConnect, CouldNotRun, Finding
from mirror.verify.published import ConfigMapPublisher, bounded, published
from mirror.verify.report import CheckResult, Report

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class OneConfigMap:
    """A Kubernetes that has one ConfigMap, and may be dead."""

    def __init__(self) -> None:
        self.data: dict[str, str] = {}
        self.dead = False

    def request(
        self, method: str, path: str, what: str, *, verb: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        assert path == "/api/v1/namespaces/kafka/configmaps/report"
        if self.dead:
            raise CouldNotConnect("reaching", "no answer", "wait")
        if method == "PATCH" and body is not None:
            merged = self.data | body["data"]
            self.data = {key: value for key, value in merged.items() if value is not None}
        return {"data": self.data}


def report(findings: int = 1, facts: int = 1) -> Report:
    """A report with as many findings and facts."""
    found = tuple(Finding(f"orders-{number}", "is nöt there", "wait") for number in range(findings))
    many = {str(number): "x" * 20 for number in range(facts)}
    checks = (CheckResult("lag", True, "0 behind", facts=many), CheckResult("t", not findings, "s", found))
    return Report("m", "east", "west", AT, 1.5, checks, 3)


def test_it_is_the_same_when_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGION_MIRROR_RUN", "job-1")
    kubernetes: Any = OneConfigMap()
    with ConfigMapPublisher(kubernetes, "kafka", "report") as publisher:
        publisher.said(report())
    found = published(kubernetes, "kafka", "report")
    assert (found.run, found.report, found.problem) == ("job-1", report(), None)
    assert kubernetes.data["verdict"] == "findings"


def test_why_there_is_none_replaces_an_older_report() -> None:
    kubernetes: Any = OneConfigMap()
    ConfigMapPublisher(kubernetes, "kafka", "report").said(report(0))
    assert kubernetes.data["verdict"] == "proven"
    with pytest.raises(CouldNotRun), ConfigMapPublisher(kubernetes, "kafka", "report"):
        raise CouldNotRun("reading west", "no answer", "start it")
    found = published(kubernetes, "kafka", "report")
    assert found.report is None
    assert str(found.problem) == "reading west: no answer\n  Way out: start it"


def test_an_error_in_the_program_itself_does_not_leave_an_older_proof() -> None:
    kubernetes: Any = OneConfigMap()
    ConfigMapPublisher(kubernetes, "kafka", "report").said(report(0))
    with pytest.raises(KeyError), ConfigMapPublisher(kubernetes, "kafka", "report"):
        raise KeyError("x")
    assert kubernetes.data["verdict"] == "could not run"
    found = published(kubernetes, "kafka", "report")
    assert found.report is None
    assert "an error in region-mirror itself (KeyError: 'x')" in str(found.problem)


def test_the_first_error_counts_where_it_cannot_be_written() -> None:
    kubernetes: Any = OneConfigMap()
    kubernetes.dead = True
    with pytest.raises(CouldNotRun, match="reading west"), ConfigMapPublisher(kubernetes, "kafka", "report"):
        raise CouldNotRun("reading west", "no answer", "start it")


def test_a_report_of_another_release_is_no_report() -> None:
    kubernetes: Any = OneConfigMap()
    kubernetes.data = {"run": "job-1", "report.json": '{"checks": [{}]}'}
    with pytest.raises(CouldNotRun, match="it was not written by this release"):
        published(kubernetes, "kafka", "report")


@pytest.mark.parametrize(("findings", "facts"), [(5, 50_000), (50_000, 5), (300, 50_000)])
def test_what_is_too_large_is_cut_and_says_so(findings: int, facts: int) -> None:
    import json

    text = bounded(report(findings, facts), 200_000)
    assert len(text.encode()) <= 200_000
    value = json.loads(text)
    assert value["left_out"]["facts"] is True
    assert value["left_out"]["findings"] == findings - len(value["checks"][1]["findings"])
    assert not Report.from_json(value).passed


def test_what_fits_is_whole() -> None:
    assert "left_out" not in bounded(report(200, 200))
