"""Each setting of the workers and the mirror arrives where Strimzi looks for it, in both generations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from manifests.declaration import Declaration
from settings.load import load
from tests.program.crd import problems
from tests.program.every_setting import ANTI_AFFINITY, SPREAD, every_setting
from tests.program.examples import dump, manifests
from tests.program.sample import estate
from tests.unit.settings.sample import settings

APIS = ("v1", "v1beta2")


def spec(api: str = "v1", **changes: object) -> dict[str, Any]:
    given = load(every_setting(api, **changes))
    rendered: dict[str, Any] = Declaration.of(given, estate(given)).mirror_maker2["spec"]
    return rendered


@pytest.mark.parametrize("api", APIS)
def test_the_manifests_are_the_golden_ones(api: str, golden: Callable[[str, str], None]) -> None:
    golden(f"every-setting-{api}.yaml", dump(manifests(load(every_setting(api)))))


@pytest.mark.parametrize("metrics", ["jmx-exporter", "strimzi-reporter"])
@pytest.mark.parametrize("api", APIS)
def test_strimzis_crds_accept_them(api: str, metrics: str) -> None:
    for manifest in manifests(load(every_setting(api, workers__metrics=metrics))):
        if "strimzi" in manifest["apiVersion"]:
            assert manifest["apiVersion"] == f"kafka.strimzi.io/{api}"
            assert problems(manifest) == []


@pytest.mark.parametrize("api", APIS)
def test_the_pods_are_as_the_settings_say(api: str) -> None:
    found = spec(api)
    assert found["replicas"] == 3
    assert found["version"] == "4.3.1"
    assert found["image"] == "registry.example.com/kafka:4.3.1"
    assert found["resources"] == {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"memory": "2Gi"}}
    assert found["jvmOptions"]["-Xmx"] == "1g"
    assert found["rack"] == {"topologyKey": "topology.kubernetes.io/zone"}
    assert found["tracing"] == {"type": "opentelemetry"}
    loggers = found["logging"]["loggers"]
    assert (found["logging"]["type"], loggers["rootLogger.level"]) == ("inline", "INFO")
    assert loggers["logger.mirror.level"] == "DEBUG"


@pytest.mark.parametrize("api", APIS)
def test_dedicated_settings_join_the_rest_of_the_template(api: str) -> None:
    assert spec(api)["template"] == {
        "pod": {
            "metadata": {"labels": {"team": "platform"}},
            "terminationGracePeriodSeconds": 60,
            "affinity": ANTI_AFFINITY,
            "topologySpreadConstraints": [SPREAD],
            "tolerations": [{"key": "kafka", "operator": "Exists", "effect": "NoSchedule"}],
        },
        "podDisruptionBudget": {"metadata": {"annotations": {"owner": "platform"}}, "maxUnavailable": 2},
    }


def test_a_budget_of_none_is_not_forgotten() -> None:
    assert spec(workers__max_unavailable=0)["template"]["podDisruptionBudget"]["maxUnavailable"] == 0


def test_what_is_not_set_is_left_to_strimzi() -> None:
    given = settings()
    rendered = Declaration.of(given, estate(given)).mirror_maker2["spec"]
    assert set(rendered) == {"replicas", "target", "mirrors", "logging"}


@pytest.mark.parametrize(
    ("most", "rendered"),
    [(None, {"enabled": True}), (7, {"enabled": True, "maxRestarts": 7}), (0, {"enabled": False})],
)
def test_restarts_end_where_the_stack_says(most: int | None, rendered: dict[str, Any]) -> None:
    (mirror,) = spec(mirror__auto_restart_max=most)["mirrors"]
    assert mirror["sourceConnector"]["autoRestart"] == rendered
    assert mirror["checkpointConnector"]["autoRestart"] == rendered


def test_raw_properties_come_last_and_each_where_it_belongs() -> None:
    found = spec(mirror__config={"source_connector": {"producer.override.linger.ms": "7"}})
    (mirror,) = found["mirrors"]
    assert mirror["sourceConnector"]["config"]["producer.override.linger.ms"] == "7"
    found = spec()
    (mirror,) = found["mirrors"]
    assert mirror["sourceConnector"]["config"]["add.source.alias.to.metrics"] == "true"
    assert mirror["checkpointConnector"]["config"]["admin.timeout.ms"] == "30000"
    assert found["target"]["config"]["scheduled.rebalance.max.delay.ms"] == "60000"
    assert mirror["source"]["config"] == {"ssl.enabled.protocols": "TLSv1.3"}


def test_excluding_topic_configurations_keeps_what_mm2_excludes_itself() -> None:
    (mirror,) = spec()["mirrors"]
    excluded = mirror["sourceConnector"]["config"]["config.properties.exclude"].split(",")
    assert excluded[-1] == r"retention\..*"
    assert "min.insync.replicas" in excluded
    assert len(excluded) == 9
    (mirror,) = spec(mirror__topic_configs_exclude=[])["mirrors"]
    assert "config.properties.exclude" not in mirror["sourceConnector"]["config"]


def test_two_mirrors_of_v1beta2_are_two_connect_clusters() -> None:
    # Strimzi's defaults there are the same for every KafkaMirrorMaker2.
    found = spec("v1beta2")
    source, target = found["clusters"]
    assert found["connectCluster"] == target["alias"] == "west"
    assert source["alias"] == "east"
    assert target["config"]["group.id"] == "connect-cluster-1"
    assert target["config"]["config.storage.topic"] == "connect-configs"
    assert target["config"]["offset.storage.topic"] == "connect-offsets"
    assert target["config"]["status.storage.topic"] == "connect-status"
