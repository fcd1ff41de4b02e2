"""KafkaUsers of all kinds are what the real CRDs of both generations take."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from manifests.estate import StrimziApi
from manifests.source_user import kafka_user, rights
from manifests.strimzi.kafka_user import copied_user
from settings.model import TlsUsers
from tests.program.crd import problems
from tests.unit.settings.sample import settings

ACLS = [
    {"resource": {"type": "topic", "name": "x"}, "operation": "Write", "host": "10.0.0.1", "type": "deny"},
    {"resource": {"type": "group", "name": "g", "patternType": "prefix"}, "operations": ["Read"]},
    {"resource": {"type": "cluster"}, "operations": ["IdempotentWrite"]},
]


@pytest.mark.parametrize("api", ["v1", "v1beta2"])
@pytest.mark.parametrize("tls", ["new-certificate", "keep-certificate"])
@pytest.mark.parametrize(
    "spec",
    [
        {"authentication": {"type": "scram-sha-512"}},
        {"authentication": {"type": "tls", "validityDays": 90, "renewalDays": 10}},
        {"authentication": {"type": "tls-external"}, "template": {"secret": {}}},
        {"quotas": {"producerByteRate": 1, "requestPercentage": None, "controllerMutationRate": 0.5}},
    ],
)
def test_copies(api: StrimziApi, tls: TlsUsers, spec: dict[str, Any]) -> None:
    given = settings()
    given = replace(given, users=replace(given.users, tls=tls))
    copy = copied_user(given, "ann", {**spec, "authorization": {"type": "simple", "acls": ACLS}}, api)
    assert problems(copy) == []


@pytest.mark.parametrize("api", ["v1", "v1beta2"])
def test_the_source_user(api: StrimziApi) -> None:
    given = settings()
    assert problems(kafka_user(given, rights([given]), api)) == []
