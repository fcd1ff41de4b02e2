"""Pulumi is given every manifest of the declaration, the optional ones too, and nothing of its own making."""

from __future__ import annotations

from typing import Any

import pytest

from manifests.declaration import Declaration
from settings.load import load
from tests.program.conftest import Declare
from tests.program.every_setting import every_setting
from tests.program.sample import estate


@pytest.mark.parametrize("api", ["v1", "v1beta2"])
def test_every_manifest_is_registered_as_it_is(api: str, declare: Declare) -> None:
    given = load(every_setting(api))
    program = declare(given)
    for manifest in Declaration.of(given, estate(given)).manifests:
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        inputs = program.one(kind, name).inputs
        assert inputs["metadata"]["annotations"].items() >= manifest["metadata"]["annotations"].items()
        if kind != "Secret":
            part = "data" if kind == "ConfigMap" else "spec"
            assert inputs.get(part) == manifest.get(part)
            assert inputs.get("apiVersion", "v1") == manifest["apiVersion"]


def test_the_workers_wait_for_their_metrics_rules(declare: Declare) -> None:
    program = declare(load(every_setting()))
    rules = program.one("ConfigMap", "east-to-west-metrics")
    assert rules.urn in program.one("KafkaMirrorMaker2").after


def test_what_nobody_asked_for_is_not_there(declare: Declare) -> None:
    quiet: dict[str, Any] = {"workers__metrics": "none", "mirror__heartbeats_interval_seconds": 0}
    program = declare(load(every_setting(**quiet)))
    assert [one.name for one in program.of("ConfigMap")] == [
        "east-to-west-baseline",
        "east-to-west-last-look",
    ]
    for kind in ("KafkaConnect", "KafkaConnector"):
        assert not program.of(kind)


def test_a_source_with_a_public_ca_needs_no_secret_for_it(declare: Declare) -> None:
    without: dict[str, Any] = {
        f"source__{key}": None for key in ("cluster", "namespace", "kubeconfig", "listener")
    }
    given = load(
        every_setting(
            source__credentials={"password": {"secure": "v1:a:b"}, "public_ca": True},
            source__bootstrap_servers="kafka.example.com:9094",
            **without,
        )
    )
    names = {secret.name for secret in declare(given).of("Secret")}
    assert names == {"east-to-west-east-user"}
    (mirror,) = Declaration.of(given, estate(given)).mirror_maker2["spec"]["mirrors"]
    assert mirror["source"]["tls"] == {}
