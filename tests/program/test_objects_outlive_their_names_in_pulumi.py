"""An upgrade of Strimzi, another kubeconfig or `--replace` must not delete a running mirror.

Pulumi deletes an object by its name in Kubernetes: where it takes one object for two, it deletes the new one.
"""

from __future__ import annotations

import pytest

from manifests.estate import StrimziApi
from settings.load import load
from settings.model import Settings
from tests.program.conftest import Declare, Declared
from tests.program.every_setting import every_setting
from tests.unit.settings.sample import settings

OTHER: dict[StrimziApi, StrimziApi] = {"v1": "v1beta2", "v1beta2": "v1"}


def strimzi(declare: Declare, given: Settings) -> list[Declared]:
    found = [one for one in declare(given).resources if one.type.startswith("kubernetes:kafka.strimzi.io/")]
    assert {one.kind for one in found} >= {"KafkaMirrorMaker2", "KafkaUser", "KafkaConnect", "KafkaConnector"}
    return found


@pytest.mark.parametrize("api", OTHER)
def test_a_resource_of_strimzi_is_known_under_the_other_version(api: StrimziApi, declare: Declare) -> None:
    for one in strimzi(declare, load(every_setting(api))):
        assert one.type.startswith(f"kubernetes:kafka.strimzi.io/{api}:")
        assert (f"kubernetes:kafka.strimzi.io/{OTHER[api]}:{one.kind}", "") in one.formerly


def test_a_copied_user_is_known_under_both_versions_and_both_names(declare: Declare) -> None:
    user = declare(settings()).one("KafkaUser", "west/orders-producer")
    older = "kubernetes:kafka.strimzi.io/v1beta2:KafkaUser"
    assert user.formerly == {("", "orders-producer"), (older, ""), (older, "orders-producer")}


def test_objects_of_kubernetes_itself_have_one_version(declare: Declare) -> None:
    for one in (*declare(settings()).of("Secret"), *declare(settings()).of("ConfigMap")):
        assert not one.formerly


def test_what_is_replaced_is_deleted_before_it_is_created(declare: Declare) -> None:
    objects = [
        one
        for one in declare(load(every_setting())).resources
        if one.type.startswith("kubernetes:") and not one.type.startswith("kubernetes:provider")
    ]
    assert objects
    assert all(one.deleted_first for one in objects)


def test_another_address_of_the_same_cluster_replaces_nothing(declare: Declare) -> None:
    first = declare(settings(target__kubeconfig="one")).one("kubernetes").inputs
    second = declare(settings(target__kubeconfig="two")).one("kubernetes").inputs
    assert first["clusterIdentifier"] == second["clusterIdentifier"]


def test_an_object_that_exists_is_taken_over(declare: Declare) -> None:
    """pulumi-kubernetes 4.29 and newer refuse it otherwise, also with `mirror.take_over`."""
    assert declare(settings()).one("kubernetes").inputs["upsertExistingObjects"] == "true"
