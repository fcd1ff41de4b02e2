"""The steps of a failover over a Kubernetes API in memory: stopped first, promoted last, and no source."""

from __future__ import annotations

from typing import Any

import pytest

from manifests.metadata import PHASE, STATES_BEFORE
from mirror.clients.records import Bounds
from mirror.clients.source_look import SourceState
from mirror.cutover.failover.place_groups import PLACED, PlaceGroups
from mirror.cutover.failover.placement import Commit, Known, TargetSeen
from mirror.cutover.failover.report import report_of
from mirror.cutover.failover.steps import GROUPS, MISSING, LookAtSource, PromoteWithoutSource
from mirror.cutover.failover.stop_mirror import ConfirmStop, StopMirror
from mirror.cutover.promoted_ends.journal_entries import RESUMES
from mirror.cutover.step import World
from mirror.cutover.steps.promote import Promote
from mirror.mm2.phase import REPLICATE, phase_of
from mirror.mm2.store import OffsetSyncStore
from tests.unit.support.dead_source import NAMES, Mirror, quick_mirror, scene, walk, world
from tests.unit.support.made_up import NOW, ORDERS
from tests.unit.support.memory_journal import MemoryJournal


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Mirror:
    return quick_mirror(monkeypatch)


def test_the_mirror_is_stopped_before_anything_else_and_says_how_it_was(api: Mirror) -> None:
    journal, (seen, fake) = MemoryJournal(), scene()
    assert walk(StopMirror(seen), api, journal).state == "done"
    assert api.states == ["stopped", "stopped"]
    assert STATES_BEFORE in api.annotations
    assert PHASE not in api.annotations
    assert fake.dirty == 1


def test_a_mirror_that_nobody_stops_is_waited_for_and_can_be_accepted(api: Mirror) -> None:
    api.operator_dead = True
    verdict = walk(StopMirror(scene()[0]), api, MemoryJournal())
    assert verdict.state == "waiting"
    assert "--accept-unconfirmed-stop" in verdict.remedy
    accepted, _ = scene(accept_unconfirmed_stop=True)
    assert StopMirror(accepted).look(world(api)).state == "done"
    assert api.states == ["stopped", "stopped"], "it is declared stopped in any case"
    promoted = walk(PromoteWithoutSource(accepted), api, MemoryJournal())
    assert promoted.state == "done"
    assert "is not confirmed" in promoted.text


def test_clients_do_not_wait_for_a_connector_whose_thread_waits_for_the_dead_source(api: Mirror) -> None:
    api.late = (NAMES.source_connector, NAMES.checkpoint_connector)
    seen, _ = scene("silent")
    stopped = walk(StopMirror(seen), api, MemoryJournal())
    assert stopped.state == "done"
    assert f"has yet to confirm the stop of {NAMES.source_connector}" in stopped.text
    assert walk(PromoteWithoutSource(seen), api, MemoryJournal()).state == "done"
    # "todo": its `do` makes Strimzi ask Connect again, which it does by itself in two minutes only.
    assert walk(ConfirmStop(seen), api, MemoryJournal()).state == "todo"
    api.late = ()
    assert walk(ConfirmStop(seen), api, MemoryJournal()).state == "done"


def test_a_source_that_answers_in_part_is_not_promoted_away_from_before_the_stop_is_confirmed(
    api: Mirror,
) -> None:
    api.late = (NAMES.source_connector,)
    seen, _ = scene("partly")
    assert walk(StopMirror(seen), api, MemoryJournal()).state == "waiting"


def test_a_task_that_still_ends_is_waited_for(api: Mirror) -> None:
    api.user_operator_dead = True  # or the task might end when it wants
    seen, _ = scene("silent")
    walk(StopMirror(seen), api, MemoryJournal())
    for one in api.objects[api.mirror_path]["status"]["connectors"]:
        one["tasks"] = [{"state": "RUNNING"}]
    assert StopMirror(seen).look(world(api)).state == "waiting"
    api.objects[api.mirror_path]["status"] |= {
        "connectors": [
            {"name": name, "connector": {"state": "RUNNING"}, "tasks": []}
            for name in (NAMES.source_connector, NAMES.checkpoint_connector)
        ],
        "conditions": [{"type": "NotReady", "status": "True", "message": "Connect does not answer"}],
    }
    assert StopMirror(seen).look(world(api)).state == "waiting", "Strimzi has not told Connect"


