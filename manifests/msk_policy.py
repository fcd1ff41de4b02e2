"""The IAM policy for a mirror that reads Amazon MSK with an AWS identity. Pure.

With IAM access control Kafka's ACLs do not apply. Actions and resources: AWS, "IAM access control for Amazon
MSK", *Semantics of IAM authorization policy actions and resources*.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from settings.acls import Acl
from settings.model import MskIamSettings

CLUSTER = "<account>", "<cluster>/<uuid>"
"""Stand for the parts of the ARNs that only the source's administrator knows."""
_ACTIONS = {
    ("topic", "Describe"): "DescribeTopic",
    ("topic", "DescribeConfigs"): "DescribeTopicDynamicConfiguration",
    ("topic", "Read"): "ReadData",
    ("topic", "Write"): "WriteData",
    ("topic", "Create"): "CreateTopic",
    ("group", "Describe"): "DescribeGroup",
    ("group", "Read"): "AlterGroup",
}
"""The action for each operation of an ACL."""


def policy(identity: MskIamSettings, acls: Iterable[Acl]) -> dict[str, Any]:
    """Render the policy with the permissions of the ACLs, to be attached to the mirror's role."""
    account, cluster = CLUSTER

    def arn(kind: str, name: str = "") -> str:
        return f"arn:aws:kafka:{identity.region}:{account}:{kind}/{cluster}{name}"

    statements = [_allow(["Connect"], arn("cluster"))]
    for acl in acls:
        # IAM has no DESCRIBE that READ implies (`StandardAuthorizerData`): each action is listed.
        operations = {*acl.operations, "Describe"} if "Read" in acl.operations else set(acl.operations)
        actions = [_ACTIONS[acl.resource_type, one] for one in sorted(operations)]
        everything = acl.name == "*" or acl.pattern_type == "prefix"
        name = f"{acl.name.removesuffix('*')}*" if everything else acl.name
        statements.append(_allow(actions, arn(acl.resource_type, f"/{name}")))
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(actions: Iterable[str], resource: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": [f"kafka-cluster:{one}" for one in actions],
        "Resource": resource,
    }
