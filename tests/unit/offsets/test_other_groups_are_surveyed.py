"""MM2 overwrites nothing of a group whose type it does not translate, whatever its offset syncs say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.mm2.formats import OffsetSync
from mirror.offsets import survey
from mirror.offsets.applying import TargetGroups, problems
from mirror.offsets.survey import Survey, Surveyor
from mirror.offsets.table import OffsetRow
from mirror.problems import CouldNotRead
from mirror.verify.reading import parts
from mirror.verify.reading.look import Session
from mirror.verify.reading.parts import Groups
from mirror.verify.values.group_partition import GroupPartition
from tests.unit.support.made_up import ORDERS, settings
from tests.unit.support.offset_syncs import store_of

COPY = TopicPartition("orders", 0)
ELSEWHERE = TopicPartition("of-nobody", 0)
NAMES = {parts.source_groups: ["billing"], parts.untranslated_groups: ["streams-app"]}
STREAMS = GroupPartition(
    "streams-app",
    ORDERS,
    COPY,
    committed=7,
    translated=None,
    source=Bounds(0, 20),
    target=Bounds(0, 21),
    position=None,
)


def survey_of(
    monkeypatch: pytest.MonkeyPatch,
    untranslated: tuple[str, ...],
    pending: list[TopicPartition] | Unread,
) -> Survey:
    return surveyor_of(monkeypatch, untranslated, pending).look()


def surveyor_of(
    monkeypatch: pytest.MonkeyPatch,
    untranslated: tuple[str, ...] = (),
    pending: list[TopicPartition] | Unread | None = None,
    hidden: CouldNotRead | None = None,
) -> Surveyor:
    """One that takes no other session, look, topics or groups for these. `pending` None: of no group."""
    store = store_of([OffsetSync(ORDERS, 0, 0)])
    topics, stopped = object(), {"name": "checkpoints", "connector": {"state": "STOPPED"}, "tasks": []}

    def bookkeeping(asked: object) -> tuple[Any, Any]:
        assert asked is topics
        if hidden is not None:
            raise hidden
        return SimpleNamespace(read=dict), SimpleNamespace(read=lambda: store)

    def settled(asked: object, everywhere: bool) -> Groups:
        assert asked is look
        assert everywhere is True, "also groups whose offsets look right"
        return Groups((STREAMS,), {"broken": "no coordinator"}, untranslated=untranslated)

    def look_of(asked: object, reads: object) -> Any:
        assert (asked, reads) == (session, (parts.translated,))
        return look

    def cluster(alias: str) -> Any:
        return SimpleNamespace(
            pending_offsets=lambda groups: {} if pending is None else dict.fromkeys(groups, pending),
            members=lambda groups: {one: f"{alias} members of {one}" for one in groups},
            group_commits=lambda groups: [f"commits of {one}" for one in groups],
        )

    look = SimpleNamespace(
        topics=topics,
        of=NAMES.get,
        sides=SimpleNamespace(source=cluster("source"), target=cluster("target")),
        resource={"status": {"connectors": [stopped]}},
    )
    session = SimpleNamespace(
        bookkeeping=bookkeeping,
        settings=settings(sync_group_offsets_interval_seconds=7),
        names=SimpleNamespace(checkpoint_connector="checkpoints"),
        deployed=SimpleNamespace(mirror_user=lambda resource: ("mirror's user of", resource)),
    )
    monkeypatch.setattr(parts, "settled", settled)
    monkeypatch.setattr(survey, "Look", look_of)
    return Surveyor(cast(Session, session))


def surveyed(monkeypatch: pytest.MonkeyPatch, untranslated: tuple[str, ...]) -> GroupPartition:
    [one] = survey_of(monkeypatch, untranslated, []).partitions
    return one


def test_offsets_that_wait_for_a_transaction_are_those_of_mirrored_partitions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert survey_of(monkeypatch, (), [ORDERS, ELSEWHERE]).pending == {"streams-app": (ORDERS,)}
    assert survey_of(monkeypatch, (), [ELSEWHERE]).pending == {}
    unread = survey_of(monkeypatch, (), Unread("no answer in time"))
    assert (unread.pending, unread.unreadable) == (
        {},
        {"broken": "no coordinator", "streams-app": "its pending offsets: no answer in time"},
    ), "the offset that was read may not be the last one"


def refused(one: GroupPartition) -> list[str]:
    row = OffsetRow(2, one.group, one.partition, one.remote, 7)
    scene: Any = TargetGroups({(one.group, one.remote): one}, {one.group: 0}, True, 10)
    return [finding.message for finding in problems([row], scene, allow_skip=True)]


def test_a_streams_group_is_moved_while_the_checkpoint_connector_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = surveyed(monkeypatch, ("streams-app",))
    assert one.mm2 is not None
    assert one.mm2.settles_at is None
    assert refused(one) == []


def test_a_group_that_mm2_translates_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    one = surveyed(monkeypatch, ())
    assert refused(one) == ["the checkpoint connector is not stopped and is about to write 1 for the group"]


def test_a_file_is_checked_with_its_own_groups_as_they_are_now(monkeypatch: pytest.MonkeyPatch) -> None:
    scene: Any = surveyor_of(monkeypatch).scene(["streams-app"])
    assert scene == TargetGroups(
        {("streams-app", COPY): scene.partitions["streams-app", COPY]},
        cast(Any, {"streams-app": "target members of streams-app"}),
        checkpoints_run=False,
        sync_seconds=7,
        unreadable={"broken": "no coordinator"},
        members_on_source=cast(Any, {"streams-app": "source members of streams-app"}),
    )
    assert surveyor_of(monkeypatch).scene(["billing"]).partitions == {}


def test_offsets_are_committed_as_the_mirrors_user_with_what_the_source_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: Any = surveyor_of(monkeypatch)
    assert seen.commits({"b", "a"}) == ["commits of a", "commits of b"]
    who, resource = seen.committing_access()
    assert (who, list(resource)) == ("mirror's user of", ["status"])


def test_hidden_bookkeeping_is_told_and_the_groups_are_read_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert surveyor_of(monkeypatch, ("streams-app",)).look().blind == ""
    assert surveyor_of(monkeypatch, ("streams-app",)).look().untranslated == ("streams-app",)
    refused = CouldNotRead("reading checkpoints", "not authorized", "check the ACLs")
    found = surveyor_of(monkeypatch, hidden=refused).look()
    assert (found.blind, found.partitions) == ("reading checkpoints: not authorized", (STREAMS,))


@pytest.mark.parametrize(("pending", "waits"), [([ORDERS], True), ([ELSEWHERE], False), (None, False)])
def test_a_proposal_knows_who_reads_on_and_what_is_pending(
    monkeypatch: pytest.MonkeyPatch, pending: list[TopicPartition] | None, waits: bool
) -> None:
    monkeypatch.setattr(survey, "proposal", lambda one, **given: (one, given))
    rows: Any
    for exact in (True, False):
        rows, seen = surveyor_of(monkeypatch, ("streams-app",), pending).proposals(exact=exact)
        [(one, given)] = rows
        assert (one,) == seen.partitions
        assert given == {
            "exact": exact,
            "active_on_source": "source members of streams-app",
            "pending": waits,
        }
