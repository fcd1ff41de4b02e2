"""Two sound mirrors in two files, of two stacks, projects or teams, can make one endless circle."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from policy.documents import Document
from policy.examples import MIRROR, SOURCE, SOURCE_CONFIG, TARGET, back, sound
from policy.files import read_file
from tests.unit.policy.made_up import STOPPED, documents, ids, report

DEFAULT = "org.apache.kafka.connect.mirror.DefaultReplicationPolicy"
STACK = """
config:
  {project}:source: {{alias: {source}, user: mirror-source, bootstrap_servers: "{source}.example.com:9094",
    credentials: {{ca: {{secure: x}}, password: {{secure: x}}}}}}
  {project}:target: {{alias: {target}, cluster: prod, namespace: kafka, listener: tls{context}}}
  {project}:mirror: {{name: {source}-to-{target}, topics: [events], replication_policy: {policy}}}
"""


def stack(
    folder: Path, name: str, source: str, target: str, policy: str = "identity", **more: str
) -> list[Document]:
    path = folder / f"Pulumi.{name}.yaml"
    values = {"project": "region-mirror", "context": "", **more}
    path.write_text(STACK.format(source=source, target=target, policy=policy, **values))
    return read_file(path)


def test_two_stack_files_of_two_projects_make_a_circle(tmp_path: Path) -> None:
    """The public case: ultramozg/pulumi, one stack a region, topic `events` both ways with identity."""
    there = stack(tmp_path, "west", "east", "west")
    back_again = stack(tmp_path, "east", "west", "east", project="other-team")
    found = report(*there, beside=tuple(back_again), rule="no-circle")
    (one,) = found.findings
    assert one.violation.subject.origin == "west"
    assert "topic 'events' would be copied in a circle" in one.message
    assert "west-to-east in east copies west -> east" in one.message


def test_the_default_policy_makes_none(tmp_path: Path) -> None:
    there = stack(tmp_path, "west", "east", "west", "default")
    back_again = stack(tmp_path, "east", "west", "east", "default")
    assert ids(report(*there, *back_again, rule="no-circle")) == []


def test_one_identity_and_one_default_do(tmp_path: Path) -> None:
    there = stack(tmp_path, "west", "east", "west")
    back_again = stack(tmp_path, "east", "west", "east", "default")
    assert ids(report(*there, *back_again, rule="no-circle")) == ["no-circle"]


def test_the_same_aliases_in_other_environments_are_other_clusters(tmp_path: Path) -> None:
    there = stack(tmp_path, "prod-west", "east", "west")
    back_again = stack(tmp_path, "staging-east", "west", "east")
    policy = 'environments: {prod: ["prod-*"], staging: ["staging-*"]}'
    assert ids(report(*there, *back_again, rule="no-circle")) == ["no-circle"]
    assert ids(report(*there, *back_again, policy=policy, rule="no-circle")) == []


def test_targets_in_two_kubernetes_clusters_are_two(tmp_path: Path) -> None:
    one = stack(tmp_path, "prod", "east", "west", context=", context: prod-west")
    other = stack(tmp_path, "staging", "east", "west", context=", context: staging-west")
    assert ids(report(*one, *other, rule="one-writer")) == []
    same = stack(tmp_path, "again", "east", "west", context=", context: prod-west")
    assert ids(report(*one, *same, rule="one-writer")) == ["one-writer"]


def test_resources_of_two_teams_make_a_circle() -> None:
    found = report(*documents(ours=sound(), theirs=back()), rule="no-circle")
    assert {one.violation.subject.origin for one in found.findings} == {"ours", "theirs"}


def test_v1beta2_is_compared_with_v1() -> None:
    old: dict[str, Any] = {
        "apiVersion": "kafka.strimzi.io/v1beta2",
        "kind": "KafkaMirrorMaker2",
        "metadata": {"name": "old"},
        "spec": {
            "connectCluster": "east",
            "clusters": [{"alias": "west"}, {"alias": "east"}],
            "mirrors": [
                {
                    "sourceCluster": "west",
                    "targetCluster": "east",
                    "sourceConnector": {
                        "config": {
                            "replication.policy.class": "io.strimzi.kafka.connect.mirror."
                            "IdentityReplicationPolicy"
                        }
                    },
                    "topicsPattern": ".*",
                }
            ],
        },
    }
    assert ids(report(*documents(new=sound(), old=old), rule="no-circle")) == ["no-circle"]


def test_two_entries_of_one_resource_make_a_circle() -> None:
    """A resource has one target, so its entries alone make none; with a second resource they do."""
    one = sound()
    second = copy.deepcopy(one["spec"]["mirrors"][0])
    second["source"]["alias"] = "north"
    second["topicsPattern"] = "news"
    one["spec"]["mirrors"].append(second)
    to_north = back(
        ((*TARGET, "alias"), "north"),
        ((*TARGET, "bootstrapServers"), "north-kafka-bootstrap:9093"),
        ((*MIRROR, "topicsPattern"), "news"),
    )
    found = report(*documents(one=one, other=to_north), rule="no-circle")
    assert all("north -> west" in finding.message for finding in found.findings)
    assert found.findings


def test_other_aliases_for_the_same_clusters_are_named_in_the_policy_file() -> None:
    other = back(((*SOURCE, "alias"), "w"), ((*TARGET, "alias"), "e"))
    files = documents(ours=sound(), theirs=other)
    assert ids(report(*files, rule="no-circle")) == []
    policy = "clusters: {east: [east, e], west: [west, w]}"
    assert ids(report(*files, policy=policy, rule="no-circle")) == ["no-circle"]


def test_services_of_the_same_name_are_not_the_same_cluster() -> None:
    """`my-cluster-kafka-bootstrap` exists in every namespace."""
    address = ((*TARGET, "bootstrapServers"), "my-cluster-kafka-bootstrap:9093")
    assert ids(report(*documents(a=sound(address), b=back(address)), rule="one-writer")) == []


def test_a_stopped_mirror_counts_and_a_promoted_one_does_not() -> None:
    stopped = back(((*MIRROR, "sourceConnector", "state"), "stopped"))
    (one, _) = report(*documents(a=sound(), b=stopped), rule="no-circle").findings
    assert one.message.startswith("when all of them run, ")
    mark = (("metadata", "annotations"), {"region-mirror/phase": "promoted"})
    promoted = back(mark, *STOPPED)
    assert ids(report(*documents(a=sound(), b=promoted), rule="no-circle")) == []
    # Somebody has started it again, beside the way home.
    assert ids(report(*documents(a=sound(), b=back(mark)), rule="no-circle")) == ["no-circle"]


def test_a_mirror_with_an_unknown_policy_class_is_left_out() -> None:
    custom = back(((*SOURCE_CONFIG, "replication.policy.class"), "com.example.Policy"))
    assert ids(report(*documents(a=sound(), b=custom), rule="no-circle")) == []


def test_prefixes_of_the_default_policy_do_not_overlap() -> None:
    policy = ((*SOURCE_CONFIG, "replication.policy.class"), DEFAULT)
    north = sound(policy, ((*SOURCE, "alias"), "north"), ((*TARGET, "groupId"), "n"), name="n")
    assert ids(report(*documents(a=sound(policy), b=north), rule="one-writer")) == []
