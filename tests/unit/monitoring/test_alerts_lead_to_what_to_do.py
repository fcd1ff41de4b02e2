"""Alerts: what they ask about exists, the page says what to do, and all that people need is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from manifests.monitoring.alerts import RUNNING, Alert, alerts
from manifests.monitoring.metrics import METRICS, Metric
from manifests.monitoring.prometheus_rule import groups, prometheus_rule
from manifests.monitoring.rule_file import rule_file
from mirror.verify.checks import connectors_running
from mirror.verify.register import NAMES
from tests.unit.settings.sample import settings

DOCS = Path(__file__).parents[3] / "docs"
ALERTS = alerts("east-to-west")
KNOWN = {one.name: one for one in METRICS}


def ids(alert: Alert) -> str:
    return f"{alert.name}-{alert.severity}"


def queried(expression: str) -> set[str]:
    """The names of metrics in an expression: what is selected with braces, or has our prefix."""
    return set(re.findall(r"([a-zA-Z_:][\w:]*)\s*\{", expression)) | set(
        re.findall(r"\bregion_mirror_\w+", expression)
    )


@pytest.mark.parametrize("alert", ALERTS, ids=ids)
def test_only_what_the_exporter_has_is_asked_about(alert: Alert) -> None:
    assert queried(alert.expression)
    assert queried(alert.expression) <= KNOWN.keys()


@pytest.mark.parametrize("alert", ALERTS, ids=ids)
def test_labels_in_texts_are_those_that_the_expression_keeps(alert: Alert) -> None:
    for label in re.findall(r"\$labels\.(\w+)", alert.summary + alert.description):
        metrics: list[Metric] = [KNOWN[name] for name in queried(alert.expression)]
        assert any(label in one.labels for one in metrics)
        assert re.search(rf"by \(mirror, [^)]*\b{label}\b", alert.expression)


@pytest.mark.parametrize("alert", ALERTS, ids=ids)
def test_each_has_its_section_which_says_how_to_look_and_what_to_do(alert: Alert) -> None:
    page = (DOCS / "alerts.md").read_text()
    found = re.search(rf"^## {alert.name}\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    assert found, f"docs/alerts.md has no section {alert.name}"
    assert alert.severity in found[1]
    assert "\nLook: " in found[1]
    assert "\nDo" in found[1]


def test_the_page_has_no_section_of_an_alert_that_is_gone() -> None:
    sections = set(re.findall(r"^## (\w+)$", (DOCS / "alerts.md").read_text(), re.MULTILINE))
    assert sections == {one.name for one in ALERTS}


def test_the_table_of_alerts_is_complete() -> None:
    listed = re.findall(
        r"^\| \[(\w+)\]\(alerts\.md#(\w+)\)", (DOCS / "monitoring.md").read_text(), re.MULTILINE
    )
    assert listed == list(dict.fromkeys((one.name, one.anchor) for one in ALERTS))


def test_names_of_checks_are_those_of_the_register() -> None:
    assert connectors_running.NAME == RUNNING
    for alert in ALERTS:
        assert set(re.findall(r'check!?="([^"]+)"', alert.expression)) <= set(NAMES)


def test_a_blind_exporter_says_which_alert_can_still_fire() -> None:
    """Only metrics of the exporter itself and of the last look remain where a look fails."""
    remain = {one.name for one in METRICS if one.of in ("exporter", "last look")}
    blind, absent = (
        next(one for one in ALERTS if one.name == f"MirrorExporter{what}") for what in ("Blind", "Absent")
    )
    others = {one.name for one in ALERTS if queried(one.expression) <= remain} - {blind.name, absent.name}
    page = (DOCS / "alerts.md").read_text().split(f"## {blind.name}\n")[1].split("\n## ")[0]
    assert others == {"MirrorSourceSilent", "MirrorFailoverWouldMiss"}
    for name in others:
        assert name in blind.description
        assert name in page


def test_two_rules_of_one_alert_differ_in_severity() -> None:
    assert len({(one.name, one.severity) for one in ALERTS}) == len(ALERTS)


def test_a_rule_has_what_people_need() -> None:
    rules: list[dict[str, Any]] = groups("east-to-west", "https://wiki.example.com/a")["groups"][0]["rules"]
    assert len(rules) == len(ALERTS)
    for rule in rules:
        assert rule["labels"] == {"severity": rule["labels"]["severity"], "mirror": "east-to-west"}
        assert rule["annotations"]["runbook_url"] == f"https://wiki.example.com/a#{rule['alert'].lower()}"
        assert all(rule["annotations"][key] for key in ("summary", "description"))
        assert "east-to-west" in rule["annotations"]["summary"] + rule["annotations"]["description"]
        assert re.fullmatch(r"\d+[mh]", rule["for"])


def test_without_the_operator_there_is_the_same_file() -> None:
    assert yaml.safe_load(rule_file("east-to-west")) == groups("east-to-west", "docs/alerts.md")


def test_the_resource_has_the_labels_that_prometheus_selects_by() -> None:
    given = settings(monitoring__enabled=True, monitoring__labels={"release": "stack"})
    rule = prometheus_rule(given)
    assert (rule["apiVersion"], rule["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    assert rule["metadata"]["labels"] == {"release": "stack"}
    assert rule["metadata"]["namespace"] == given.target.namespace
    assert rule["spec"]["groups"][0]["rules"][0]["annotations"]["runbook_url"] == "docs/alerts.md#mirrordown"
