"""`spec.metricsConfig` as Strimzi 1.2.0 treats it: KafkaConnectConfigurationBuilder,
KafkaMirrorMaker2Connectors, JmxPrometheusExporterModel, StrimziMetricsReporterModel.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from lab.operator.failures import Failure
from lab.operator.mirror_maker2 import metrics
from lab.operator.mirror_maker2.connectors import desired_connectors
from lab.operator.mirror_maker2.names import Names
from lab.operator.mirror_maker2.objects import Objects
from lab.operator.mirror_maker2.worker_config import worker_properties
from lab.operator.properties import parse
from lab.toolchain.maven import POM

NAMES = Names("mm2", "dr")
STRIMZIS = "io.strimzi.kafka.metrics.prometheus.ClientMetricsReporter"
KAFKAS = "org.apache.kafka.common.metrics.JmxReporter"
CLIENTS = ("", "admin.", "producer.", "consumer.")


@pytest.fixture
def reporting(resource: dict[str, Any]) -> dict[str, Any]:
    resource["spec"]["metricsConfig"] = {
        "type": "strimziMetricsReporter",
        "values": {"allowList": ["a.*", "b"]},
    }
    return resource


@pytest.fixture
def exporting(resource: dict[str, Any]) -> dict[str, Any]:
    reference = {"configMapKeyRef": {"name": "rules", "key": "k"}}
    resource["spec"]["metricsConfig"] = {"type": "jmxPrometheusExporter", "valueFrom": reference}
    return resource


def properties(resource: dict[str, Any]) -> dict[str, str]:
    return parse(worker_properties(resource["spec"], NAMES))


def configs(resource: dict[str, Any]) -> list[dict[str, str]]:
    return [dict(connector.config) for connector in desired_connectors(resource["spec"], NAMES)]


def test_workers_and_their_clients_report_by_strimzis_reporter(reporting: dict[str, Any]) -> None:
    found = properties(reporting)
    for client in CLIENTS:
        assert found[f"{client}metric.reporters"] == STRIMZIS
        assert found[f"{client}prometheus.metrics.reporter.listener.enable"] == "true"
        assert found[f"{client}prometheus.metrics.reporter.listener"] == "http://:9404"
        assert found[f"{client}prometheus.metrics.reporter.allowlist"] == "a.*,b"


def test_the_default_of_the_allowed_metrics_has_those_of_mirror_maker(reporting: dict[str, Any]) -> None:
    del reporting["spec"]["metricsConfig"]["values"]
    allowed = properties(reporting)["prometheus.metrics.reporter.allowlist"].split(",")
    assert len(allowed) == 15
    assert "kafka_connect_mirror_mirrorsourceconnector.*" in allowed


def test_sections_are_where_strimzi_prints_them(reporting: dict[str, Any]) -> None:
    text = worker_properties(reporting["spec"], NAMES)
    titles = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("# ")]
    first = titles.index("Strimzi Metrics Reporter configuration")
    assert titles[first + 1] == "Config providers"
    sections = [f"{client}metric.reporters" for client in CLIENTS]
    assert [title for title in titles if title.endswith("reporters configuration")] == [
        f"{key} configuration" for key in sections
    ]
    assert titles.index("consumer.metric.reporters configured by Strimzi") < titles.index(
        "User provided configuration"
    )


def test_the_exporter_needs_kafkas_jmx_reporter_and_changes_no_connector(exporting: dict[str, Any]) -> None:
    found = properties(exporting)
    assert {found[f"{client}metric.reporters"] for client in CLIENTS} == {KAFKAS}
    assert not [key for key in found if "prometheus" in key]
    assert not [key for config in configs(exporting) for key in config if "metric" in key]


@pytest.mark.parametrize(
    ("given", "expected"), [("my.Reporter", f"my.Reporter,{STRIMZIS}"), (f"{STRIMZIS},x", f"{STRIMZIS},x")]
)
def test_the_users_reporters_of_the_workers_are_kept(
    reporting: dict[str, Any], given: str, expected: str
) -> None:
    reporting["spec"]["target"]["config"]["producer.metric.reporters"] = given
    text = worker_properties(reporting["spec"], NAMES)
    assert parse(text)["producer.metric.reporters"] == expected
    assert text.count("\nproducer.metric.reporters=") == 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, STRIMZIS), ("my.Reporter", f"my.Reporter,{STRIMZIS}"), (f"my.Reporter,{STRIMZIS}", STRIMZIS)],
)
def test_every_connector_gets_the_reporter_without_a_listener(
    reporting: dict[str, Any], given: str | None, expected: str
) -> None:
    if given is not None:
        for kind in ("sourceConnector", "checkpointConnector"):
            reporting["spec"]["mirrors"][0][kind].setdefault("config", {})["metric.reporters"] = given
    for config in configs(reporting):
        assert config["metric.reporters"] == expected
        assert config["prometheus.metrics.reporter.listener.enable"] == "false"


@pytest.mark.parametrize("kind", ["reporting", "exporting"])
def test_the_metrics_port_is_open_to_all(kind: str, request: pytest.FixtureRequest) -> None:
    resource = request.getfixturevalue(kind)
    [policy] = [m for m in Objects(resource).before_pods() if m["kind"] == "NetworkPolicy"]
    assert policy["spec"]["ingress"][1:] == [{"ports": [{"port": 9404, "protocol": "TCP"}]}]


def test_rules_of_the_exporter(exporting: dict[str, Any]) -> None:
    assert metrics.exporter_rules(exporting["spec"]) == ("rules", "k")
    assert metrics.exporter_json({"data": {"k": "a:\n- b: ü\n"}}, "rules", "k") == '{"a":[{"b":"ü"}]}'
    assert metrics.exporter_json({"data": {"k": ""}}, "rules", "k") == "{}"


@pytest.mark.parametrize(
    ("config_map", "message"),
    [
        (None, "ConfigMap rules does not exist"),
        ({"data": {"other": "a"}}, "ConfigMap rules does not contain specified key k"),
        ({"data": {"k": "a: ["}}, "Failed to parse metrics configuration"),
    ],
)
def test_rules_that_cannot_be_read(config_map: dict[str, Any] | None, message: str) -> None:
    with pytest.raises(Failure) as failure:
        metrics.exporter_json(config_map, "rules", "k")
    assert (failure.value.reason, failure.value.message) == ("InvalidConfigurationException", message)


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"type": "jmxPrometheusExporter", "valueFrom": {}}, "ConfigMap reference is missing"),
        (
            {"type": "jmxPrometheusExporter", "valueFrom": {"configMapKeyRef": {"name": "n"}}},
            "The key under which the metrics configuration is stored in the ConfigMap is missing",
        ),
        (
            {"type": "strimziMetricsReporter", "values": {"allowList": []}},
            "Allowlist should contain at least one element",
        ),
    ],
)
def test_an_invalid_section(given: dict[str, Any], errors: str) -> None:
    with pytest.raises(Failure) as failure:
        metrics.validate({"metricsConfig": given})
    assert failure.value.reason == "InvalidResourceException"
    assert failure.value.message == f"Metrics configuration is invalid: [{errors}]"


def test_an_invalid_expression_is_named(reporting: dict[str, Any]) -> None:
    metrics.validate(reporting["spec"])
    reporting["spec"]["metricsConfig"]["values"]["allowList"].append("(")
    with pytest.raises(Failure, match=r"Invalid regex: \(, "):
        metrics.validate(reporting["spec"])


def test_each_worker_of_the_lab_listens_on_a_port_of_its_own(reporting: dict[str, Any]) -> None:
    own = metrics.in_the_lab(properties(reporting), 20_001)
    assert own == {
        f"{client}prometheus.metrics.reporter.listener": "http://127.0.0.1:20001" for client in CLIENTS
    }


def test_without_strimzis_reporter_no_worker_listens(
    exporting: dict[str, Any], resource: dict[str, Any]
) -> None:
    assert metrics.in_the_lab(properties(exporting), 20_001) == {}
    del resource["spec"]["metricsConfig"]
    assert metrics.in_the_lab(properties(resource), 20_001) == {}


def test_the_agent_is_the_one_that_maven_brings() -> None:
    (version,) = re.findall("<jmx-exporter.version>(.+)</", POM.read_text())
    option = metrics.agent(Path("/libs"), Path("/rules.json"), "20001")
    jar = f"/libs/agents/jmx_prometheus_javaagent-{version}.jar"
    assert option == f"-javaagent:{jar}=127.0.0.1:20001:/rules.json"
