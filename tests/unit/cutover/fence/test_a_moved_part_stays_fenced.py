"""A rollback of a later part, or of the rest, leaves the fence of an earlier part: nothing mirrors it."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.acls import Acl, deny_write
from mirror.cutover.fence import acls as fence_by_acls
from mirror.cutover.fence import kafka_user
from mirror.cutover.fence.acls import AclFence
from mirror.cutover.fence.strimzi import judge
from mirror.cutover.fence.topics import stay_fenced
from mirror.cutover.step import Options, World
from tests.unit.support.made_up import settings
from tests.unit.support.memory_journal import MemoryJournal

MIRROR = "east-to-west"


def user() -> dict[str, Any]:
    rule = {"operations": ["Write"], "resource": {"type": "topic", "name": "*", "patternType": "literal"}}
    return {
        "metadata": {"name": "ann", "resourceVersion": "1"},
        "spec": {"authorization": {"type": "simple", "acls": [rule]}},
        "status": {"conditions": [{"type": "Ready", "status": "True"}]},
    }


def applied(to: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    annotations = {key: value for key, value in patch["metadata"]["annotations"].items() if value is not None}
    return {
        **to,
        "metadata": {"name": "ann", "resourceVersion": "2", "annotations": annotations},
        "spec": patch["spec"],
    }


def world(phase: str = "replicate", **moved: list[str]) -> World:
    annotations = {} if phase == "replicate" else {"region-mirror/phase": phase}
    made = SimpleNamespace(
        settings=settings(moved=moved),
        options=Options(),
        source_admin=None,
        resource=lambda: {"metadata": {"annotations": annotations}},
    )
    return cast(World, made)


def test_the_rules_of_an_earlier_part_remain_and_those_of_this_one_are_removed() -> None:
    first = applied(user(), kafka_user.fenced(user(), ["orders"], MIRROR))
    both = applied(first, kafka_user.fenced(first, ["payments"], MIRROR))
    patch = kafka_user.unfenced(both, MIRROR, {"orders"})
    assert patch is not None
    back = applied(both, patch)
    assert kafka_user.writable(back, ["orders", "payments"]) == ["payments"]
    assert kafka_user.has_fence(back, MIRROR)
    assert not kafka_user.has_fence(back, MIRROR, {"orders"})
    assert kafka_user.unfenced(back, MIRROR, {"orders"}) is None
    # After the way home nothing stays.
    whole = kafka_user.unfenced(back, MIRROR)
    assert whole is not None
    acls = user()["spec"]["authorization"]["acls"]
    assert applied(back, whole)["spec"]["authorization"]["acls"] == acls


def test_a_user_with_the_fence_of_an_earlier_part_was_not_unfenced_by_somebody() -> None:
    first = applied(user(), kafka_user.fenced(user(), ["orders"], MIRROR))
    found = judge([first], ["payments"], MIRROR, {"orders"})
    assert (found.state, found.text) == ("todo", "1 KafkaUser may write to mirrored topics: ann")
    assert "was removed" in judge([first], ["payments"], MIRROR).text


def test_acls_of_an_earlier_part_remain_with_their_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    orders, payments = deny_write("orders"), deny_write("payments")
    allow = Acl("TOPIC", "*", "LITERAL", "User:ann", "*", "WRITE", "ALLOW")
    there = {allow, orders}
    kafka = SimpleNamespace(
        of_topics=lambda: frozenset(there), create=there.update, delete=there.difference_update
    )
    monkeypatch.setattr(fence_by_acls, "admin_acls", lambda world: kafka)
    monkeypatch.setattr(fence_by_acls, "fenced_topics", lambda world: ["payments"])
    journal = MemoryJournal()
    journal.keep("fence", "acls", [orders])
    AclFence().do(world(topics=["orders"]), journal)
    assert there == {allow, orders, payments}
    AclFence().undo(world(topics=["orders"]), journal)
    assert there == {allow, orders}
    assert journal.kept("fence", "acls") == [list(orders)]


def test_only_a_mirror_that_replicates_keeps_them() -> None:
    assert stay_fenced(world(topics=["orders"])) == {"orders"}
    assert stay_fenced(world("promoted", topics=["orders"])) == frozenset()
    assert stay_fenced(world()) == frozenset()
