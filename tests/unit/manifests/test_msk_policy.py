"""The IAM policy has the same permissions as the ACLs of the source user."""

from __future__ import annotations

from manifests.msk_policy import policy
from manifests.source_user import rights
from settings.load import load
from tests.unit.settings.sources import sections
from tests.unit.settings.test_msk_iam import IMAGE, iam


def test_a_role_that_only_reads() -> None:
    given = load(sections(iam(), **IMAGE, mirror__topics=["orders", r"pay\..*"], mirror__groups=[".*"]))
    assert given.source.msk_iam is not None
    found = {
        one["Resource"]: one["Action"] for one in policy(given.source.msk_iam, rights([given]))["Statement"]
    }
    start = "arn:aws:kafka:eu-west-1:<account>:"
    reads = [
        "kafka-cluster:DescribeTopic",
        "kafka-cluster:DescribeTopicDynamicConfiguration",
        "kafka-cluster:ReadData",
    ]
    assert found == {
        f"{start}cluster/<cluster>/<uuid>": ["kafka-cluster:Connect"],
        f"{start}topic/<cluster>/<uuid>/orders": reads,
        f"{start}topic/<cluster>/<uuid>/pay.*": reads,
        f"{start}group/<cluster>/<uuid>/*": ["kafka-cluster:DescribeGroup"],
    }


def test_offset_syncs_on_the_source_need_more() -> None:
    given = load(sections(iam(), **IMAGE, mirror__offset_syncs_topic_location="source"))
    assert given.source.msk_iam is not None
    actions = {
        action
        for one in policy(given.source.msk_iam, rights([given]))["Statement"]
        for action in one["Action"]
    }
    assert {"kafka-cluster:WriteData", "kafka-cluster:CreateTopic"} <= actions
