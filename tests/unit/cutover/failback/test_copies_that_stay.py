"""What of copies with a prefix cannot go home, and what goes home as a whole."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Literal

import pytest

from mirror.clients.records import Bounds, TopicPartition
from mirror.cutover.failback.judge import Accepted, refusals
from mirror.cutover.failback.originals import (
    lost_originals,
    not_in_old_region,
    orphans,
    uncertain_copies,
    written_copies,
)
from mirror.cutover.failback.reverse import copies, facts_of, remarks
from mirror.cutover.failback.starts import choose
from mirror.cutover.recovery.scan import Extent, Scanned
from tests.unit.cutover.failback.test_the_way_back import STARTS, facts
from tests.unit.support.made_up import ORDERS, settings


def test_what_recover_wrote_to_a_copy_with_a_prefix_is_no_writing_of_clients() -> None:
    """It never goes back (`isCycle`), so nothing is doubled either. Markers are no records."""
    given = settings(replication_policy="default")
    partition = TopicPartition("east.orders", 0)
    one = Extent(ORDERS, partition, 99, 104, Bounds(0, 105), 105, Bounds(0, 109), 102, to_topic=5)
    assert written_copies(given, [one], lambda *_: 5) == []
    assert written_copies(given, [one], lambda *_: 6) == ["east.orders"]
    assert written_copies(given, [one], lambda *_: None) == ["east.orders"]
    assert written_copies(settings(), [one], lambda *_: 6) == []
    seen = [Scanned(one, None)]
    assert facts_of(given, seen, STARTS, (True, "")).to_topic == 0
    found = facts_of(settings(), seen, STARTS, (True, ""))
    assert (found.to_topic, found.recovered) == (5, ("orders",))


def test_a_copy_that_was_created_again_has_records_of_clients_only() -> None:
    given = settings(replication_policy="default")
    partition = TopicPartition("east.orders", 0)
    one = Extent(ORDERS, partition, 99, -1, Bounds(0, 100), 100, Bounds(0, 7), promoted=100)
    assert written_copies(given, [one], lambda _, start, stop: stop - start) == ["east.orders"]


def test_a_topic_that_even_the_identity_policy_renames_stays_where_it_is() -> None:
    partition = TopicPartition("east.device-heartbeats", 0)
    one = Extent(
        TopicPartition("device-heartbeats", 0), partition, 9, -1, Bounds(0, 10), 10, Bounds(0, 15), 10
    )
    assert written_copies(settings(), [one], lambda *_: 5) == ["east.device-heartbeats"]


def test_copies_whose_originals_are_lost_are_on_the_target_only() -> None:
    """A region that was built anew: nothing brings these records home, and nobody was told."""
    given = settings(replication_policy="default", topics=["orders", "payments"])
    known = TopicPartition("east.orders", 0)
    there = Extent(ORDERS, known, 99, -1, Bounds(0, 100), 100, Bounds(0, 100), 100)
    lost = TopicPartition("east.payments", 0)

    class Target:
        def bounds(self, wanted: Any) -> dict[TopicPartition, Bounds]:
            return dict.fromkeys(wanted, Bounds(0, 40))

    world: Any = SimpleNamespace(settings=given, sides=lambda: SimpleNamespace(target=Target()))
    topics = {"east.orders": 1, "east.payments": 1, "east.heartbeats": 1, "orders": 1, "own": 1}
    found = orphans(world, topics, [there])
    assert found == {lost: Bounds(0, 40)}

    def count(_: TopicPartition, start: int, stop: int) -> int:
        return stop - start

    assert lost_originals(given, [there], found, count) == ["east.payments"]
    assert lost_originals(given, [replace(there, anew="its id differs")], {}, count) == ["east.orders"]
    assert lost_originals(given, [there], {lost: Bounds(40, 40)}, count) == [], "retention has deleted all"
    kept = replace(there, target=ORDERS, anew="its id differs")
    assert lost_originals(settings(), [kept], {}, count) == [], "it is copied as a whole"


def test_a_topic_that_the_old_region_does_not_show_is_copied_as_a_whole_and_named() -> None:
    """It may only be hidden from the mirror's user: then its records would be doubled."""
    there = Extent(ORDERS, ORDERS, 99, -1, Bounds(0, 100), 100, Bounds(0, 100), 100)
    ended = [ORDERS, TopicPartition("payments", 0), TopicPartition("east.device-heartbeats", 0)]
    assert not_in_old_region(settings(), ended, [there]) == ["payments"]
    assert any(
        "payments" in one and "as a whole" in one for one in remarks(settings(), facts(absent=("payments",)))
    )


def test_copies_whose_end_is_not_known_may_have_records_of_clients() -> None:
    """They would not cross, and nobody would be told."""
    given = settings(replication_policy="default")
    partition = TopicPartition("east.orders", 0)
    one = Extent(ORDERS, partition, 99, -1, Bounds(100, 100), 100, Bounds(0, 109), None)
    assert uncertain_copies(given, [one], lambda *_: 9) == ["east.orders"]
    assert uncertain_copies(given, [one], lambda *_: None) == ["east.orders"]
    assert uncertain_copies(given, [one], lambda *_: 0) == [], "retention has deleted all of it"
    assert uncertain_copies(given, [replace(one, promoted=109)], lambda *_: 9) == []
    assert uncertain_copies(settings(), [one], lambda *_: 9) == [], "its start is refused as unknown"


@pytest.mark.parametrize("policy", ["identity", "default"])
def test_no_topic_is_to_be_deleted_because_its_original_has_no_leader(
    policy: Literal["identity", "default"],
) -> None:
    """The end of the copy is not recorded, and nobody can look for it: `reverse` advised to delete the topic
    in the old region, or to write the file by hand, beside that the partition could not be judged."""
    given = settings(replication_policy=policy)
    copy = TopicPartition("orders" if policy == "identity" else "east.orders", 0)
    dead = Extent(ORDERS, copy, 99, -1, Bounds(0, 0), 0, Bounds(0, 120), uncompared="no leader")
    target = SimpleNamespace(bounds=lambda wanted: dict.fromkeys(wanted, Bounds(0, 120)))
    world: Any = SimpleNamespace(settings=given, sides=lambda: SimpleNamespace(target=target))
    topics = {copy.topic: SimpleNamespace(partitions=1)}
    found: Any = SimpleNamespace(topics=SimpleNamespace(target=topics, matched={"orders": copy.topic}))
    assert choose(copies(world, found, [dead])) == choose([])
    assert uncertain_copies(given, [dead], lambda *_: 120) == []
    seen = [Scanned(dead, None, "whether it was restored could not be read: no leader")]
    [told] = refusals(given, facts_of(given, seen, choose([]), (True, "")), Accepted())
    assert "could not be judged: orders-0" in told.message
