"""Consumers start behind `place-groups`, and a later run promotes: it still knows where they began."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.clients.records import Bounds
from mirror.cutover.failover.first_placed import first_offsets, first_placed, first_reported
from mirror.cutover.failover.place_groups import FIRST, NAME, PLACED, PlaceGroups
from mirror.cutover.failover.placement import Commit, Known, TargetSeen, placements
from mirror.cutover.failover.report import report_of
from mirror.cutover.failover.steps import PromoteWithoutSource
from mirror.cutover.failover.stop_mirror import StopMirror
from mirror.cutover.promoted_ends.journal_entries import RESUMES
from mirror.mm2.store import OffsetSyncStore
from tests.unit.support.dead_source import Mirror, quick_mirror, scene, walk, world
from tests.unit.support.made_up import NOW, ORDERS
from tests.unit.support.memory_journal import MemoryJournal

SEEN = {ORDERS: TargetSeen(ORDERS, Bounds(0, 50), 49)}


def known(**current: int) -> Known:
    commits = {group: {ORDERS: Commit(40, NOW)} for group in current}
    offsets = {group: {ORDERS: offset} for group, offset in current.items()}
    return Known(commits, offsets, SEEN, OffsetSyncStore())


def offsets(**at: int) -> dict[str, Any]:
    return {group: {"orders": {"0": offset}} for group, offset in at.items()}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Mirror:
    return quick_mirror(monkeypatch)


def run(api: Mirror, journal: MemoryJournal, seen: Known, *steps: Any) -> Any:
    """One command, with a scene of its own."""
    opened, fake = scene()
    fake.known = seen
    for step in steps:
        assert walk(step(opened), api, journal).state == "done"
    return opened


def test_a_later_run_promotes_with_the_offsets_at_which_consumers_have_begun(api: Mirror) -> None:
    journal = MemoryJournal()
    run(api, journal, known(billing=20), StopMirror, PlaceGroups)
    dry, fake = scene()
    fake.known = known(billing=45)
    rehearsed = report_of(world(api), dry, journal, (), at=NOW, began=NOW, events=())
    assert rehearsed.groups["billing"]["rereads_at_most"] == 30, "from 20 to the end"
    last = run(api, journal, known(billing=45), StopMirror, PlaceGroups, PromoteWithoutSource)
    assert journal.kept("promote", RESUMES) == offsets(billing=20), "recover counts from there"
    assert journal.kept(NAME, FIRST) is None, "the journal is small"
    for one in (last, scene()[0]):
        report = report_of(world(api), one, journal, (), at=NOW, began=NOW, events=())
        assert report.groups["billing"]["rereads_at_most"] == 30


def test_a_rehearsal_tells_nothing_of_a_failover_that_another_command_has_rolled_back(api: Mirror) -> None:
    """The mirror has run for months since: `failover --dry-run` told where groups were then."""
    journal = MemoryJournal()
    journal.keep(NAME, PLACED, {"audit": {"rereads_at_most": 7}})
    run(api, journal, known(billing=20), StopMirror, PlaceGroups)
    stopped = StopMirror(scene()[0])
    stopped.undo(world(api), journal)
    dry, fake = scene()
    fake.known = known(billing=45)
    report = report_of(world(api), dry, journal, (), at=NOW, began=NOW, events=())
    assert {group: one["rereads_at_most"] for group, one in report.groups.items()} == {"billing": 5}


def test_a_run_that_is_killed_right_before_the_marking_loses_nothing(
    api: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run forgets the entry of the promotion, which may be of an earlier mirror."""
    journal = MemoryJournal()
    run(api, journal, known(billing=20), StopMirror, PlaceGroups)

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("mirror.cutover.steps.promote.change", killed)
        with pytest.raises(KeyboardInterrupt):
            run(api, journal, known(billing=20), PlaceGroups, PromoteWithoutSource)
    run(api, journal, known(billing=45), PlaceGroups, PromoteWithoutSource)
    assert journal.kept("promote", RESUMES) == offsets(billing=20)


def test_a_rehearsal_writes_nothing_down(api: Mirror) -> None:
    opened, fake = scene()
    fake.known, fake.rehearsal = known(billing=20), True
    assert PlaceGroups(opened).look(world(api)).state == "done"


def test_a_rollback_forgets_it(api: Mirror) -> None:
    journal = MemoryJournal()
    opened = run(api, journal, known(billing=20), StopMirror, PlaceGroups)
    assert journal.kept(NAME, FIRST) is not None
    PlaceGroups(opened).undo(world(api), journal)
    assert journal.kept(NAME, FIRST) is None


def test_a_group_that_was_set_back_by_hand_reads_from_there() -> None:
    """As the step advises of one that passes by records."""
    first = first_placed(None, placements(known(billing=20, audit=30)))
    now = placements(known(billing=10, audit=45, new=5))
    assert first_offsets(first, now) == offsets(billing=10, audit=30, new=5)
    reported = first_reported(first, now)
    assert {group: one["rereads_at_most"] for group, one in reported.items()} == {
        "billing": 40,
        "audit": 20,
        "new": 45,
    }


def test_a_report_needs_no_offsets_that_fit_no_journal() -> None:
    first = {**first_placed(None, placements(known(billing=20))), "offsets": None}
    assert first_reported(first, placements(known(billing=45)))["billing"]["rereads_at_most"] == 30