def test_a_promotion_says_whose_acls_it_takes(api: Mirror) -> None:
    users: dict[str, dict[str, Any]] = {
        "closed": {},
        "orders": {"authorization": {"type": "simple", "acls": []}},
    }
    verdict = Promote(users=lambda _: users).look(world(api))
    assert verdict.state == "todo"
    assert "2 copied users may not write on the target yet: closed, orders" in verdict.text
    assert verdict.text.endswith("Copies that lose their ACLs, as their originals have none any more: closed")


def test_a_healthy_source_stops_the_failover_before_it_changes_anything(api: Mirror) -> None:
    assert LookAtSource(scene("healthy")[0]).look(world(api)).state == "blocked"
    assert LookAtSource(scene("healthy", source_is_alive=True)[0]).look(world(api)).state == "done"
    assert api.writes == []


@pytest.mark.parametrize("state", ["healthy", "refused", "unknown"])
def test_a_source_that_is_back_before_the_promotion_does_not_leave_the_mirror_stopped_unsaid(
    api: Mirror, state: SourceState
) -> None:
    """The run before was killed. The way out was `cutover`, and nothing was mirrored meanwhile."""
    assert "rollback" not in LookAtSource(scene(state)[0]).look(world(api)).remedy
    walk(StopMirror(scene()[0]), api, MemoryJournal())
    blocked = LookAtSource(scene(state)[0]).look(world(api))
    assert blocked.state == "blocked"
    assert blocked.remedy.startswith("a run before has stopped the mirror, so nothing is mirrored")
    assert "`failover rollback` starts it again" in blocked.remedy
    assert "--source-is-alive" in blocked.remedy


def test_the_promotion_writes_down_what_is_missing_and_ends_the_way_back(api: Mirror) -> None:
    journal, (seen, fake) = MemoryJournal(), scene()
    walk(StopMirror(seen), api, journal)
    assert walk(PromoteWithoutSource(seen), api, journal).state == "done"
    assert api.annotations[PHASE] == "promoted"
    assert journal.kept("promote", MISSING)["text"].startswith("nobody has kept a last look")
    assert fake.final is not None
    for step in (LookAtSource(seen), StopMirror(seen), PlaceGroups(seen)):
        assert step.look(world(api)).text.startswith("the mirror is promoted")


def test_the_report_says_how_groups_were_placed_at_the_promotion_and_not_how_far_they_have_read_since(
    api: Mirror,
) -> None:
    journal, (seen, fake) = MemoryJournal(), scene()
    partition = TargetSeen(ORDERS, Bounds(0, 50), 49)

    def known(current: int) -> Known:
        commits = {"billing": {ORDERS: Commit(40, NOW)}}
        return Known(commits, {"billing": {ORDERS: current}}, {ORDERS: partition}, OffsetSyncStore())

    fake.known = known(20)
    walk(StopMirror(seen), api, journal)
    walk(PromoteWithoutSource(seen), api, journal)
    fake.known = known(50)  # consumers have read on while Connect's confirmation was awaited
    again, later = scene()
    later.known = known(50)
    for one in (seen, again):
        report = report_of(world(api), one, journal, (), at=NOW, began=NOW, events=())
        assert report.groups["billing"]["rereads_at_most"] == 30, "from 20 to the end"
    assert journal.kept("promote", RESUMES) == {"billing": {"orders": {"0": 20}}}, "recover needs it"


