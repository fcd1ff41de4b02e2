"""The fence by ACLs: written down first, removed exactly, and a DENY that existed before remains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from mirror.clients.acls import Acl, deny_write
from mirror.cutover.events import Event
from mirror.cutover.fence import acls as fence_by_acls
from mirror.cutover.fence.acls import AclFence, left_denied
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.reopening.remove_fence import RemoveFence
from mirror.cutover.step import Options, World
from mirror.problems import CouldNotRun
from tests.unit.cutover.fence.fake_acls import ALLOWS, TOPICS, WORLD, FakeAcls, source_with_acls
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi
from tests.unit.support.memory_journal import MemoryJournal


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> FakeAcls:
    return source_with_acls(monkeypatch)


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


def test_a_fence_whose_journal_was_deleted_between_two_runs_is_not_told_to_be_gone(kafka: FakeAcls) -> None:
    """The next run finds the step done, and its journal knows that. The rollback said "nothing of it is
    left", the mirror was proven again, and every producer was still refused, also with the option.
    """
    of_acls = replace(settings(), cutover=replace(settings().cutover, fence="acls"))
    world = cast(World, SimpleNamespace(**{**vars(WORLD), "settings": of_acls}))
    AclFence().do(world, MemoryJournal())
    later = MemoryJournal()
    later.acted.add(AclFence.name)
    AclFence().undo(world, later)
    assert left_denied(world).startswith(
        "Write is STILL DENIED to everybody on 2 mirrored topics (orders, pay"
    )
    assert "rollback --delete-unrecorded-fence`" in left_denied(world)
    world = cast(World, SimpleNamespace(**{**vars(world), "target_kubernetes": MemoryApi()}))
    there = ConfigMapJournal(world.target_kubernetes, of_acls)
    there.record(Event("done", 0.0, "Write is denied", AclFence.name), "ann@host/1")
    reopened = RemoveFence().look(world).text
    assert reopened.startswith("Write is STILL DENIED")
    assert "`region-mirror reopen --delete-unrecorded-fence`" in reopened
    agreed = cast(World, SimpleNamespace(**{**vars(world), "options": Options(delete_unrecorded=True)}))
    assert RemoveFence().look(agreed).state == "todo"
    AclFence().undo(agreed, later)
    assert kafka.there == ALLOWS
    assert left_denied(world) == ""
    assert RemoveFence().look(world).text == "nothing on east is fenced by mirror east-to-west"


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

    world = SimpleNamespace(source_admin=SimpleNamespace(acls=acls), source_access=lambda: access)
    assert fence_by_acls.admin_acls(cast(World, world)) is cast(object, there)
    assert seen == [access]


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
