"""The fence by ACLs: written down first, removed exactly, and a DENY that existed before remains."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import cast

import pytest

from mirror.clients.acls import Acl, deny_write
from mirror.cutover.fence import acls as fence_by_acls
from mirror.cutover.fence.acls import AclFence, judge, wanted
from mirror.cutover.step import Options, World
from mirror.problems import CouldNotRun
from tests.unit.support.made_up import settings
from tests.unit.support.memory_journal import MemoryJournal

TOPICS = ["orders", "payments"]
ALLOWS = frozenset(Acl("TOPIC", topic, "LITERAL", "User:ann", "*", "WRITE", "ALLOW") for topic in TOPICS)


class FakeAcls:
    def __init__(self, there: Iterable[Acl]) -> None:
        self.there = set(there)
        self.settings: dict[str, str | None] = {}
        """What the brokers tell of their settings."""

    def of_topics(self) -> frozenset[Acl]:
        return frozenset(self.there)

    def create(self, acls: Iterable[Acl]) -> None:
        self.there |= set(acls)

    def delete(self, acls: Iterable[Acl]) -> None:
        self.there -= set(acls)

    def broker_settings(self, names: Iterable[str]) -> dict[str, str | None]:
        return {name: value for name, value in self.settings.items() if name in set(names)}


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> FakeAcls:
    there = FakeAcls(ALLOWS)
    monkeypatch.setattr(fence_by_acls, "admin_acls", lambda world: there if world.options else None)
    monkeypatch.setattr(fence_by_acls, "fenced_topics", lambda world: TOPICS if world.options else None)
    return there


WORLD = cast(World, SimpleNamespace(options=Options(), source_admin=None, settings=settings()))


def test_it_denies_write_on_each_topic_and_takes_back_exactly_that(kafka: FakeAcls) -> None:
    fence, journal = AclFence(), MemoryJournal()
    assert fence.look(WORLD).state == "todo"
    fence.do(WORLD, journal)
    assert fence.look(WORLD).state == "done"
    assert kafka.there == ALLOWS | {deny_write(topic) for topic in TOPICS}
    fence.undo(WORLD, journal)
    assert kafka.there == ALLOWS
    assert journal.content == {}


def test_after_the_promotion_it_tells_what_it_still_holds(kafka: FakeAcls) -> None:
    kafka.there.add(deny_write("orders"))
    fence, journal = AclFence(), MemoryJournal()
    fence.do(WORLD, journal)
    assert fence.remains(WORLD, journal) == ["payments"]
    with pytest.raises(CouldNotRun, match=r"2 mirrored topics with a DENY .*\(orders, payments\)"):
        fence.remains(WORLD, MemoryJournal())  # without its journal it cannot tell whose it is
    fence.undo(WORLD, journal)
    assert fence.remains(WORLD, journal) == []


def test_undone_again_it_leaves_a_deny_that_existed_before(kafka: FakeAcls) -> None:
    """`reopen` looks again after it has acted, and a person may run a rollback twice."""
    kafka.there.add(deny_write("orders"))
    fence, journal = AclFence(), MemoryJournal()
    fence.do(WORLD, journal)
    fence.undo(WORLD, journal)
    fence.undo(WORLD, journal)
    assert kafka.there == ALLOWS | {deny_write("orders")}


def test_where_it_had_nothing_to_do_it_removes_nothing(kafka: FakeAcls) -> None:
    """Somebody had denied every write before: the step was done at its first look, and kept nothing."""
    kafka.there |= {deny_write(topic) for topic in TOPICS}
    fence, journal = AclFence(), MemoryJournal()
    assert fence.look(WORLD).state == "done"
    journal.acted.add(fence.name)
    fence.undo(WORLD, journal)
    assert kafka.there == ALLOWS | {deny_write(topic) for topic in TOPICS}


def test_a_deny_that_existed_before_remains(kafka: FakeAcls) -> None:
    kafka.there.add(deny_write("orders"))
    fence, journal = AclFence(), MemoryJournal()
    fence.do(WORLD, journal)
    fence.do(WORLD, journal)
    fence.undo(WORLD, journal)
    assert kafka.there == ALLOWS | {deny_write("orders")}


def test_a_kill_between_the_journal_and_the_change_loses_nothing(
    kafka: FakeAcls, monkeypatch: pytest.MonkeyPatch
) -> None:
    fence, journal = AclFence(), MemoryJournal()
    with monkeypatch.context() as broken:

        def half(acls: Iterable[Acl]) -> None:
            kafka.there.add(deny_write("orders"))
            raise CouldNotRun("creating ACLs", "killed", "run it again")

        broken.setattr(kafka, "create", half)
        with pytest.raises(CouldNotRun, match="killed"):
            fence.do(WORLD, journal)
    fence.do(WORLD, journal)
    fence.undo(WORLD, journal)
    assert kafka.there == ALLOWS


def test_without_its_journal_it_finds_the_way_back_where_a_person_agrees_to_what_it_deletes(
    kafka: FakeAcls,
) -> None:
    AclFence().do(WORLD, MemoryJournal())
    with pytest.raises(CouldNotRun, match="add --delete-unrecorded-fence, which deletes the DENY on all"):
        AclFence().undo(WORLD, MemoryJournal())
    assert kafka.there == ALLOWS | {deny_write(topic) for topic in TOPICS}
    agreed = cast(
        World,
        SimpleNamespace(options=Options(delete_unrecorded=True), source_admin=None, settings=settings()),
    )
    AclFence().undo(agreed, MemoryJournal())
    assert kafka.there == ALLOWS
    AclFence().undo(WORLD, MemoryJournal())  # nothing has its form any more: nothing to agree to


def test_an_acl_that_cannot_be_removed_is_an_error(kafka: FakeAcls, monkeypatch: pytest.MonkeyPatch) -> None:
    fence, journal = AclFence(), MemoryJournal()
    fence.do(WORLD, journal)
    monkeypatch.setattr(kafka, "delete", lambda acls: None)
    monkeypatch.setattr(fence_by_acls, "_EFFECT_SECONDS", 0.0)
    with pytest.raises(CouldNotRun, match="they are still there: orders, payments") as raised:
        fence.undo(WORLD, journal)
    assert str(raised.value).startswith("removing the ACLs of the fence")
    assert "delete the DENY of Write for User:* with kafka-acls.sh: orders, payments" in str(raised.value)
    assert journal.content


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


def test_without_the_login_of_the_administrator_there_is_one_message() -> None:
    with pytest.raises(CouldNotRun, match="add --source-admin-config FILE"):
        AclFence().look(WORLD)


def test_without_a_login_the_message_says_what_was_to_be_read() -> None:
    with pytest.raises(CouldNotRun) as raised:
        AclFence().look(WORLD)
    assert str(raised.value).startswith("reading the ACLs of the fence on the source")
    assert "the login of its administrator is missing" in str(raised.value)


def test_the_login_of_the_administrator_is_used_at_the_sources_address() -> None:
    there, access = FakeAcls(ALLOWS), object()
    seen: list[object] = []

    def acls(at: object) -> FakeAcls:
        seen.append(at)
        return there

    world = SimpleNamespace(
        source_admin=SimpleNamespace(acls=acls),
        sides=lambda: SimpleNamespace(source=SimpleNamespace(access=access)),
    )
    assert fence_by_acls.admin_acls(cast(World, world)) is cast(object, there)
    assert seen == [access]


def test_missing_denies_are_to_do_and_are_counted() -> None:
    verdict = judge(ALLOWS | {deny_write("orders")}, [*TOPICS, "bare"], everybody=False)
    assert verdict.remedy == ""
    assert verdict.to_json() == {
        "state": "todo",
        "text": "1 mirrored topic without a DENY of Write: payments",
        "remaining": 1,
        "evidence": {"topics": 3, "missing": ["payments"], "without-acl": []},
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
        "evidence": {"topics": 3, "missing": [], "without-acl": ["bare"]},
    }
    closed = judge(there, [*TOPICS, "bare"], everybody=False)
    assert closed.to_json() == {
        "state": "done",
        "text": "Write is denied on 2 topics",
        "evidence": {"topics": 3, "missing": [], "without-acl": []},
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


def test_a_fence_of_recover_that_kept_nothing_owns_no_deny(kafka: FakeAcls) -> None:
    kafka.there |= {deny_write(topic) for topic in TOPICS}
    journal = MemoryJournal()
    journal.acted.add(fence_by_acls.FENCE_SOURCE)
    assert AclFence().remains(WORLD, journal) == []


def test_a_deny_of_another_topic_is_none_of_the_fence(kafka: FakeAcls) -> None:
    kafka.there |= {deny_write("orders"), deny_write("internal")}
    with pytest.raises(CouldNotRun, match=r"1 mirrored topic with a DENY .*\(orders\)") as raised:
        AclFence().undo(WORLD, MemoryJournal())
    assert str(raised.value).startswith("removing the ACLs of the fence")
    agreed = cast(
        World,
        SimpleNamespace(options=Options(delete_unrecorded=True), source_admin=None, settings=settings()),
    )
    AclFence().undo(agreed, MemoryJournal())
    assert kafka.there == ALLOWS | {deny_write("internal")}


def test_a_prefixed_acl_makes_a_topic_closed_by_its_own_deny() -> None:
    prefixed = Acl("TOPIC", "pay", "PREFIXED", "User:ann", "*", "WRITE", "ALLOW")
    group = Acl("GROUP", "orders", "LITERAL", "User:ann", "*", "READ", "ALLOW")
    assert wanted({prefixed, group}, TOPICS) == {deny_write("payments")}
