"""The rights of the mirror's users: enough for what MM2 does, and nothing besides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from settings.acls import Acl, mirror_user_acls, source_user_acls, verifier_acls
from tests.unit.settings.sample import settings

WRITING = {"Write", "Create", "Delete", "Alter", "AlterConfigs", "All", "ClusterAction"}


def resources(acls: tuple[Acl, ...], operation: str) -> set[tuple[str, str, str]]:
    return {(acl.resource_type, acl.name, acl.pattern_type) for acl in acls if operation in acl.operations}


def test_the_source_user_needs_no_write_right() -> None:
    assert not any(WRITING & set(acl.operations) for acl in source_user_acls(settings()))


def test_with_offset_syncs_on_the_source_it_writes_that_topic_and_no_other() -> None:
    acls = source_user_acls(settings(mirror__offset_syncs_topic_location="source"))
    assert resources(acls, "Write") == {("topic", "mm2-offset-syncs.west.internal", "literal")}
    assert "mm2-offset-syncs" not in str(
        mirror_user_acls(settings(mirror__offset_syncs_topic_location="source"))
    )


def test_the_verifier_changes_nothing() -> None:
    assert not any(WRITING & set(acl.operations) for acl in verifier_acls(settings()))


def test_the_mirrors_user_writes_the_mirrored_topics_and_its_own() -> None:
    assert {
        name for kind, name, _ in resources(mirror_user_acls(settings()), "Write") if kind == "topic"
    } == {
        "orders",
        "payments",
        "__east-to-west-config",
        "__east-to-west-offset",
        "__east-to-west-status",
        "east.checkpoints.internal",
        "mm2-offset-syncs.east.internal",
    }


@pytest.mark.parametrize("rights", [mirror_user_acls, verifier_acls, source_user_acls])
def test_one_more_pattern_adds_its_rules_at_the_end(rights: Callable[..., tuple[Acl, ...]]) -> None:
    topics = ["payments", "orders"]
    before = rights(settings(mirror__topics=topics, mirror__groups=["ledger"]))
    after = rights(settings(mirror__topics=[*topics, "audit-.*"], mirror__groups=["ledger"]))
    if rights is source_user_acls:
        assert len(after) == len(before) + 1
    else:
        # The identity policy puts the alias before topics that end in "heartbeats".
        assert after[:-2] == before
        assert {one.name for one in after[-2:]} == {"audit-", "east.audit-"}


def test_nobody_may_delete_topics() -> None:
    for acls in (mirror_user_acls(settings()), verifier_acls(settings()), source_user_acls(settings())):
        assert not resources(acls, "Delete")
        assert not resources(acls, "All")


def test_checkpoints_are_read_back_after_a_restart() -> None:
    assert ("topic", "east.checkpoints.internal", "literal") in resources(
        mirror_user_acls(settings()), "Read"
    )


def test_transactions_are_allowed_where_they_are_used() -> None:
    once = mirror_user_acls(settings())
    assert resources(once, "Write") >= {
        ("transactionalId", "connect-cluster-east-to-west", "literal"),
        ("transactionalId", "east-to-west-", "prefix"),
    }
    at_least_once = mirror_user_acls(settings(mirror__exactly_once=False))
    assert not [acl for acl in at_least_once if acl.resource_type == "transactionalId"]


@pytest.mark.parametrize(
    ("topics", "expected"),
    [
        (["orders"], ("topic", "east.orders", "literal")),
        (["orders-.*"], ("topic", "east.orders-", "prefix")),
        ([".*"], ("topic", "east.", "prefix")),
    ],
)
def test_rights_follow_the_renamed_topics(topics: list[str], expected: tuple[str, str, str]) -> None:
    acls = mirror_user_acls(settings(mirror__topics=topics, mirror__replication_policy="default"))
    assert expected in resources(acls, "AlterConfigs")


def test_named_groups_narrow_the_rights() -> None:
    acls = mirror_user_acls(settings(mirror__groups=["orders-.*", "ledger"]))
    assert resources(acls, "Read") >= {("group", "orders-", "prefix"), ("group", "ledger", "literal")}
    assert ("group", "*", "literal") not in resources(acls, "Read")
