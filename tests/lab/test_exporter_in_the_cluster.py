"""`monitoring.exporter`: alerts, dashboard and a running exporter, on a Kubernetes that knows the Prometheus
operator's kinds.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import psutil
import pytest
import yaml

from lab.processes import POD_PREFIX, find_all
from mirror.problems import CouldNotRun
from mirror.verify.register import NAMES
from settings.names import Names
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.objects import APPS, CORE, MONITORING, NETWORKING, Objects
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.scrape import PASSED, Exporter
from tests.lab.support.stack import CHECKOUT
from tests.lab.support.wait import until

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
EVERYTHING = dict.fromkeys((one for one in NAMES if one != "users-work"), 1.0)


@pytest.fixture(scope="module")
def objects(regions: Regions) -> Iterator[Objects]:
    """Region west's objects, the Prometheus operator's kinds among them."""
    made = Objects(regions)
    folder = CHECKOUT / "tests" / "program" / "prometheus_operator"
    definitions = [yaml.safe_load(path.read_text()) for path in sorted(folder.glob("*.yaml"))]
    for definition in definitions:
        made.api.request("POST", DEFINITIONS, "a CRD", verb="create", body=definition)
    try:
        for kind in ("prometheusrules", "servicemonitors"):
            until(f"{kind} to be served", partial(_served, made, kind), seconds=60)
        yield made
    finally:
        for definition in definitions:
            name = definition["metadata"]["name"]
            made.api.request("DELETE", f"{DEFINITIONS}/{name}", name, verb="delete")


def _served(objects: Objects, kind: str) -> bool:
    try:
        objects.all(MONITORING, kind)
    except CouldNotRun:  # not known yet, or its storage is being made
        return False
    return True


@pytest.fixture(scope="module")
def made(regions: Regions, objects: Objects) -> Iterator[OwnMirror]:
    """A mirror of one topic, watched from beside the target."""

    def watched(config: dict[str, Any]) -> None:
        config["monitoring"] = {
            "enabled": True,
            "exporter": True,
            "exporter_interval_seconds": 5,
            "service_monitor": True,
            "scrape_namespaces": ["monitoring"],
        }
        config["verification"] = {
            "image": "registry.example.com/region-mirror:lab",
            "deadline_seconds": 300,
        }

    with own_mirror(regions, "watched", watched) as mirror:
        kafka.create_topic(regions.kafka("east"), mirror.topic(), partitions=2)
        mirror.produce("a", "b", "c")
        mirror.stack.up().ok()
        yield mirror


@pytest.fixture(scope="module")
def names(made: OwnMirror) -> Names:
    """The names of what was declared."""
    return made.names


def pod(objects: Objects, names: Names) -> dict[str, Any]:
    """The exporter's only pod."""
    (found,) = [
        one for one in objects.all(CORE, "pods") if one["spec"].get("serviceAccountName") == names.exporter
    ]
    return found


def exporter(objects: Objects, names: Names) -> Exporter:
    """At the address and port at which the Service leads to it."""
    (port,) = objects.get(CORE, "services", names.exporter)["spec"]["ports"]
    running = pod(objects, names)
    (container,) = running["spec"]["containers"]
    (number,) = [one["containerPort"] for one in container["ports"] if one["name"] == port["targetPort"]]
    return Exporter(f"http://{running['status']['podIP']}:{number}")


def passed(one: Exporter) -> dict[str, float]:
    """The checks as Prometheus sees them; none where nobody answers."""
    try:
        return one.values(PASSED, "check")
    except OSError:
        return {}


def test_the_operators_kinds_and_the_dashboard_are_there(
    made: OwnMirror, names: Names, objects: Objects
) -> None:
    rules = objects.get(MONITORING, "prometheusrules", names.alerts)["spec"]["groups"]
    assert "MirrorDown" in {rule["alert"] for group in rules for rule in group["rules"]}
    labels = objects.get(MONITORING, "servicemonitors", names.exporter)["spec"]["selector"]["matchLabels"]
    service = objects.get(CORE, "services", names.exporter)
    assert labels.items() <= service["metadata"]["labels"].items()
    assert service["spec"]["selector"].items() <= pod(objects, names)["metadata"]["labels"].items()
    policy = objects.get(NETWORKING, "networkpolicies", names.exporter)["spec"]
    assert policy["podSelector"]["matchLabels"] == service["spec"]["selector"]
    dashboard = objects.get(CORE, "configmaps", names.dashboard)
    assert dashboard["metadata"]["labels"] == {"grafana_dashboard": "1"}
    assert objects.get(APPS, "deployments", names.exporter)["status"]["availableReplicas"] == 1


def test_its_account_is_enough_for_every_check(made: OwnMirror, names: Names, objects: Objects) -> None:
    one = exporter(objects, names)
    until("every check to pass in one look", lambda: passed(one) == EVERYTHING, seconds=180)
    assert one.text("/healthz") == "ok\n"
    assert one.values("region_mirror_look_success", "mirror") == {made.name: 1}


def test_a_killed_exporter_comes_back(
    made: OwnMirror, names: Names, objects: Objects, regions: Regions
) -> None:
    before = exporter(objects, names)
    (name,) = [
        n for n in find_all(regions.lab) if n == f"{POD_PREFIX}west-{pod(objects, names)['metadata']['name']}"
    ]
    for process in find_all(regions.lab)[name]:
        psutil.Process(process.pid).kill()
    until("the kill to be told", lambda: restarts(objects, names) == 1, seconds=60)
    until("it to look again", lambda: passed(before) == EVERYTHING, seconds=180)
    until("its probe to say so", lambda: ready(objects, names), seconds=120)


def ready(objects: Objects, names: Names) -> bool:
    """Whether a Service would lead to it."""
    conditions = pod(objects, names)["status"]["conditions"]
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def restarts(objects: Objects, names: Names) -> int:
    """How often its container was started again."""
    (container,) = pod(objects, names)["status"]["containerStatuses"]
    return int(container["restartCount"])


def test_nothing_changes_after_that(made: OwnMirror) -> None:
    made.stack.preview("--refresh", "--expect-no-changes").ok()
