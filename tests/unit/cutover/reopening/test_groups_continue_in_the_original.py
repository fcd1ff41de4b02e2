"""Groups that have read `east.orders` on west: the offset of `orders` on east, by content."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.audit.blocks import RecordBlock
from mirror.audit.columns import joined
from mirror.clients.cluster import Cluster
from mirror.clients.group_offsets import Commit
from mirror.clients.kubernetes import Kubernetes
from mirror.clients.records import TopicPartition, Unread
from mirror.clients.sides import Sides
from mirror.cutover.recovery import run
from mirror.cutover.reopening.homes import Home, first_unread, proposed
from mirror.cutover.reopening.return_groups import ReturnGroups
from mirror.cutover.step import Options, Verdict, World
from mirror.problems import CouldNotRead
from mirror.verify.reading.look import Session
from settings.names import Names
from tests.unit.audit.made_up import ONE, MadeUpLog, Record
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi
from tests.unit.support.mock_kafka import MockCluster

COPY, ORIGINAL = TopicPartition("east.orders", 0), TopicPartition("orders", 0)
SETTINGS = settings(replication_policy="default")
NAMES = Names.of(SETTINGS)


def block(records: Sequence[Record]) -> RecordBlock:
    with MadeUpLog({ONE: records}, block_records=3).blocks(ONE, 0, 1_000) as blocks:
        return joined(list(blocks))


def test_the_last_records_of_both_sides_are_the_same_ones() -> None:
    """The original has markers at offsets 12 and 13, the copy has others."""
    original = [Record(10, key=1), Record(11, key=2), Record(14, key=2)]
    assert first_unread(block([Record(5, key=2), Record(7, key=2)]), block(original), 15) == 11
    assert first_unread(block([Record(7, key=2)]), block(original), 15) == 14
    assert first_unread(block([]), block(original), 15) == 15


def test_compacted_sides_meet_at_the_first_unread_record() -> None:
    original = [Record(10, key=1), Record(14, key=3)]
    unread = [Record(5, key=1), Record(6, key=2), Record(7, key=3)]
    assert first_unread(block(unread), block(original), 15) == 10


def test_what_is_not_unmistakable_is_not_guessed() -> None:
    original = [Record(10, key=1), Record(11, key=1), Record(12, key=9)]
    assert first_unread(block([Record(5, key=1)]), block(original), 13) is None
    assert first_unread(block([Record(5, key=7)]), block(original), 13) is None


def test_the_last_of_equal_records_is_not_taken_for_the_first() -> None:
    """The source's cleaner has removed the first of two: the record between them would be skipped."""
    unread = [Record(5 + at, key=key, broker_stamped=True) for at, key in enumerate((1, 2, 1, 3))]
    original = [Record(11, key=2), Record(12, key=1), Record(13, key=3)]
    assert first_unread(block(unread), block(original), 14) is None
    assert first_unread(block(unread[1:]), block(original), 14) == 11
    assert first_unread(block([Record(5, key=1), Record(6, key=1)]), block([Record(11, key=1)]), 13) == 11


def test_a_group_that_had_read_on_in_the_original_keeps_that() -> None:
    """Before the failover it has committed records that never crossed, or that it has read on west again."""
    assert proposed("g", COPY, 5, ORIGINAL, Home(10), 14).offset == 14
    assert proposed("g", COPY, 5, ORIGINAL, Home(10), 9).offset == 10
    assert proposed("g", COPY, 5, ORIGINAL, Home(10), None).offset == 10
    assert proposed("g", COPY, 5, ORIGINAL, Home(None, "lost"), 14).offset is None


class FakeWorld(World):
    __slots__ = ()
    api: MemoryApi

    @property
    def target_kubernetes(self) -> Kubernetes:
        return cast(Kubernetes, self.api)


