"""What the lab puts into Kubernetes is what Strimzi's own definitions accept, in Strimzi's layout."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from lab.region import pki, strimzi
from lab.toolchain import Toolchain, ToolchainIncomplete


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    try:
        folder = Toolchain.load().crds
    except ToolchainIncomplete as lacking:
        pytest.skip(str(lacking))
    definitions = strimzi.custom_resource_definitions(folder)
    return {
        d["spec"]["names"]["kind"]: d["spec"]["versions"][0]["schema"]["openAPIV3Schema"] for d in definitions
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("east") / "pki"
    pki.create(folder, "east")
    return folder


@pytest.fixture(scope="module")
def secrets(folder: Path) -> dict[str, dict[str, Any]]:
    return {secret["metadata"]["name"]: secret for secret in strimzi.secrets("east", folder)}


def test_kafka_and_its_node_pool_fit_their_definitions(schemas: dict[str, Any]) -> None:
    jsonschema.validate(strimzi.kafka("east"), schemas["Kafka"])
    jsonschema.validate(strimzi.node_pool("east"), schemas["KafkaNodePool"])


def test_the_status_fits_and_names_address_and_trust_of_each_listener(schemas: dict[str, Any]) -> None:
    status = strimzi.kafka_status({"scram": 20_001, "mtls": 20_002}, "id", "PEM", 1)
    jsonschema.validate(status, schemas["Kafka"]["properties"]["status"])
    assert {one["name"]: one["bootstrapServers"] for one in status["listeners"]} == {
        "scram": "localhost:20001",
        "mtls": "localhost:20002",
    }
    assert all(one["certificates"] == ["PEM"] for one in status["listeners"])
    assert {listener["name"] for listener in strimzi.kafka("east")["spec"]["kafka"]["listeners"]} == {
        "scram",
        "mtls",
    }


def test_secrets_have_strimzis_names_and_keys(secrets: dict[str, dict[str, Any]]) -> None:
    assert {name: sorted(secret["data"]) for name, secret in secrets.items()} == {
        "east-cluster-ca-cert": ["ca.crt", "ca.p12", "ca.password"],
        "east-cluster-ca": ["ca.key"],
        "east-clients-ca-cert": ["ca.crt", "ca.p12", "ca.password"],
        "east-clients-ca": ["ca.key"],
        "east-cluster-operator-certs": ["cluster-operator.crt", "cluster-operator.key"],
    }
    for secret in secrets.values():
        assert secret["metadata"]["labels"]["strimzi.io/cluster"] == "east"
        assert secret["metadata"]["labels"]["strimzi.io/kind"] == "Kafka"
    certificate = secrets["east-cluster-ca-cert"]["metadata"]
    assert certificate["annotations"] == {"strimzi.io/ca-cert-generation": "0"}
    assert certificate["labels"]["strimzi.io/component-type"] == "certificate-authority"


def test_the_trust_store_opens_with_its_password(secrets: dict[str, dict[str, Any]], folder: Path) -> None:
    data = {key: base64.b64decode(value) for key, value in secrets["east-cluster-ca-cert"]["data"].items()}
    store = pkcs12.load_pkcs12(data["ca.p12"], data["ca.password"])
    (certificate,) = store.additional_certs
    assert certificate.certificate.public_bytes(Encoding.PEM) == data["ca.crt"]
