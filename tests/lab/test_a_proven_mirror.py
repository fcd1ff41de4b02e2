"""`pulumi up` ends with a mirror whose checks all pass, in a report for people and machines."""

from __future__ import annotations

import json

from mirror.verify.register import NAMES
from tests.lab.support.lab import Regions
from tests.lab.support.stack import Stack


def test_every_check_passes_and_says_what_it_looked_at(proven: Stack) -> None:
    ran = proven.verify("--json", "--wait", "60").ok()
    report = json.loads(ran.stdout)
    assert {check["name"] for check in report["checks"]} == set(NAMES)
    assert all(check["passed"] and check["summary"] for check in report["checks"])


def test_the_table_names_every_check(proven: Stack) -> None:
    ran = proven.verify("--wait", "60").ok()
    assert all(name in ran.stdout for name in NAMES)


def test_the_stack_keeps_the_report_of_its_verification(proven: Stack) -> None:
    assert set(proven.outputs()["verification"]) == set(NAMES)


def test_strimzis_status_agrees_with_the_report(proven: Stack, regions: Regions) -> None:
    status = regions.mirror_resource("east-to-west").status
    assert [c["type"] for c in status["conditions"] if c["status"] == "True"] == ["Ready"]
    assert {c["connector"]["state"] for c in status["connectors"]} == {"RUNNING"}
    assert all(task["state"] == "RUNNING" for c in status["connectors"] for task in c["tasks"])
