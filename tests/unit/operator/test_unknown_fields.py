"""The Warning UnknownFields: ValidationVisitor and the classes of Strimzi's api module (1.2.0)."""

from typing import Any

import pytest

from lab.operator.unknown_fields import unknown_fields


def messages(resource: dict[str, Any]) -> list[str]:
    conditions = unknown_fields(resource)
    assert {(c["type"], c["status"], c["reason"]) for c in conditions} <= {
        ("Warning", "True", "UnknownFields")
    }
    return [condition["message"] for condition in conditions]


def user(**spec: Any) -> dict[str, Any]:
    return {"kind": "KafkaUser", "metadata": {"name": "u", "namespace": "kafka"}, "spec": spec}


def test_nothing_unknown(resource: dict[str, Any]) -> None:
    assert messages(resource) == []
    assert messages(user()) == []
    assert messages(user(authentication={"type": "scram-sha-512", "password": {}})) == []


@pytest.mark.parametrize(
    ("section", "given", "unknown"),
    [
        ("metricsConfig", {"type": "strimziMetricsReporter", "valueFrom": {}}, "valueFrom"),
        ("metricsConfig", {"type": "jmxPrometheusExporter", "valueFrom": {}, "values": {}}, "values"),
        ("logging", {"type": "inline", "loggers": {}, "valueFrom": {}}, "valueFrom"),
        ("logging", {"type": "external", "loggers": {}, "valueFrom": {}}, "loggers"),
        ("rack", {"type": "topology-label", "topologyKey": "t", "envVarName": "E"}, "envVarName"),
        ("rack", {"type": "environment-variable", "topologyKey": "t", "envVarName": "E"}, "topologyKey"),
    ],
)
def test_sections_of_a_mirror_maker(
    resource: dict[str, Any], section: str, given: dict[str, Any], unknown: str
) -> None:
    resource["spec"][section] = given
    assert messages(resource) == [
        f"Resource KafkaMirrorMaker2(mm2/dr) contains object at path spec.{section} with an unknown property:"
        f" {unknown}"
    ]


def test_authentication_of_target_and_sources(resource: dict[str, Any]) -> None:
    resource["spec"]["target"]["authentication"]["username"] = "u"
    source = resource["spec"]["mirrors"][0]["source"]
    source["authentication"] |= {"sasl": True, "config": {}}
    resource["spec"]["mirrors"].append({"source": source})
    where = "Resource KafkaMirrorMaker2(mm2/dr) contains object at path spec"
    assert messages(resource) == [
        f"{where}.target.authentication with an unknown property: username",
        f"{where}.mirrors.source.authentication with unknown properties: sasl, config",
    ]


def test_a_users_authentication_and_acls() -> None:
    acls = [
        {"resource": {"type": "cluster", "name": "kafka-cluster"}, "operations": ["Describe"]},
        {"resource": {"type": "cluster", "name": "kafka-cluster"}, "operations": ["Create"]},
        {"resource": {"type": "topic", "name": "t", "patternType": "literal"}, "operations": ["Read"]},
    ]
    given = user(
        authentication={"type": "tls-external", "password": {}},
        authorization={"type": "simple", "acls": acls},
    )
    where = "Resource KafkaUser(kafka/u) contains object at path spec"
    assert messages(given) == [
        f"{where}.authentication with an unknown property: password",
        f"{where}.authorization.acls.resource with an unknown property: name",
    ]
