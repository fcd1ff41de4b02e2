"""What reaches Kubernetes, in full, for people to read in a review; and Strimzi's CRDs accept it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from settings.model import Settings
from tests.program.conftest import SIGNATURE, Declare, Program
from tests.program.crd import problems
from tests.unit.settings.sample import settings

CASES: dict[str, dict[str, Any]] = {
    "one-way-exactly-once": {"users__copy": ["orders-consumer", "tls-producer"]},
    "two-way-default-policy": {
        "mirror__replication_policy": "default",
        "mirror__topics": ["orders", "payments-.*", "customers"],
        "mirror__topics_exclude": ["payments-tmp"],
        "mirror__groups": ["orders-.*"],
    },
    "at-least-once-scram-target": {
        "mirror__exactly_once": False,
        "mirror__offset_syncs_topic_location": "source",
        "target__authentication": "scram-sha-512",
        "source__authentication": "tls",
        "mirror__replication_factor": 3,
        "users__copy": [],
    },
    "stopped-unverified": {
        "mirror__state": "stopped",
        "mirror__topics": [".*"],
        "users__copy": [],
    },
}


def manifests(program: Program) -> list[dict[str, Any]]:
    """Everything that goes to Kubernetes, secret values hidden."""
    result = []
    for resource in program.resources:
        if resource.type.startswith("kubernetes:"):
            manifest = copy.deepcopy(resource.inputs)
            if resource.kind == "Secret":
                assert SIGNATURE in manifest["data"], "data is not marked as secret"
                manifest["data"] = dict.fromkeys(manifest["data"]["value"], "[secret]")
            result.append(manifest)
    order = ("Secret", "ConfigMap", "KafkaUser", "KafkaMirrorMaker2")
    return sorted(result, key=lambda m: (order.index(m["kind"]), m["metadata"]["name"]))


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[str, Settings]:
    return request.param, settings(**CASES[request.param])


def test_the_manifests_are_the_golden_ones(
    case: tuple[str, Settings], declare: Declare, golden: Callable[[str, str], None]
) -> None:
    name, given = case
    golden(f"{name}.yaml", yaml.safe_dump_all(manifests(declare(given)), sort_keys=True, width=110))


def test_strimzis_crds_accept_them(case: tuple[str, Settings], declare: Declare) -> None:
    custom = [m for m in manifests(declare(case[1])) if m["kind"] not in ("Secret", "ConfigMap")]
    assert custom
    for manifest in custom:
        assert problems(manifest) == [], manifest["metadata"]["name"]


def test_the_crds_would_refuse_an_unknown_field(declare: Declare) -> None:
    (mirror,) = [m for m in manifests(declare(settings())) if m["kind"] == "KafkaMirrorMaker2"]
    mirror["spec"]["mirrors"][0]["heartbeatConnector"] = {}
    mirror["spec"]["target"]["authentication"]["type"] = "oauth"
    del mirror["spec"]["target"]["groupId"]
    found = "\n".join(problems(mirror))
    assert "heartbeatConnector" in found
    assert "oauth" in found
    assert "groupId" in found
