"""What cannot be moved without the rest is refused by name, one message a problem."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manifests.strimzi.kafka_user import copied_user
from mirror.clients.acls import Acl
from mirror.cutover.part.judge import Asked, Producer, Seen, WideScope, groups_of, problems, summary
from mirror.cutover.part.read import of_acls, of_kafka_users, wide_scopes
from settings.model import MovedSettings
from tests.unit.settings.sample import settings

SEEN = Seen(
    ["orders", "payments", "bills"],
    {
        "order-readers": frozenset({"orders"}),
        "audit": frozenset({"orders", "payments"}),
        "billing": frozenset({"bills"}),
    },
)


def only(asked: Asked, seen: Seen) -> str:
    (found,) = problems(asked, seen)
    return found


def test_a_topic_outside_the_mirror_and_one_that_was_moved_are_named_each() -> None:
    seen = replace(SEEN, groups={}, moved=MovedSettings(("old",)), never=frozenset({"heartbeats"}))
    found = problems(Asked(("other", "old", "heartbeats")), seen)
    assert [one.split(":")[0] for one in found] == [
        "topic heartbeats has the mirror's own heartbeats, and stays with it",
        "topic old was moved already",
        "topic other is not mirrored",
    ]


def test_a_group_that_reads_topics_on_both_sides_is_named_with_both() -> None:
    found = only(Asked(("orders",)), SEEN)
    assert found.startswith(
        "group audit reads topics on both sides: orders would move, payments would stay, and a group reads on"
    )


def test_a_named_group_that_reads_topics_that_stay_is_refused() -> None:
    found = problems(Asked(("orders",), ("audit", "order-readers")), SEEN)
    assert len(found) == 1
    assert "group audit reads topics on both sides" in found[0]


def test_a_group_that_is_not_named_but_reads_a_moved_topic_is_refused() -> None:
    seen = replace(SEEN, groups={**SEEN.groups, "audit": frozenset({"orders"})})
    found = only(Asked(("orders",), ("audit",)), seen)
    assert found.startswith("group order-readers reads orders and is not named: add --group order-readers")
    assert problems(Asked(("orders",), ("audit",), frozenset({"order-readers"})), seen) == []


def test_groups_that_are_unknown_moved_or_read_something_else_are_refused() -> None:
    seen = replace(
        SEEN,
        groups={"billing": frozenset({"bills"}), "order-readers": frozenset({"orders"})},
        moved=MovedSettings((), ("gone",)),
    )
    found = problems(Asked(("orders",), ("gone", "none", "billing", "order-readers")), seen)
    assert [one.split(":")[0] for one in found] == [
        "group billing reads none of the named topics, only bills",
        "group gone was moved already",
        "group none is unknown",
    ]


def test_a_group_without_its_topics_is_one_message() -> None:
    assert only(Asked((), ("billing",)), SEEN).startswith("--group billing without --topic")


def test_a_group_whose_offsets_cannot_be_read_is_refused_unless_it_is_left_out() -> None:
    seen = replace(SEEN, groups={}, unreadable={"hidden": "no answer"})
    assert "nobody knows what it reads" in only(Asked(("orders",)), seen)
    assert problems(Asked(("orders",), leave_out=frozenset({"hidden"})), seen) == []


def test_a_group_or_producer_that_is_accepted_hides_none_behind_it() -> None:
    readers = {name: frozenset({"orders", "payments"}) for name in ("a", "b")}
    found = only(Asked(("orders",), leave_out=frozenset({"a"})), replace(SEEN, groups=readers))
    assert found.startswith("group b reads topics on both sides")
    shops = [Producer(name, frozenset({"orders", "payments"}), frozenset()) for name in ("a", "b")]
    seen = replace(SEEN, groups={}, producers=shops)
    assert only(Asked(("orders",), accept_coupled=frozenset({"a"})), seen).startswith("b has a transactional")


def test_a_producer_is_coupled_by_its_own_groups_only() -> None:
    app = Producer("app", frozenset({"orders", "payments"}), frozenset({"billing"}))
    groups = {"billing": frozenset({"bills"}), "order-readers": frozenset({"orders"})}
    seen = replace(SEEN, groups=groups, producers=[app])
    assert "could span orders, which would move, and payments, offsets of group billing, which would" in only(
        Asked(("orders",)), seen
    )


def test_transactions_that_could_span_both_sides_are_refused() -> None:
    shop = Producer("shop", frozenset({"orders", "payments"}), frozenset())
    seen = replace(SEEN, groups={}, producers=[shop])
    found = only(Asked(("orders",)), seen)
    assert found.startswith(
        "shop has a transactional id, and its transactions could span orders, which would move, and payments"
    )
    assert problems(Asked(("orders",), accept_coupled=frozenset({"shop"})), seen) == []
    assert problems(Asked(("orders", "payments")), seen) == []


def test_a_transaction_that_commits_a_moved_group_and_writes_a_topic_that_stays_is_refused() -> None:
    app = Producer("app", frozenset({"payments"}), frozenset({"order-readers"}))
    seen = replace(SEEN, groups={"order-readers": frozenset({"orders"})}, producers=[app])
    assert "offsets of group order-readers, which would move, and payments" in only(Asked(("orders",)), seen)
    reader = Producer("reader", frozenset(), frozenset({"order-readers", "billing"}))
    assert problems(Asked(("orders",)), replace(seen, producers=[reader])) == [], "it writes nothing"


def test_with_a_fence_by_hand_nobody_can_tell_whose_transactions_they_are() -> None:
    assert "--source-admin-config" in only(Asked(("orders",)), replace(SEEN, groups={}, producers=None))


def test_a_user_whose_deny_covers_moved_topics_and_topics_that_stay_is_refused() -> None:
    wide = WideScope("shop", "topics that begin with o", frozenset({"orders", "others"}))
    seen = replace(SEEN, groups={}, scopes=[wide])
    assert "copied user shop may write to topics that begin with o by one ACL" in only(
        Asked(("orders",)), seen
    )
    assert problems(Asked(("bills",)), seen) == []


def test_groups_that_read_nothing_else_move_along_and_the_rest_is_counted() -> None:
    seen = replace(SEEN, groups={**SEEN.groups, "audit": frozenset({"payments"})})
    assert groups_of(Asked(("orders",)), seen) == ("order-readers",)
    assert groups_of(Asked(("orders",), leave_out=frozenset({"order-readers"})), seen) == ()
    assert problems(Asked(("orders",)), seen) == []
    told = summary(MovedSettings(("orders",), ("order-readers",)), seen)
    assert told == "2 topics and 2 groups stay with the mirror"


def acl(kind: str, name: str, *operations: str, prefix: bool = False) -> dict[str, object]:
    pattern = "prefix" if prefix else "literal"
    return {
        "operations": list(operations),
        "resource": {"type": kind, "name": name, "patternType": pattern},
    }


def test_kafka_users_with_a_transactional_id_are_found() -> None:
    writes = acl("topic", "", "Write", prefix=True) | {
        "resource": {"type": "topic", "name": "o", "patternType": "prefix"}
    }

    def user(name: str, *acls: dict[str, object]) -> dict[str, object]:
        return {
            "metadata": {"name": name},
            "spec": {"authorization": {"type": "simple", "acls": list(acls)}},
        }

    found = of_kafka_users(
        [
            user("plain", writes),
            user("describes", writes, acl("transactionalId", "x", "Describe")),
            user("writes", writes, acl("transactionalId", "x", "Write"), acl("group", "g", "Read")),
        ],
        ["orders", "others", "payments"],
        ["g", "h"],
    )
    assert found == [Producer("writes", frozenset({"orders", "others"}), frozenset({"g"}))]


@pytest.mark.parametrize("operation", ["WRITE", "ALL"])
def test_principals_with_a_transactional_id_are_found_in_kafkas_acls(operation: str) -> None:
    acls = [
        Acl("TOPIC", "o", "PREFIXED", "User:ann", "*", "WRITE", "ALLOW"),
        Acl("TOPIC", "orders", "LITERAL", "User:bob", "*", "WRITE", "ALLOW"),
        Acl("TRANSACTIONAL_ID", "t", "PREFIXED", "User:ann", "*", operation, "ALLOW"),
        Acl("TRANSACTIONAL_ID", "t", "PREFIXED", "User:bob", "*", "DESCRIBE", "ALLOW"),
        Acl("GROUP", "g", "LITERAL", "User:ann", "*", "READ", "ALLOW"),
    ]
    assert of_acls(acls, ["orders", "payments"], ["g", "h"]) == [
        Producer("ann", frozenset({"orders"}), frozenset({"g"}))
    ]


def test_the_scopes_of_several_topics_are_those_of_the_deployed_copies() -> None:
    stack = settings(mirror__topics=["orders-.*", "bills"])
    matched = {one: one for one in ("orders-a", "orders-b", "bills")}
    given = {
        "authorization": {
            "type": "simple",
            "acls": [acl("topic", "orders-", "Write", prefix=True), acl("topic", "bills", "Write")],
        }
    }
    copies = {"shop": copied_user(stack, "shop", given)["spec"]}
    assert wide_scopes(stack, copies, matched) == [
        WideScope("shop", "topics that begin with orders-", frozenset({"orders-a", "orders-b"}))
    ]
