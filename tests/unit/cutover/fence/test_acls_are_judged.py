"""Which topics lack a DENY of Write, and which of them are open to everybody."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from mirror.clients.acls import Acl, deny_write
from mirror.cutover.fence import acls as fence_by_acls
from mirror.cutover.fence.acls import AclFence, judge, wanted
from mirror.cutover.step import Options, World
from tests.unit.cutover.fence.fake_acls import ALLOWS, TOPICS, WORLD, FakeAcls, source_with_acls
from tests.unit.support.made_up import settings
from tests.unit.support.memory_journal import MemoryJournal


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> FakeAcls:
    return source_with_acls(monkeypatch)


def test_hidden_super_users_block_it_before_anything_is_done(kafka: FakeAcls) -> None:
    kafka.settings = {"super.users": None}
    verdict = AclFence().look(WORLD)
    assert verdict.state == "blocked"
    assert "--accept-unfenced 'super.users'" in verdict.remedy


def test_a_topic_without_an_acl_is_left_open_where_that_was_accepted() -> None:
    verdict = judge(
        ALLOWS | {deny_write("orders"), deny_write("payments")}, [*TOPICS, "bare"], everybody=True
    )
    assert verdict.state == "done"
    assert "1 topic without an ACL left open: bare" in verdict.text


def test_missing_denies_are_to_do_and_are_counted() -> None:
    verdict = judge(ALLOWS | {deny_write("orders")}, [*TOPICS, "bare"], everybody=False)
    assert verdict.remedy == ""
    assert verdict.to_json() == {
        "state": "todo",
        "text": "1 mirrored topic without a DENY of Write: payments",
        "remaining": 1,
        "evidence": {"topics": 3, "fenced": 1, "missing": ["payments"], "without-acl": []},
    }
    assert "2 mirrored topics without" in judge(ALLOWS, TOPICS, everybody=False).text


def test_a_topic_without_an_acl_counts_only_where_it_is_open_to_everybody() -> None:
    """Without `allow.everyone.if.no.acl.found`, only super users may write to it."""
    there = ALLOWS | {deny_write(topic) for topic in TOPICS}
    open_ = judge(there, [*TOPICS, "bare"], everybody=True)
    assert open_.remedy == ""
    assert open_.to_json() == {
        "state": "done",
        "text": "Write is denied on 2 topics; 1 topic without an ACL left open: bare",
        "evidence": {"topics": 3, "fenced": 2, "missing": [], "without-acl": ["bare"]},
    }
    closed = judge(there, [*TOPICS, "bare"], everybody=False)
    assert closed.to_json() == {
        "state": "done",
        "text": "Write is denied on 2 topics",
        "evidence": {"topics": 3, "fenced": 2, "missing": [], "without-acl": []},
    }
    assert judge(there, TOPICS, everybody=True).text == "Write is denied on 2 topics"


def test_topics_that_are_open_to_everybody_block_the_fence_until_they_are_accepted(
    kafka: FakeAcls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fence_by_acls, "fenced_topics", lambda world: [*TOPICS, "bare"])
    fence = AclFence()
    fence.do(WORLD, MemoryJournal())
    kafka.settings = {"allow.everyone.if.no.acl.found": "true"}
    assert fence.look(WORLD).state == "blocked"
    options = Options(accept_unfenced=frozenset({"*"}))
    accepted = cast(World, SimpleNamespace(options=options, source_admin=None, settings=settings()))
    assert fence.look(accepted).evidence["without-acl"] == ["bare"]
    kafka.settings = {"super.users": "User:root"}
    options = Options(accept_unfenced=frozenset({"root"}))
    others = cast(World, SimpleNamespace(options=options, source_admin=None, settings=settings()))
    assert fence.look(others).evidence["without-acl"] == [], "accepted super users open no topic"


def test_a_prefixed_acl_makes_a_topic_closed_by_its_own_deny() -> None:
    prefixed = Acl("TOPIC", "pay", "PREFIXED", "User:ann", "*", "WRITE", "ALLOW")
    group = Acl("GROUP", "orders", "LITERAL", "User:ann", "*", "READ", "ALLOW")
    assert wanted({prefixed, group}, TOPICS) == {deny_write("payments")}
