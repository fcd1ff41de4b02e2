"""Alerts, dashboard and ServiceMonitor: there where they are asked for, beside the mirror, and golden."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import yaml

from manifests.declaration import Declaration
from manifests.monitoring import monitoring
from settings.model import Settings
from tests.program.conftest import Declare, Program, owned
from tests.program.crd import problems
from tests.program.sample import estate
from tests.unit.settings.sample import settings

EVERYTHING = {
    "monitoring__enabled": True,
    "monitoring__labels": {"release": "kube-prometheus-stack"},
    "monitoring__runbook_url": "https://wiki.example.com/kafka/alerts",
    "monitoring__service_monitor": True,
}


def declared(program: Program) -> list[str]:
    """The names of what hangs below the component; registration is asynchronous, so in no order."""
    top = program.one("MirrorMonitoring")
    return sorted(f"{one.kind}/{one.name}" for one in program.resources if one.parent == top.urn)


def readable(manifest: dict[str, Any]) -> dict[str, Any]:
    """The dashboard as what it is, not as one long text."""
    data = manifest.get("data", {})
    return (
        manifest if not data else {**manifest, "data": {key: json.loads(text) for key, text in data.items()}}
    )


def test_the_manifests_are_the_golden_ones(golden: Callable[[str, str], None]) -> None:
    shown = [readable(one) for one in monitoring(settings(**EVERYTHING))]
    golden("monitoring.yaml", yaml.safe_dump_all(shown, sort_keys=False, width=110))


def test_the_prometheus_operators_crds_accept_them() -> None:
    custom = [one for one in monitoring(settings(**EVERYTHING)) if one["kind"] != "ConfigMap"]
    assert {one["kind"] for one in custom} == {"PrometheusRule", "ServiceMonitor"}
    for manifest in custom:
        assert problems(manifest) == []


def test_the_crds_would_refuse_a_wrong_rule() -> None:
    rule = copy.deepcopy(monitoring(settings(**EVERYTHING))[0])
    rule["spec"]["groups"][0]["rules"][0] |= {"for": "soon", "runbook": "x"}
    found = "\n".join(problems(rule))
    assert "soon" in found
    assert "runbook" in found


def test_all_of_it_is_registered_as_it_is(declare: Declare) -> None:
    given = settings(**EVERYTHING)
    program = declare(given)
    assert declared(program) == [
        "ConfigMap/east-to-west-dashboard",
        "PrometheusRule/east-to-west-alerts",
        "ServiceMonitor/east-to-west-exporter",
    ]
    for manifest in Declaration.of(given, estate(given)).monitoring:
        inputs = program.one(manifest["kind"], manifest["metadata"]["name"]).inputs
        part = "data" if manifest["kind"] == "ConfigMap" else "spec"
        assert inputs[part] == manifest[part]
        assert inputs["metadata"] == owned(manifest)["metadata"]
        assert "pulumi.com/waitFor" not in inputs["metadata"]["annotations"]


def test_nobody_asked_nothing_is_there(declare: Declare) -> None:
    program = declare(settings(monitoring__labels={"release": "x"}))
    assert not program.of("MirrorMonitoring")
    assert not program.of("PrometheusRule")


def test_the_dashboard_may_be_left_out(declare: Declare) -> None:
    program = declare(settings(monitoring__enabled=True, monitoring__dashboard=False))
    assert declared(program) == ["PrometheusRule/east-to-west-alerts"]


def test_alerts_do_not_wait_for_the_mirror_nor_it_for_them(declare: Declare) -> None:
    program = declare(settings(**EVERYTHING))
    mirror, rule = program.one("KafkaMirrorMaker2"), program.one("PrometheusRule")
    assert mirror.urn not in rule.after
    assert rule.urn not in mirror.after


def test_a_changed_alert_proves_nothing_anew() -> None:
    """What is watched is not what is mirrored."""

    def fingerprint(given: Settings) -> str:
        return Declaration.of(given, estate(given)).fingerprint

    assert fingerprint(settings()) == fingerprint(settings(**EVERYTHING))