class Scene:
    """300 records on east, 250 of them on west behind an aborted one. `west`, `east`: committed offsets."""

    def __init__(self) -> None:
        self.source, self.target, self.api = MockCluster(), MockCluster(), MemoryApi()
        rows = [(b"k", b"%d" % number) for number in range(300)]
        self.source.write("orders", 0, rows)
        self.target.write("east.orders", 0, [(b"marker", b"or what else takes an offset")])
        self.target.write("east.orders", 0, rows[:250])
        where = {"cluster": "east", "partition": 0, "topic": "orders"}
        key = json.dumps([NAMES.source_connector, where]).encode()
        self.target.write(NAMES.offsets_topic, 0, [(key, json.dumps({"offset": 249}).encode())])
        self.west: dict[str, dict[TopicPartition, int]] = {}
        self.east: dict[str, dict[TopicPartition, int]] = {}
        self.members: dict[str, int] = {}
        self.streams: list[str] = []
        self.pending: dict[str, list[TopicPartition] | Unread] = {}
        self.admin: Any = SimpleNamespace(access=lambda access: access)
        content = {"version": 1, "kept": {"promote": {"target-ends": {"east.orders": [251]}}}, "events": []}
        path = f"/api/v1/namespaces/kafka/configmaps/{NAMES.cutover}"
        self.api.objects[path] = {"metadata": {}, "data": {"journal.json": json.dumps(content)}}

    def run(self, *, act: bool = False, left_out: str = "") -> Verdict:
        with ExitStack() as stack:
            sides = stack.enter_context(Sides(self.source.access, self.target.access))
            FakeWorld.api = self.api
            world = FakeWorld(
                SETTINGS,
                Path(),
                Session(SETTINGS, Path(), stack, sides),
                source_admin=self.admin,
                options=Options(leave_out_groups=frozenset({left_out})),
            )
            step = ReturnGroups(stack)
            if act:
                step.do(world, cast(Any, None))
            return step.look(world)

    def committed(self, cluster: Cluster) -> dict[str, dict[TopicPartition, int]]:
        return self.west if cluster.access is self.target.access else self.east


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = Scene()

    def no_baseline(_: object) -> None:
        raise CouldNotRead("reading the baseline", "there is none", "deploy")

    def commit(access: Any, changes: Any) -> None:
        assert access is made.source.access
        for one in changes:
            row = one.row
            assert one.metadata == "stream time", "as the group has committed on its copy"
            made.east.setdefault(row.group, {})[row.target] = row.offset

    monkeypatch.setattr(run, "baseline", no_baseline)
    # The mock cluster answers neither DescribeConfigs nor DescribeTopics nor ListGroups.
    monkeypatch.setattr(Cluster, "topic_ids", lambda *_: {})
    monkeypatch.setattr(Cluster, "topic_configs", lambda *_: {})
    monkeypatch.setattr(
        Cluster, "groups", lambda self: [one for one in made.committed(self) if one not in made.streams]
    )
    monkeypatch.setattr(Cluster, "other_groups", lambda _: made.streams)
    monkeypatch.setattr(
        Cluster,
        "group_offsets",
        lambda self, names: {one: made.committed(self).get(one, {}) for one in names},
    )
    monkeypatch.setattr(
        Cluster,
        "group_commits",
        lambda self, names: {
            name: {one: Commit(at, 3, "stream time") for one, at in made.committed(self)[name].items()}
            for name in names
        },
    )
    monkeypatch.setattr(
        Cluster, "pending_offsets", lambda _, names: {one: made.pending.get(one, []) for one in names}
    )
    monkeypatch.setattr(
        Cluster,
        "members",
        lambda self, names: {
            one: made.members.get(one, 0) if made.committed(self) is made.west else 0 for one in names
        },
    )
    monkeypatch.setattr("mirror.cutover.reopening.return_groups.commit", commit)
    return made


def test_a_reader_continues_at_the_same_record(scene: Scene) -> None:
    """Its offset 201 on the copy is the record with offset 200 in the original."""
    scene.west = {"billing": {COPY: 201}, "done": {COPY: 251}, "local": {TopicPartition("orders", 0): 3}}
    scene.east = {"billing": {ORIGINAL: 90}}
    assert scene.run().state == "todo"
    verdict = scene.run(act=True)
    assert scene.east == {"billing": {ORIGINAL: 200}, "done": {ORIGINAL: 250}}
    assert verdict.state == "done"
    assert verdict.text == "2 groups on east: 2 exact (no record is read again, none is skipped)"


def test_a_streams_group_continues_too_and_a_share_group_is_named(scene: Scene) -> None:
    scene.west, scene.streams = {"topology": {COPY: 201}}, ["topology", "shared"]
    verdict = scene.run(act=True)
    assert scene.east == {"topology": {ORIGINAL: 200}}
    assert verdict.evidence["not_moved"] == ["shared"]


def test_records_that_never_crossed_are_next(scene: Scene) -> None:
    """A group that has read all of the copy, and what clients have written behind it, has 250 to 299 left."""
    scene.target.write("east.orders", 0, [(b"new", b"by a client")])
    scene.west = {"billing": {COPY: 252}}
    scene.run(act=True)
    assert scene.east == {"billing": {ORIGINAL: 250}}


def test_run_again_after_its_consumers_have_gone_on_nothing_is_set_back(scene: Scene) -> None:
    scene.west = {"billing": {COPY: 201}}
    scene.run(act=True)
    scene.east["billing"][ORIGINAL] = 280
    assert scene.run().state == "done"
    scene.run(act=True)
    assert scene.east == {"billing": {ORIGINAL: 280}}


def test_a_group_that_still_reads_the_copy_is_waited_for(scene: Scene) -> None:
    scene.west, scene.members = {"billing": {COPY: 201}}, {"billing": 2}
    verdict = scene.run(act=True)
    assert (verdict.state, scene.east) == ("waiting", {})
    assert verdict.text == "group billing has members on west"
    assert scene.run(left_out="billing").state == "done"


def test_an_offset_that_waits_for_a_transaction_is_waited_for(scene: Scene) -> None:
    scene.west, scene.pending = {"billing": {COPY: 201}}, {"billing": [COPY, TopicPartition("other", 0)]}
    verdict = scene.run(act=True)
    assert (verdict.state, scene.east) == ("waiting", {})
    assert "a transaction with its offset of east.orders-0 has not ended" in verdict.text
    scene.pending = {"billing": Unread("no answer in time")}
    verdict = scene.run()
    assert (verdict.state, scene.east) == ("blocked", {})
    assert "billing: no answer in time" in verdict.text


def test_without_a_login_that_may_set_offsets_it_says_which_one(scene: Scene) -> None:
    scene.west, scene.admin = {"billing": {COPY: 201}}, None
    verdict = scene.run()
    assert verdict.state == "blocked"
    assert "--source-admin-config FILE" in verdict.remedy
    assert verdict.evidence["groups"]["billing"]["offsets"] == {"orders-0": 200}


def test_an_offset_below_the_start_of_the_copy_is_not_guessed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.west = {"billing": {COPY: 201}}
    monkeypatch.setattr("mirror.cutover.reopening.read_homes.MOST_UNREAD", 10)
    verdict = scene.run()
    assert verdict.state == "blocked"
    assert "more than 10 offsets of the copy are unread" in verdict.text
    assert "let the group continue on west" in verdict.remedy