def test_consumers_that_start_behind_place_groups_change_nothing_of_what_is_kept(api: Mirror) -> None:
    journal, (seen, fake) = MemoryJournal(), scene()
    partition = TargetSeen(ORDERS, Bounds(0, 50), 49)
    commits = {"billing": {ORDERS: Commit(40, NOW)}}
    fake.known = Known(commits, {"billing": {ORDERS: 20}}, {ORDERS: partition}, OffsetSyncStore())
    walk(StopMirror(seen), api, journal)
    assert walk(PlaceGroups(seen), api, journal).state == "done"
    fake.known = Known(commits, {"billing": {ORDERS: 45}}, {ORDERS: partition}, OffsetSyncStore())
    walk(PromoteWithoutSource(seen), api, journal)
    report = report_of(world(api), seen, journal, (), at=NOW, began=NOW, events=())
    assert report.groups["billing"]["rereads_at_most"] == 30, "from 20 to the end"
    assert journal.kept("promote", RESUMES) == {"billing": {"orders": {"0": 20}}}, "recover needs it"


def test_where_groups_resume_is_written_down_before_the_mirror_is_marked(
    api: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that was killed while it waited for Strimzi lost it: `recover` counted too few read twice."""
    journal, (seen, fake) = MemoryJournal(), scene()
    current = {"billing": {ORDERS: 20}}
    fake.known = Known({}, current, {ORDERS: TargetSeen(ORDERS, Bounds(0, 50), 49)}, OffsetSyncStore())

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("mirror.cutover.steps.promote.settle", killed)
    with pytest.raises(KeyboardInterrupt):
        walk(PromoteWithoutSource(seen), api, journal)
    assert phase_of(world(api).resource()) != REPLICATE
    assert journal.kept("promote", RESUMES) == {"billing": {"orders": {"0": 20}}}


def test_a_promotion_that_was_begun_and_rolled_back_is_not_reported(api: Mirror) -> None:
    """The journal keeps what was missing before the mirror is marked; the marking may fail."""
    journal, (seen, _) = MemoryJournal(), scene()
    journal.keep("promote", MISSING, {"text": "of another day"})
    journal.keep("promote", GROUPS, {"of-another-day": {"state": "kept"}})
    journal.keep("place-groups", PLACED, {"billing": {"placed_by": {"end": 1}}})
    left = PlaceGroups(seen).undo(world(api), journal)
    assert left is not None, "the rollback said that nothing of it is left"
    assert left.startswith("the offsets of 1 group stay as they were set")
    assert PlaceGroups(seen).undo(world(api), journal) is None
    report = report_of(world(api), seen, journal, (), at=NOW, began=NOW, events=())
    assert report.missing["text"].startswith("nobody has kept a last look")
    assert report.groups == {}


def test_a_promotion_without_groups_reports_none_that_came_later(api: Mirror) -> None:
    journal, (seen, fake) = MemoryJournal(), scene()
    walk(StopMirror(seen), api, journal)
    walk(PromoteWithoutSource(seen), api, journal)
    partition = TargetSeen(ORDERS, Bounds(0, 50), 49)
    fake.known = Known({"new": {ORDERS: Commit(1, NOW)}}, {"new": {}}, {ORDERS: partition}, OffsetSyncStore())
    assert report_of(world(api), seen, journal, (), at=NOW, began=NOW, events=()).groups == {}


def test_groups_are_set_as_the_mirrors_user_and_written_down(
    api: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, (seen, fake) = MemoryJournal(), scene()
    partition = TargetSeen(ORDERS, Bounds(0, 50), 49)
    fake.known = Known(
        {"billing": {ORDERS: Commit(50, NOW)}}, {"billing": {}}, {ORDERS: partition}, OffsetSyncStore()
    )
    sent: list[Any] = []
    monkeypatch.setattr(
        "mirror.cutover.failover.place_groups.commit", lambda access, changes: sent.extend(changes)
    )
    monkeypatch.setattr(World, "mirror_user", lambda self: "the mirror's user")
    verdict = PlaceGroups(seen).look(world(api))
    assert (verdict.state, verdict.remaining) == ("todo", 1)
    PlaceGroups(seen).do(world(api), journal)
    [change] = sent
    assert (change.row.group, change.row.target, change.row.offset) == ("billing", ORDERS, 50)
    assert journal.kept("place-groups", "placed")["billing"]["placed_by"] == {"end": 1}
