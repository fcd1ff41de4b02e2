"""Where each of several topics begins on the way back, and which of their copies clients have written to."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from mirror.clients.records import Bounds, TopicPartition
from mirror.cutover.failback.judge import Accepted, refusals
from mirror.cutover.failback.originals import lost_originals, orphans, uncertain_copies, written_copies
from mirror.cutover.failback.starts import Copy, choose
from mirror.cutover.recovery.scan import Extent
from mirror.problems import Finding
from tests.unit.cutover.failback.test_the_way_back import STARTS, copy, facts
from tests.unit.support.made_up import ORDERS, settings

RENAMED = settings(replication_policy="default")


def of(topic: str, one: Copy) -> Copy:
    return replace(one, partition=one.partition._replace(topic=topic))


def test_every_topic_begins_whatever_the_one_before_it_does() -> None:
    found = choose([
        of("a-lost", copy(0, 100, 120, original=None, log=Bounds(20, 120))),
        of("b-unknown", copy(0, None, 120)),
        of("c-known", copy(0, 100, 130)),
        of("d-lost", copy(0, 100, 7, original=None)),
        of("e-known", copy(0, 5, 9)),
    ])  # fmt: skip
    assert found.by_topic == {
        "a-lost": "earliest",
        "c-known": "offsets 100",
        "d-lost": "earliest",
        "e-known": "offsets 5",
    }
    assert (found.whole, found.unknown) == (["a-lost", "d-lost"], ["b-unknown"])
    assert found.new == 100 + 30 + 7 + 4


def test_new_records_of_all_partitions_are_counted() -> None:
    found = choose([copy(0, 100, 120), copy(1, 50, 57)])
    assert found.new == 27
    assert choose([copy(0, 100, 120), copy(1, 50, 57)], full_copy=True).new == 177


def test_a_topic_with_a_single_record_would_be_doubled_and_says_why() -> None:
    one = Bounds(9, 10)
    added = choose([copy(0, 100, 120, original=one), copy(1, None, 7, original=None)])
    assert (added.by_topic, added.doubled) == ({"orders": "offsets 100,0"}, {}), (
        "its other partition is there"
    )
    asked = choose([copy(0, 100, 120, original=one)], full_copy=True)
    assert asked.doubled == {"orders": "it has records, and a full copy was asked for"}
    restored = choose([copy(0, 100, 120, original=one, anew="its id differs")], full_copy=True)
    assert restored.doubled == {"orders": "its id differs"}
    assert choose([copy(0, 100, 120, original=Bounds(9, 9))], full_copy=True).doubled == {}


def test_a_partition_that_never_held_a_record_begins_at_its_beginning() -> None:
    assert choose([copy(0, None, 0)]).by_topic == {"orders": "offsets 0"}
    assert choose([copy(0, None, 1)]).unknown == ["orders"]


def test_a_log_that_begins_at_the_promotion_has_lost_nothing() -> None:
    assert choose([copy(0, 100, 120, log=Bounds(100, 120))]).deleted == {}
    assert choose([copy(0, 100, 120, log=Bounds(101, 120))]).deleted == {ORDERS: 1}


def extent(name: str, promoted: int | None, end: int = 10, **more: Any) -> Extent:
    one = TopicPartition(name, 0)
    copied = TopicPartition(f"east.{name}", 0)
    given = {"copy": Bounds(4, end), "promoted": promoted, **more}
    return replace(Extent(one, copied, 9, -1, Bounds(0, 10), 10, Bounds(0, 0)), **given)


def counted(one: TopicPartition, start: int, stop: int) -> int:
    """Each copy has a record at each offset, and no other partition is asked for."""
    assert one.topic.startswith("east.")
    return stop - start


def test_a_copy_that_was_written_to_is_found_behind_others() -> None:
    unknown = [
        extent("a", 10, copy=None),
        extent("b", None),
        extent("c", 10, target=None),
        extent("d", 10, target=TopicPartition("d", 0)),
    ]
    assert written_copies(RENAMED, [*unknown, extent("z", 9)], counted) == ["east.z"]
    assert written_copies(RENAMED, [extent("z", 10)], counted) == [], "it ends where the promotion was"
    assert written_copies(RENAMED, [extent("z", 9, to_topic=1)], counted) == [], "by `recover`"
    assert written_copies(RENAMED, [extent("z", 11, to_topic=5)], counted) == ["east.z"], "created again"


def test_a_copy_without_a_known_end_is_found_behind_others() -> None:
    others = [
        extent("a", None, copy=None),
        extent("b", 10),
        extent("c", None, target=None),
        extent("d", None, uncompared="no leader"),
        extent("e", None, end=4),
    ]
    assert uncertain_copies(RENAMED, [*others, extent("z", None)], counted) == ["east.z"]


def test_each_copy_is_counted_by_its_own_log() -> None:
    assert lost_originals(RENAMED, [extent("z", 9, anew="restored")], {}, counted) == ["east.z"]
    logs = {TopicPartition("east.orders", 0): Bounds(0, 3), TopicPartition("east.orders", 1): Bounds(2, 2)}
    target = SimpleNamespace(bounds=lambda wanted: {one: logs[one] for one in wanted})
    world: Any = SimpleNamespace(settings=RENAMED, sides=lambda: SimpleNamespace(target=target))
    assert orphans(world, {"east.orders": 2, "east.heartbeats": 1}, []) == logs


def test_every_refusal_names_the_side_that_it_is_about() -> None:
    unknown = replace(STARTS, unknown=["orders"], doubled={"payments": "its id differs"})
    every = facts(
        left=1,
        unread=("orders-0",),
        undecided=1,
        fenced=False,
        to_topic=1,
        starts=unknown,
        left_apart=("orders",),
        built_anew=True,
        lost_originals=("east.a",),
        uncertain_copies=("east.b",),
        written_copies=("east.c",),
    )
    found = refusals(settings(), every, Accepted())
    subjects = ["source east"] * 4 + ["target west", "topic payments"] + ["target west"] * 2
    assert [one.subject for one in found] == [*subjects, "source east", *["target west"] * 3]


def test_a_source_without_kubernetes_has_nothing_that_runs_the_way_back() -> None:
    exported: Any = SimpleNamespace(
        source=SimpleNamespace(alias="east", origin="files"), target=SimpleNamespace(alias="west")
    )
    assert refusals(exported, facts(), Accepted()) == [
        Finding(
            "source east",
            "its Kubernetes is not in the stack file, and the way back runs there",
            "install Strimzi beside it, and write the stack file by hand: see docs/failback.md",
        )
    ]
