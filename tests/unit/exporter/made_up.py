"""Made-up looks for the exporter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from mirror.exporter.samples import Observation
from mirror.problems import Finding
from mirror.status.picture import draw
from mirror.status.rates import Rates
from mirror.status.snapshot import Snapshot
from mirror.verify.checks import certificates_valid, connectors_running, groups_translated
from mirror.verify.report import CheckResult, Report
from tests.unit.status.made_up import NOW, snapshot

CONNECTORS = ("east->west.MirrorSourceConnector", "east->west.MirrorCheckpointConnector")
FACTS: Mapping[str, Mapping[str, Any]] = {
    connectors_running.NAME: {
        "connectors": [
            {"name": CONNECTORS[0], "state": "RUNNING", "tasks": ["RUNNING", "FAILED", "RUNNING"]},
        ]
    },
    groups_translated.NAME: {
        "groups": {
            "readers": {"orders-0": {"state": "safe"}, "orders-1": {"checkpoint_overdue_seconds": 40.0}},
            "others": {"orders-0": {"checkpoint_overdue_seconds": 41.0}},
        }
    },
    certificates_valid.NAME: {
        "certificates": [
            {"what": "trusted CA of east", "ends": "2026-12-01T00:00:00+00:00", "days_left": 4},
            {"what": "trusted CA of east", "ends": "2027-12-01T00:00:00+00:00", "days_left": 369},
            {"what": "broker 0 of west at west:9093", "ends": "2027-01-01T00:00:00+00:00", "days_left": 35},
            {"what": "trusted CAs of north", "subject": "the public CAs of the system"},
        ]
    },
}


def check(
    name: str, *, found: int = 0, facts: Mapping[str, Any] | None = None, seconds: float = 0.5
) -> CheckResult:
    findings = tuple(Finding(f"thing {number}", "is wrong", "mend it") for number in range(found))
    return CheckResult(
        name, not found, "said", findings, FACTS.get(name, {}) if facts is None else facts, seconds
    )


def report(*checks: CheckResult) -> Report:
    at = datetime.fromtimestamp(NOW, UTC)
    return Report("east-to-west", "east", "west", at, 2.0, checks or tuple(check(name) for name in FACTS))


def seen(*, looked: Snapshot | None = None, told: Report | None = None) -> Observation:
    """A look that saw these."""
    picture = draw(snapshot() if looked is None else looked, Rates())
    return Observation(told or report(), picture, CONNECTORS, 30.0, timedelta(days=14))
