"""Groups that the source user may not describe do not exist for MM2, nor for a check: their ACLs tell."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.verify.checks.groups_translated import judge
from mirror.verify.reading.source_permissions import hidden_scopes
from settings.scopes import Scope
from tests.unit.support.made_up import settings
from tests.unit.verify.translations import at

STRICT = {"spec": {"kafka": {"authorization": {"type": "simple"}}}}


def reader(*groups: tuple[str, str], operations: tuple[str, ...] = ("Describe",)) -> dict[str, Any]:
    acls = [
        {
            "resource": {"type": "group", "name": name, "patternType": pattern},
            "operations": list(operations),
        }
        for name, pattern in groups
    ]
    return {"spec": {"authorization": {"type": "simple", "acls": acls}}}


@pytest.mark.parametrize(
    ("patterns", "user", "hidden"),
    [
        ([".*"], reader(("*", "literal")), ()),
        ([".*"], reader(("billing-", "prefix")), ("*",)),
        ([".*"], reader(), ("*",)),
        (["billing-.*"], reader(("billing-", "prefix")), ()),
        (["billing-.*"], reader(("bill", "prefix"), operations=("Read",)), ()),
        (["billing-.*", "audit"], reader(("billing-", "prefix")), ("audit",)),
        (["billing-.*"], reader(("billing-", "prefix"), operations=("Delete",)), ()),
    ],
)
def test_the_group_scopes_that_a_kafka_user_hides(
    patterns: list[str], user: dict[str, Any], hidden: tuple[str, ...]
) -> None:
    found = hidden_scopes(settings(groups=patterns), STRICT, user).hidden_groups
    assert found is not None
    assert tuple(one.name for one in found) == hidden


def test_hidden_groups_fail_the_check_though_every_group_that_is_seen_is_safe() -> None:
    result = judge([at(6, 2)], user="reader", hidden=[Scope("*", "literal"), Scope("audit", "prefix")])
    assert not result.passed
    everything, prefix = result.findings
    assert everything.subject == "mirror.groups"
    assert "reader has no ACL by which it may Describe every group *: Kafka hides" in everything.message
    assert "every group audit*" in prefix.message
    assert "source-user" in prefix.remedy
    assert result.summary.startswith("1 group on 1 partition resumes without skipping a record")
    assert result.summary.endswith("reader may not see all groups that `mirror.groups` can match")


def test_no_visible_group_is_no_proof_where_groups_are_hidden() -> None:
    assert not judge([], user="reader", hidden=[Scope("*", "literal")]).passed


def test_where_the_acls_are_not_known_the_summary_says_whose_groups_were_judged() -> None:
    result = judge([at(6, 2)], user="reader", hidden=None)
    assert result.passed
    assert result.summary.endswith("; of the groups that reader can see")
