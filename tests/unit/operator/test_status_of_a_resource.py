"""The status that Strimzi would write, and when it is written at all."""

import re
from typing import Any

import pytest

from lab.operator import status
from lab.operator.failures import Failure, invalid_configuration, timed_out
from lab.operator.mirror_maker2.connector_flow import Outcome
from lab.operator.mirror_maker2.objects import Objects
from lab.operator.mirror_maker2.reconcile import status_of, validated

CONNECTORS = [{"name": "a", "connector": {"state": "RUNNING"}, "tasks": []}]


def test_ready(resource: dict[str, Any]) -> None:
    made = status_of(resource, Outcome(connectors=CONNECTORS), Objects(resource))
    time = made["conditions"][0].pop("lastTransitionTime")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", time)
    assert made == {
        "conditions": [{"type": "Ready", "status": "True"}],
        "connectors": CONNECTORS,
        "labelSelector": (
            "strimzi.io/cluster=dr,strimzi.io/name=dr-mirrormaker2,strimzi.io/kind=KafkaMirrorMaker2"
        ),
        "observedGeneration": 1,
        "replicas": 2,
        "url": "http://dr-mirrormaker2-api.mm2.svc:8083",
    }


def test_a_failure_keeps_warnings_and_the_url(resource: dict[str, Any]) -> None:
    outcome = Outcome(
        warnings=[status.warning("RestartConnector", "m")], failure=invalid_configuration("Secret X")
    )
    made = status_of(resource, outcome, Objects(resource))
    assert [(c["type"], c["status"], c["reason"]) for c in made["conditions"]] == [
        ("NotReady", "True", "InvalidConfigurationException"),
        ("Warning", "True", "RestartConnector"),
    ]
    assert "connectors" not in made
    assert made["url"]


def test_without_replicas_there_is_no_url(resource: dict[str, Any]) -> None:
    resource["spec"]["replicas"] = 0
    made = status_of(resource, Outcome(), Objects(resource))
    assert made["replicas"] == 0
    assert not {"url", "connectors"} & made.keys()


def test_a_refused_resource(resource: dict[str, Any]) -> None:
    made = status_of(resource, Outcome(failure=invalid_configuration("x")), None)
    assert made.keys() == {"conditions", "observedGeneration", "replicas"}
    assert made["replicas"] == 0


def test_a_failure_without_a_message_has_none(resource: dict[str, Any]) -> None:
    failure = Failure("java.lang.NullPointerException", None)
    condition = status_of(resource, Outcome(failure=failure), Objects(resource))["conditions"][0]
    assert condition["reason"] == "NullPointerException"
    assert "message" not in condition


@pytest.mark.parametrize(
    ("change", "reason", "message"),
    [
        (
            {"version": "3.9.0"},
            "InvalidResourceException",
            "Kafka version 3.9.0 is not supported. Supported versions are: 4.2.0, 4.2.1, 4.3.0, 4.3.1.",
        ),
        (
            {"target": {"authentication": {"type": "scram-sha-512", "username": "u"}}},
            "InvalidResourceException",
            "SCRAM-SHA-512 authentication selected, but username or password configuration is missing.",
        ),
        (
            {"target": {"authentication": {"type": "tls"}}},
            "InvalidResourceException",
            "TLS Client authentication selected, but no certificate and key configured.",
        ),
        (
            {"target": {"config": {"a": None}}},
            "InvalidConfigParameterException",
            "a: A null value is not allowed for this key",
        ),
    ],
)
def test_what_is_refused(resource: dict[str, Any], change: dict[str, Any], reason: str, message: str) -> None:
    resource["spec"] |= change
    with pytest.raises(Failure) as refused:
        validated(resource)
    assert (refused.value.reason, refused.value.message) == (reason, message)


def test_what_strimzi_accepts_though_it_makes_no_sense(resource: dict[str, Any]) -> None:
    resource["spec"]["mirrors"][0]["source"]["alias"] = "tgt"
    validated(resource)
    resource["spec"]["mirrors"] = []
    validated(resource)


def test_only_other_times_are_no_difference() -> None:
    one = {"conditions": [status.main_condition(None)], "observedGeneration": 1}
    other = {"conditions": [status.main_condition(None)], "observedGeneration": 1}
    assert one != other
    assert not status.differs(one, other)
    assert status.differs(one, other | {"observedGeneration": 2})
    assert status.differs(None, other)


def test_paused(resource: dict[str, Any]) -> None:
    resource["status"] = {"observedGeneration": 4, "connectors": CONNECTORS}
    assert not status.is_paused(resource)
    resource["metadata"]["annotations"] = {"strimzi.io/pause-reconciliation": "true"}
    assert status.is_paused(resource)
    paused = status.paused_status(resource)
    assert paused["observedGeneration"] == 4
    assert [c["type"] for c in paused["conditions"]] == ["ReconciliationPaused"]


def test_time_out_is_told_as_strimzi_does() -> None:
    failure = timed_out(300, "Pods resource dr-mirrormaker2-0 in namespace mm2")
    assert failure.reason == "StrimziTimeoutException"
    assert failure.message == (
        "Exceeded timeout of 300000ms while waiting for"
        " Pods resource dr-mirrormaker2-0 in namespace mm2 to be ready"
    )
