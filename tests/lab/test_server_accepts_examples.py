"""A real kube-apiserver accepts what every example stack declares: strictly, as server-side apply, without
changing anything.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lab.layout import NAMESPACE
from lab.region.strimzi import custom_resource_definitions
from lab.toolchain import Toolchain
from settings.load import load
from settings.model import Settings
from tests.lab.support.kubernetes_api import KubernetesApi, api_with
from tests.lab.support.lab import Regions
from tests.program.crd import crd_folder
from tests.program.every_setting import every_setting
from tests.program.examples import EXAMPLES, golden, manifests, stack

GOLDEN = (*EXAMPLES, "every-setting-v1", "every-setting-v1beta2")


@pytest.fixture(scope="module")
def v1(regions: Regions) -> KubernetesApi:
    """The lab's own target, with the CRDs of the Strimzi that it stands for."""
    return KubernetesApi(Toolchain.load().kubectl, regions.lab.kubeconfig("west"))


@pytest.fixture(scope="module")
def v1beta2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubernetesApi]:
    """An API with the CRDs of the last Strimzi that served v1beta2 alone."""
    definitions = custom_resource_definitions(crd_folder() / "v1beta2")
    with api_with(tmp_path_factory.mktemp("v1beta2"), definitions) as api:
        yield api


def sendable(declared: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Golden manifests as they can be sent: in the lab's namespace, hidden secrets as base64."""
    for manifest in declared:
        manifest["metadata"]["namespace"] = NAMESPACE
        if manifest["kind"] == "Secret":
            encoded = base64.b64encode(b"hidden").decode()
            manifest["data"] = dict.fromkeys(manifest["data"], encoded)
    return declared


def is_v1beta2(declared: list[dict[str, Any]]) -> bool:
    return any(manifest["apiVersion"].endswith("/v1beta2") for manifest in declared)


def older(settings: Settings) -> Settings:
    return replace(settings, target=replace(settings.target, api_version="v1beta2"))


@pytest.mark.parametrize("name", GOLDEN)
def test_every_golden_manifest_is_accepted(name: str, v1: KubernetesApi, v1beta2: KubernetesApi) -> None:
    declared = sendable(golden(name))
    ran = (v1beta2 if is_v1beta2(declared) else v1).would_apply(declared).ok()
    assert ran.stdout.count("serverside-applied (server dry run)") == len(declared)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_accepted_by_an_older_strimzi_too(example: str, v1beta2: KubernetesApi) -> None:
    declared = [m for settings in stack(example) for m in manifests(older(settings))]
    assert is_v1beta2(declared)
    v1beta2.would_apply(sendable(declared)).ok()


def mirror_maker2(api: str) -> dict[str, Any]:
    (found,) = [m for m in manifests(load(every_setting(api))) if m["kind"] == "KafkaMirrorMaker2"]
    return found


def test_v1_refuses_what_it_dropped(v1: KubernetesApi) -> None:
    mirror = mirror_maker2("v1")
    mirror["spec"]["mirrors"][0]["heartbeatConnector"] = {}
    ran = v1.would_apply([mirror])
    assert ran.code != 0
    assert "heartbeatConnector" in ran.output


def test_v1_keeps_the_rules_that_a_schema_cannot_say(v1: KubernetesApi) -> None:
    mirror = mirror_maker2("v1")
    del mirror["spec"]["metricsConfig"]["valueFrom"]
    ran = v1.would_apply([mirror])
    assert ran.code != 0
    assert "valueFrom property is required" in ran.output


def test_v1beta2_knows_nothing_of_v1(v1beta2: KubernetesApi) -> None:
    mirror = mirror_maker2("v1")
    assert v1beta2.would_apply([mirror]).code != 0
    mirror["apiVersion"] = "kafka.strimzi.io/v1beta2"
    ran = v1beta2.would_apply([mirror])
    assert ran.code != 0
    assert "target" in ran.output


def test_v1_knows_nothing_of_v1beta2(v1: KubernetesApi) -> None:
    assert v1.would_apply([mirror_maker2("v1beta2")]).code != 0


def test_nothing_was_changed(v1: KubernetesApi, v1beta2: KubernetesApi, regions: Regions) -> None:
    declared = sendable(golden("three-sources-one-target"))
    v1.would_apply(declared).ok()
    names = {m["metadata"]["name"] for m in declared}
    assert not [name for name in names if regions.secret("west", name) is not None]
