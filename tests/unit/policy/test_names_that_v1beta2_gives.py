"""Connect's names where a mirror of v1beta2 has none are those of every other such mirror."""

from __future__ import annotations

from typing import Any

from tests.unit.policy.made_up import documents, report


def unnamed(source: str) -> dict[str, Any]:
    clusters = [
        {"alias": source, "bootstrapServers": f"{source}.example.com:9093"},
        {"alias": "west", "bootstrapServers": "west.example.com:9093"},
    ]
    flow = {"sourceCluster": source, "targetCluster": "west", "topicsPattern": source, "sourceConnector": {}}
    return {
        "apiVersion": "kafka.strimzi.io/v1beta2",
        "kind": "KafkaMirrorMaker2",
        "metadata": {"name": f"{source}-to-west", "namespace": "kafka"},
        "spec": {"connectCluster": "west", "clusters": clusters, "mirrors": [flow]},
    }


def test_two_mirrors_without_names_into_one_cluster_share_them() -> None:
    """Their workers become one Connect cluster. The rule saw no name, and so no shared one."""
    found = report(
        *documents(one=unnamed("east"), other=unnamed("north")), rule="internal-names-unshared"
    ).findings
    assert len(found) == 8
    assert "groupId mirrormaker2-cluster is also used by kafka/north-to-west in other" in found[0].message


def test_one_alone_shares_nothing() -> None:
    assert report(*documents(one=unnamed("east")), rule="internal-names-unshared").findings == ()
