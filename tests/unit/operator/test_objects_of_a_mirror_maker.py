"""The Kubernetes objects of a KafkaMirrorMaker2 are those that Strimzi makes."""

from typing import Any

import pytest

from lab.operator.failures import Failure
from lab.operator.mirror_maker2.objects import Objects


def by_kind_and_name(resource: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    manifests = Objects(resource).before_pods()
    return {(m["kind"], m["metadata"]["name"]): m for m in manifests}


def test_the_observed_config_map_has_these_labels_and_owners(
    resource: dict[str, Any], config_map: dict[str, Any]
) -> None:
    metadata = Objects(resource).config_map({})["metadata"]
    observed = config_map["metadata"]
    for field in ("name", "namespace", "labels", "ownerReferences"):
        assert metadata[field] == observed[field]


def test_all_objects_are_there(resource: dict[str, Any]) -> None:
    assert set(by_kind_and_name(resource)) == {
        ("ServiceAccount", "dr-mirrormaker2"),
        ("Role", "dr-mirrormaker2"),
        ("RoleBinding", "dr-mirrormaker2-role"),
        ("NetworkPolicy", "dr-mirrormaker2"),
        ("Service", "dr-mirrormaker2-api"),
        ("Service", "dr-mirrormaker2"),
    }


def test_the_role_reads_exactly_the_secrets_of_authentication_and_trust(resource: dict[str, Any]) -> None:
    rules = by_kind_and_name(resource)["Role", "dr-mirrormaker2"]["rules"]
    names = ["dr-connect-tls-trusted-certs", "mm2-src-user", "mm2-tgt-user"]
    rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": names}
    assert rules == [rule]


def test_no_secrets_no_role(resource: dict[str, Any]) -> None:
    for cluster in (resource["spec"]["target"], resource["spec"]["mirrors"][0]["source"]):
        del cluster["tls"], cluster["authentication"]
    assert not [kind for kind, _ in by_kind_and_name(resource) if kind.startswith("Role")]


def test_the_network_policy_lets_in_own_pods_and_the_operator(resource: dict[str, Any]) -> None:
    spec = by_kind_and_name(resource)["NetworkPolicy", "dr-mirrormaker2"]["spec"]
    own = {
        "strimzi.io/cluster": "dr",
        "strimzi.io/name": "dr-mirrormaker2",
        "strimzi.io/kind": "KafkaMirrorMaker2",
    }
    assert spec["podSelector"] == {"matchLabels": own}
    assert [peer["podSelector"]["matchLabels"] for peer in spec["ingress"][0]["from"]] == [
        own,
        {"strimzi.io/kind": "cluster-operator"},
    ]
    assert spec["ingress"][0]["ports"] == [{"port": 8083, "protocol": "TCP"}]


def test_the_headless_service_publishes_what_is_not_ready(resource: dict[str, Any]) -> None:
    spec = by_kind_and_name(resource)["Service", "dr-mirrormaker2"]["spec"]
    assert spec["clusterIP"] == "None"
    assert spec["publishNotReadyAddresses"] is True


@pytest.mark.parametrize(("replicas", "available"), [(0, 0), (1, 0), (2, 1), (3, 2)])
def test_disruption_budget(resource: dict[str, Any], replicas: int, available: int) -> None:
    resource["spec"]["replicas"] = replicas
    assert Objects(resource).pod_disruption_budget()["spec"]["minAvailable"] == available


def test_labels_of_strimzis_own_are_refused(resource: dict[str, Any]) -> None:
    resource["metadata"]["labels"]["strimzi.io/kind"] = "mine"
    with pytest.raises(Failure) as refused:
        Objects(resource)
    assert refused.value.reason == "IllegalArgumentException"
    assert "such labels should be removed" in str(refused.value)


def test_which_labels_go_on(resource: dict[str, Any]) -> None:
    resource["metadata"]["labels"] = {
        "team": "x",
        "strimzi.io/cluster": "y",
        "app.kubernetes.io/part-of": "z",
        "app.kubernetes.io/version": "1",
        "kustomize.toolkit.fluxcd.io/name": "n",
    }
    labels = Objects(resource).labels
    assert labels["team"] == "x"
    assert labels["strimzi.io/cluster"] == "dr"
    assert labels["app.kubernetes.io/part-of"] == "strimzi-dr"
    assert not {"app.kubernetes.io/version", "kustomize.toolkit.fluxcd.io/name"} & labels.keys()


def test_long_names_are_cut_to_a_valid_label(resource: dict[str, Any]) -> None:
    resource["metadata"]["name"] = "a" * 54 + "-" + "b" * 20
    assert Objects(resource).labels["app.kubernetes.io/part-of"] == "strimzi-" + "a" * 54
