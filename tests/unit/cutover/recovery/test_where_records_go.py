"""Where each missing record is written, and which topics are not those that were mirrored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mirror.audit.rules import Cleaning
from mirror.audit.selection import ChosenPartitions
from mirror.clients.records import Bounds, Topic, TopicPartition
from mirror.clients.sides import Joined
from mirror.clients.topics import Topics
from mirror.cutover.recovery.choices import RecoveryOptions, parcel
from mirror.cutover.recovery.missing import Judgement
from mirror.cutover.recovery.render import remarks, summary
from mirror.cutover.recovery.report import RecoveryReport, Written
from mirror.cutover.recovery.scan import Extent, Scanned, conflicts_unknown
from mirror.cutover.recovery.source_log import began, created_again
from mirror.problems import CouldNotRun
from mirror.verify.baseline import Baseline, TopicThen

ONE, COPY = TopicPartition("orders", 0), TopicPartition("east.orders", 0)
COPIES = {"orders": "east.orders"}


def scanned(target: TopicPartition | None = COPY, anew: str = "", conflicts_unknown: str = "") -> Scanned:
    offsets, conflicts = np.array([5, 6, 9]), np.array([False, True, False])
    keyed = np.array([True, True, False])
    judgement = Judgement(offsets, offsets, conflicts, offsets, offsets, keyed, 0, 0, 0, 0, False)
    extent = Extent(ONE, target, 4, -1, Bounds(0, 10), 10, None, to_topic=7, topic_id="id-1", anew=anew)
    return Scanned(extent, judgement, conflicts_unknown=conflicts_unknown)


def held(one: Scanned, **options: str) -> list[str]:
    found = parcel(one, RecoveryOptions(**options), COPIES)  # type: ignore[arg-type]
    return [found.goes_to(int(offset)) for offset in found.offsets]


def test_by_default_every_record_is_quarantined() -> None:
    assert held(scanned()) == ["east.orders.recovered"] * 3


def test_to_the_topic_only_conflicts_are_quarantined_unless_they_are_asked_for() -> None:
    assert held(scanned(), to="topic") == ["east.orders", "east.orders.recovered", "east.orders"]
    assert held(scanned(), to="topic", conflicts_to="topic") == ["east.orders"] * 3


@pytest.mark.parametrize("one", [scanned(target=None), scanned(anew="its id differs")])
def test_what_has_no_place_among_the_copies_is_quarantined(one: Scanned) -> None:
    assert all(topic.endswith(".recovered") for topic in held(one, to="topic"))


def test_what_may_be_in_the_topic_already_is_quarantined() -> None:
    """The target stamps records anew, so no copy was recognised: `--to topic` would write them twice."""
    one = scanned()
    assert one.judgement is not None
    stamped = replace(one, judgement=replace(one.judgement, stamped=True))
    assert held(stamped, to="topic") == ["east.orders.recovered"] * 3
    assert held(stamped, to="topic", conflicts_to="topic") == ["east.orders"] * 3


def test_where_newer_records_may_be_gone_every_record_with_a_key_is_quarantined() -> None:
    """A client may have deleted the key since, and the cleaner its tombstone: the key would come back."""
    one = scanned(conflicts_unknown="the log cleaner may have deleted tombstones")
    assert held(one, to="topic") == ["east.orders.recovered"] * 2 + ["east.orders"]
    assert held(one, to="topic", conflicts_to="topic") == ["east.orders"] * 3


@pytest.mark.parametrize(
    ("start", "promoted", "cleaner", "age", "said"),
    [
        (0, 50, Cleaning(), None, ""),
        (50, 50, Cleaning(), 1e9, ""),
        (51, 50, Cleaning(), 1.0, "retention may have deleted newer records"),
        (1, None, Cleaning(), 1.0, "retention may have deleted newer records"),
        (0, None, Cleaning(), 1.0, ""),
        (0, 50, Cleaning(True, 60_000), 59.0, ""),
        (0, 50, Cleaning(True, 60_000), 60.0, "tombstones"),
        (0, 50, Cleaning(True, 60_000), None, "tombstones"),
    ],
)
def test_what_the_target_may_have_deleted_since_the_promotion(
    start: int, promoted: int | None, cleaner: Cleaning, age: float | None, said: str
) -> None:
    extent = Extent(ONE, COPY, 4, -1, Bounds(0, 10), 10, Bounds(start, 90), promoted)
    found = conflicts_unknown(extent, cleaner, age)
    assert said in found
    assert bool(found) == bool(said)


def test_a_topic_that_was_created_again_or_truncated_is_not_the_one_that_was_mirrored() -> None:
    then = Baseline("2026-11-01", "east", {"orders": TopicThen("id-1", 1)})
    assert created_again(ONE, {"orders": "id-1"}, then, 99, 100) == ""
    assert "created again" in created_again(ONE, {"orders": "id-2"}, then, 99, 100)
    assert "ends at offset 50" in created_again(ONE, {}, None, 99, 50)
    assert "ends at offset 99" in created_again(ONE, {}, None, 99, 99), "the mirrored record is not there"
    assert created_again(ONE, {}, then, 99, 100) == "", "the cluster told no id"
    assert created_again(ONE, {}, None, -1, 0) == "", "nothing was mirrored"


def test_what_retention_deleted_before_it_crossed_is_counted_also_where_nothing_has_crossed() -> None:
    then = Baseline("2026-11-01", "east", {"orders": TopicThen("id-1", 2, (20, -1))})
    newer = TopicPartition("new", 0)
    begun = [
        began(one, then) for one in (ONE, TopicPartition("orders", 1), TopicPartition("orders", 2), newer)
    ]
    assert begun == [20, None, 0, 0]
    assert began(ONE, None) is None

    def gone(mirrored: int, recovered: int, begin: int | None, anew: str = "") -> int:
        log = Bounds(100, 120)
        return Extent(ONE, COPY, mirrored, recovered, log, 120, None, began=begin, anew=anew).gone

    assert [gone(-1, -1, begin) for begin in (0, 20, 100, None)] == [100, 80, 0, 0]
    assert (gone(-1, 59, 20), gone(49, -1, 20), gone(49, 79, 20), gone(110, -1, 20)) == (40, 50, 20, 0)
    assert gone(-1, -1, 0, anew="its id differs") == 0


def test_a_parcel_names_the_partition_its_topic_and_what_earlier_runs_wrote() -> None:
    found = parcel(scanned(), RecoveryOptions(to="topic"), COPIES)
    assert (found.source, found.topic_id, found.to_topic) == (ONE, "id-1", 7)
    assert parcel(scanned(), RecoveryOptions(), {"orders": "another"}).topic == "east.orders", "its own copy"
    absent = parcel(scanned(target=None), RecoveryOptions(), COPIES)
    assert (absent.topic, absent.quarantine) == ("east.orders", "east.orders.recovered"), "as its others"


def test_partitions_are_chosen_also_where_the_source_has_no_mirrored_topic_left() -> None:
    there = {"orders": Topic("orders", 2, 3), "payments": Topic("payments", 1, 3)}
    partitions = [TopicPartition("orders", 0), TopicPartition("orders", 1), TopicPartition("payments", 0)]
    joined = tuple(Joined(one, one) for one in partitions)
    topics = Topics(there, there, {"orders": "orders", "payments": "payments"}, joined)
    for even_empty in (False, True):
        every = RecoveryOptions(even_empty=even_empty).chosen(topics)
        assert every.joined == joined
    one = RecoveryOptions(("payments",)).chosen(topics)
    assert one.joined == joined[2:]
    none = Topics({}, there, {})
    assert RecoveryOptions(even_empty=True).chosen(none) == ChosenPartitions(none, (), ())
    with pytest.raises(CouldNotRun, match="none of the source's topics matches"):
        RecoveryOptions().chosen(none)
    beats = {"heartbeats": Topic("heartbeats", 1, 3)}
    pair = (Joined(TopicPartition("heartbeats", 0), TopicPartition("east.heartbeats", 0)),)
    own = Topics(beats, there, {"heartbeats": "east.heartbeats"}, pair, own=frozenset(beats))
    assert RecoveryOptions(even_empty=True).chosen(own).joined == pair, "a region built anew has these"


def test_a_partition_that_was_not_judged_has_nothing_to_write() -> None:
    with pytest.raises(ValueError, match="without a judgement"):
        parcel(Scanned(scanned().extent, None), RecoveryOptions(), COPIES)


def test_what_retention_deleted_before_it_crossed_is_not_recovered() -> None:
    """It exited with 0, so a pipeline went on with the way home as if nothing was lost."""
    lost = Extent(ONE, COPY, 49, -1, Bounds(100, 120), 120, None)
    whole = Extent(ONE, COPY, 119, -1, Bounds(100, 120), 120, None)

    def report(extent: Extent, written: list[Written] | None = None) -> RecoveryReport:
        one = (Scanned(extent, None),)
        return RecoveryReport("m", "east", "west", "", "", "fenced", True, one, written=written)

    assert (report(lost).passed, report(whole).passed) == (False, True)
    deleted = ", and at most 50 were deleted before they crossed"
    assert summary(report(lost)) == f"every record of east that could be judged is on west{deleted}"
    assert summary(report(lost, [])).endswith(f"0 records still missing{deleted}")
    assert any("exit code stays 1" in line for line in remarks(report(lost)))


def test_one_deleted_offset_of_a_partition_is_a_marker_as_source_unbroken_says() -> None:
    """With transactional producers retention deletes one of each idle partition, and recover ended with 1."""
    marker = Extent(ONE, COPY, 98, -1, Bounds(100, 120), 120, None)
    report = RecoveryReport("m", "east", "west", "", "", "fenced", True, (Scanned(marker, None),) * 2)
    assert (report.gone, report.passed) == (2, True)
    said = [one for one in remarks(report) if "at most 2 records never crossed" in one]
    assert "most likely a marker" in said[0]
