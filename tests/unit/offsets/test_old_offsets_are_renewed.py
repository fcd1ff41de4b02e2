"""Before a promotion, offsets on the target that are old are set anew: MM2 will not do it any more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.access import ClusterAccess
from mirror.clients.cluster import Cluster
from mirror.clients.group_offsets import Commit, Commits
from mirror.clients.records import TopicPartition, Unread
from mirror.cutover.remaining import remaining
from mirror.cutover.step import Options
from mirror.cutover.steps.renew_offsets import RENEWED, not_renewed, renew_by
from mirror.mm2.formats import Checkpoint, CheckpointKey
from mirror.mm2.topics import Dated
from mirror.offsets import renewal
from mirror.offsets.renewal import OLD_SECONDS, Renewed, aged, renew
from mirror.problems import CouldNotConnect
from tests.unit.support.made_up import NOW, ORDERS, settings
from tests.unit.support.memory_journal import MemoryJournal

QUIET = TopicPartition("orders", 1)


def checkpoints(**ages: float) -> dict[CheckpointKey, Dated]:
    """Of partition 0 by group, and of partition 1, two days old."""
    of = {(group, ORDERS): age for group, age in ages.items()} | {
        (group, QUIET): 2 * OLD_SECONDS for group in ages
    }
    return {
        CheckpointKey(group, one): Dated(Checkpoint(group, one, 5, 7, ""), NOW - age)
        for (group, one), age in of.items()
    }


def rows(commits: dict[str, Commits | Unread], **ages: float) -> list[tuple[str, int, int, int | None]]:
    found = aged(checkpoints(**ages), commits, NOW)
    return [(one.row.group, one.row.target.partition, one.row.offset, one.before) for one in found]


def test_an_old_offset_is_set_to_what_it_is_partition_by_partition() -> None:
    commits: dict[str, Commits | Unread] = {"billing": {ORDERS: Commit(8, None), QUIET: Commit(3, None)}}
    assert rows(commits, billing=60.0) == [("billing", 1, 3, 3)]
    assert rows(commits, billing=OLD_SECONDS) == [("billing", 1, 3, 3)]
    assert rows(commits, billing=OLD_SECONDS + 1) == [("billing", 0, 8, 8), ("billing", 1, 3, 3)]


def test_what_its_client_has_committed_with_an_offset_is_set_anew_with_it() -> None:
    """Kafka Streams keeps the time of a partition there."""
    commits: dict[str, Commits | Unread] = {"totals": {QUIET: Commit(3, None, "AgAAAY")}}
    [one] = aged(checkpoints(totals=60.0), commits, NOW)
    assert (one.row.source, one.row.target, one.metadata) == (QUIET, QUIET, "AgAAAY")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({QUIET: Commit(3, 0)}, id="a consumer of the target has committed it"),
        pytest.param({ORDERS: Commit(8, None)}, id="there is none"),
        pytest.param(Unread("no answer in time"), id="unread"),
    ],
)
def test_these_are_left_alone(answer: Commits | Unread) -> None:
    assert rows({"billing": answer}, billing=60.0) == []
    assert rows({}, billing=60.0) == []


class Target:
    """Groups on the target; those named `busy` have members."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[list[str]] = []
        self.set: list[str] = []
        monkeypatch.setattr(renewal, "commit_all", self.commit)

    def group_commits(self, groups: list[str]) -> dict[str, Commits]:
        self.asked.append(groups)
        return {group: {QUIET: Commit(3, None)} for group in groups}

    def commit(self, access: Any, changes: Any) -> dict[str, str]:
        assert access == "the mirror's user"
        self.set += [one.row.group for one in changes]
        return {group: "it has members" for group in self.set if group == "busy"}

    def renew(self, found: dict[CheckpointKey, Dated], **more: Any) -> Renewed:
        user = cast(ClusterAccess, "the mirror's user")
        return renew(cast(Cluster, self), lambda: user, found, NOW, **more)


def test_groups_are_set_at_once_and_a_refusal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target(monkeypatch)
    found = target.renew(checkpoints(billing=60.0, busy=60.0, left=60.0), left_out={"left"})
    assert found == Renewed(1, {"busy": "it has members"})
    assert target.asked == [["billing", "busy"]]


def test_of_a_part_its_own_groups_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target(monkeypatch)
    assert target.renew(checkpoints(billing=60.0, audit=60.0), groups=["audit"]) == Renewed(1)
    assert target.set == ["audit"]


def test_nobody_logs_in_where_nothing_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target(monkeypatch)
    young = {key: one for key, one in checkpoints(billing=60.0).items() if key.partition == ORDERS}

    def user() -> ClusterAccess:
        raise AssertionError("a login takes time, and clients wait")

    assert renew(cast(Cluster, target), user, young, NOW) == Renewed()
    assert target.asked == []


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (None, ""),
        ({"offsets": 3, "refused": {}}, ""),
        (
            {"offsets": 3, "refused": {"billing": "it has members"}},
            "of 1 group (billing) that are older than",
        ),
        ({"offsets": 0, "failed": "no answer in time"}, "(no answer in time): they expire by the target's"),
    ],
)
def test_what_was_not_renewed_is_told_with_what_is_left_to_do(kept: Any, told: str) -> None:
    """It was in the journal only, which nobody reads."""
    journal = MemoryJournal()
    journal.keep("promote", RENEWED, kept)
    hurry = not_renewed(journal)
    assert told in hurry
    assert bool(told) is bool(hurry)
    assert ("unless the group has members" in hurry) is bool(hurry), "started behind place-groups"
    lines = remaining(settings(), (), hurry).splitlines()
    assert lines[1].startswith(f"- {hurry}" if hurry else "- Start consumers and then producers")


def test_what_an_earlier_attempt_could_not_renew_is_not_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    journal, target = MemoryJournal(), Target(monkeypatch)
    world: Any = SimpleNamespace(options=Options(), mirror_user=lambda: None)
    answers = iter([CouldNotConnect("connecting to west", "no answer in time", "check it")])

    def read() -> tuple[Cluster, dict[CheckpointKey, Dated]]:
        for error in answers:
            raise error
        return cast(Cluster, target), {}

    renew_by(world, journal, read)
    assert "no answer in time" in not_renewed(journal)
    renew_by(world, journal, read)
    assert not_renewed(journal) == ""
