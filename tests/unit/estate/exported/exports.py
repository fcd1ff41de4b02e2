"""Secrets and KafkaUsers as `oc get -o yaml` exports them, and stacks that read them."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from manifests.estate import Estate
from mirror.estate.findings import EstateError
from mirror.estate.loops import unseen
from mirror.estate.reading import read_estate
from settings.model import ExportedSettings, Settings, UsersSettings
from settings.model.secret import SecretText
from tests.unit.support.fake_kubernetes import authority
from tests.unit.support.made_up import settings
from tests.unit.support.pki import Issued, issue

SECRET = "5up3rs3cr3tpassword"


def secret(name: str, data: dict[str, str], **labels: str) -> dict[str, Any]:
    """A Secret as `oc get secret NAME -o yaml` prints it, with metadata that nobody needs."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name, "namespace": "kafka", "uid": "4711", "resourceVersion": "99", "labels": labels,
            "creationTimestamp": "2026-01-01T00:00:00Z", "managedFields": [{"manager": "strimzi"}],
            "ownerReferences": [{"kind": "KafkaUser", "name": name}],
        },
        "type": "Opaque",
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
    }  # fmt: skip


def ca_secret(ca: Issued, name: str = "east-cluster-ca-cert", **more: str) -> dict[str, Any]:
    return secret(name, {"ca.crt": ca.pem, "ca.password": "x", **more})


def user_secret(name: str = "mirror-source") -> dict[str, Any]:
    labels = {"app.kubernetes.io/instance": name, "strimzi.io/kind": "KafkaUser"}
    jaas = f'org.apache.kafka.common.security.scram.ScramLoginModule required password="{SECRET}";'
    return secret(name, {"password": SECRET, "sasl.jaas.config": jaas}, **labels)


def text(*documents: Any) -> str:
    return "---\n".join(yaml.safe_dump(one) for one in documents)


def stack(cluster_ca: str, user: str, *kafka_users: str, **users: Any) -> Settings:
    exported = ExportedSettings(
        SecretText(cluster_ca), SecretText(user), tuple(SecretText(one) for one in kafka_users)
    )
    base = settings()
    source = replace(
        base.source, exported=exported, cluster=None, namespace=None, listener=None, bootstrap_servers="e:443"
    )
    return replace(base, source=source, users=UsersSettings(**users))


MIRRORS_UNSEEN = tuple(unseen(stack("", "")))
"""The warning that no export shows the mirrors beside the source."""


def read(given: Settings, root: Path = Path()) -> Estate:
    return read_estate(given, root)


def problems(given: Settings, root: Path = Path()) -> str:
    with pytest.raises(EstateError) as caught:
        read_estate(given, root)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def kafka_user(name: str, kind: str = "scram-sha-512", **labels: str) -> dict[str, Any]:
    metadata = {"name": name, "labels": labels}
    return {"kind": "KafkaUser", "metadata": metadata, "spec": {"authentication": {"type": kind}}}


def tls_stack(cluster_ca: str, user: str, name: str = "mirror-source") -> Settings:
    base = stack(cluster_ca, user)
    return replace(base, source=replace(base.source, authentication="tls", user=name))


def issued_elsewhere(name: str, user: str, *, days: float = 36_500) -> tuple[dict[str, Any], Issued]:
    """The Secret that cert-manager keeps for a KafkaUser of type tls-external, and its certificate."""
    root = authority("Corporate Root")
    certificate = issue(user, root, days=days)
    data = {"tls.crt": certificate.pem, "tls.key": certificate.key_pem, "ca.crt": root.pem}
    return {**secret(name, data), "type": "kubernetes.io/tls"}, certificate
