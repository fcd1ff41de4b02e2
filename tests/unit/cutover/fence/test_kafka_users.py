"""The fence inside a KafkaUser: who may write, what is added, and what exactly is removed again."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from mirror.cutover.connectors.change import MANAGER
from mirror.cutover.fence import kafka_user
from mirror.cutover.fence.strimzi import judge, principal
from mirror.problems import CouldNotRun
from tests.unit.support.memory_api import merged

MIRROR = "east-to-west"
TOPICS = ["orders", "payments", "returns"]


def acl(name: str, *operations: str, prefix: bool = False, **more: str) -> dict[str, Any]:
    pattern = "prefix" if prefix else "literal"
    return {
        "resource": {"type": "topic", "name": name, "patternType": pattern},
        "operations": list(operations),
        **more,
    }


def user(*acls: dict[str, Any], name: str = "ann", **annotations: str) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "namespace": "kafka",
            "resourceVersion": "7",
            "generation": 2,
            "annotations": annotations,
        },
        "spec": {
            "authentication": {"type": "scram-sha-512"},
            "authorization": {"type": "simple", "acls": list(acls)},
        },
        "status": {"observedGeneration": 2, "conditions": [{"type": "Ready", "status": "True"}]},
    }


def fence(given: dict[str, Any], topics: list[str] = TOPICS) -> dict[str, Any]:
    """The user after the fence, as the User Operator has applied it."""
    may = kafka_user.writable(given, topics)
    made: dict[str, Any] = merged(given, kafka_user.fenced(given, may, MIRROR))
    return made


@pytest.mark.parametrize(
    ("acls", "may"),
    [
        ([acl("orders", "Write")], ["orders"]),
        ([acl("orders", "All")], ["orders"]),
        ([acl("*", "Write")], TOPICS),
        ([acl("pay", "Write", prefix=True)], ["payments"]),
        ([acl("orders", "Write", host="10.0.0.1")], ["orders"]),
        ([acl("orders", "Read", "Describe")], []),
        ([acl("orders", "Write"), acl("orders", "Write", type="deny")], []),
        ([acl("orders", "Write"), acl("ord", "All", prefix=True, type="deny")], []),
        # A DENY for one host leaves the other hosts.
        ([acl("orders", "Write"), acl("orders", "Write", type="deny", host="10.0.0.1")], ["orders"]),
    ],
)
def test_who_may_write(acls: list[dict[str, Any]], may: list[str]) -> None:
    assert kafka_user.writable(user(*acls), TOPICS) == may


def test_a_fenced_user_may_write_nothing_and_may_do_everything_else() -> None:
    before = user(acl("*", "Read", "Write"))
    after = fence(before)
    assert kafka_user.writable(after, TOPICS) == []
    assert kafka_user.writable(after, ["not-mirrored"]) == ["not-mirrored"]
    assert after["spec"]["authorization"]["acls"][0] == acl("*", "Read", "Write")


def test_the_patch_is_for_this_version_and_names_what_it_adds() -> None:
    patch = kafka_user.fenced(user(acl("orders", "Write")), ["orders"], MIRROR)
    assert patch["metadata"]["resourceVersion"] == "7"
    assert "orders" in patch["metadata"]["annotations"]["region-mirror/fence.east-to-west"]


def test_removing_the_fence_gives_back_the_same_user() -> None:
    before = user(acl("orders", "Write"), acl("returns", "Write", type="deny", host="*"))
    after = fence(before)
    assert after != before
    patch = kafka_user.unfenced(after, MIRROR)
    assert merged(after, patch) == before


def test_a_deny_that_existed_before_remains() -> None:
    mine = {**acl("orders", "Write"), "type": "deny", "host": "*"}
    before = user(acl("*", "Write"), mine)
    after = fence(before)
    assert merged(after, kafka_user.unfenced(after, MIRROR)) == before


def test_rules_that_others_added_since_remain() -> None:
    after = fence(user(acl("orders", "Write")))
    after["spec"]["authorization"]["acls"].append(acl("audit", "Read"))
    back = merged(after, kafka_user.unfenced(after, MIRROR))
    assert back["spec"]["authorization"]["acls"] == [acl("orders", "Write"), acl("audit", "Read")]


def test_a_user_without_a_fence_is_not_changed() -> None:
    assert kafka_user.unfenced(user(acl("orders", "Write")), MIRROR) is None
    other = fence(user(acl("orders", "Write")))
    assert kafka_user.unfenced(other, "another-mirror") is None


def test_fencing_again_after_a_revert_notes_each_rule_once() -> None:
    reverted = fence(user(acl("orders", "Write")))
    reverted["spec"]["authorization"]["acls"] = [acl("orders", "Write")]
    again = fence(reverted)
    back = merged(again, kafka_user.unfenced(again, MIRROR))
    assert back["spec"]["authorization"]["acls"] == [acl("orders", "Write")]
    assert back["metadata"]["annotations"] == {}


def test_a_damaged_annotation_is_one_message() -> None:
    damaged = user(acl("orders", "Write"), **{"region-mirror/fence.east-to-west": "{"})
    with pytest.raises(CouldNotRun, match="of KafkaUser ann: it is damaged"):
        kafka_user.unfenced(damaged, MIRROR)


def test_users_that_may_write_are_to_be_fenced() -> None:
    verdict = judge([user(acl("orders", "Write")), user(acl("orders", "Read"), name="bob")], TOPICS, MIRROR)
    assert (verdict.state, verdict.remaining) == ("todo", 1)
    assert verdict.evidence["writers"] == {"ann": ["orders"]}


def test_a_fence_waits_for_the_user_operator() -> None:
    behind = fence(user(acl("orders", "Write")))
    behind["metadata"]["generation"] = 3
    verdict = judge([behind], TOPICS, MIRROR)
    assert verdict.state == "waiting"
    assert "ann: the User Operator has not applied it yet" in verdict.text
    applied = copy.deepcopy(behind)
    applied["status"]["observedGeneration"] = 3
    assert judge([applied], TOPICS, MIRROR).state == "done"
    refused = copy.deepcopy(applied)
    refused["status"]["conditions"] = [{"type": "NotReady", "message": "no such cluster"}]
    assert "ann: it is not Ready: no such cluster" in judge([refused], TOPICS, MIRROR).text


def test_a_revert_by_a_gitops_controller_is_named() -> None:
    reverted = fence(user(acl("orders", "Write")))
    reverted["spec"]["authorization"]["acls"] = [acl("orders", "Write")]
    fields: dict[str, Any] = {"f:spec": {"f:authorization": {"f:acls": {}}}}
    reverted["metadata"]["managedFields"] = [
        {"manager": "kubectl", "time": "2026-01-01T00:00:00Z", "fieldsV1": fields},
        {"manager": "argocd-controller", "time": "2026-01-02T00:00:00Z", "fieldsV1": fields},
        {"manager": MANAGER, "time": "2026-01-03T00:00:00Z", "fieldsV1": fields},
    ]
    verdict = judge([reverted], TOPICS, MIRROR)
    assert verdict.state == "todo"
    assert "removed from KafkaUser ann (argocd-controller): they may write again" in verdict.text
    assert "GitOps" in verdict.remedy


def test_principals_are_the_user_operators() -> None:
    assert principal(user()) == "User:ann"
    certificate = user()
    certificate["spec"]["authentication"]["type"] = "tls"
    assert principal(certificate) == "User:CN=ann"
