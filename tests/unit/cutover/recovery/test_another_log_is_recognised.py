"""A source that was restored or emptied, and a copy that was created again, are not the logs of before."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

from mirror.clients.cluster import Cluster
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.cutover.recovery.choices import RecoveryOptions
from mirror.cutover.recovery.run import Recovery
from mirror.problems import CouldNotRun
from tests.unit.cutover.recovery.two_clusters import NAMES, ROWS, Row, Scene, position, read, start
from tests.unit.support.mock_kafka import MockCluster


def test_a_source_whose_log_ends_before_the_position_is_compared_as_a_whole(scene: Scene) -> None:
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 900)])
    report = scene.run()
    (partition,) = report.to_json()["partitions"]
    assert "ends at offset 300" in partition["anew"]
    assert (partition["crossed"], partition["missing"]) == (250, 50)


def restored(scene: Scene, kept: int, new: int) -> None:
    """The source was restored with so many of its 300 records, and clients have written others since."""
    scene.source = MockCluster()
    scene.source.write("orders", 0, ROWS[:kept])
    scene.source.write("orders", 0, [(b"new%d" % one, b"new") for one in range(new)])


@pytest.mark.parametrize("new", [50, 150])
def test_a_restored_source_that_has_grown_past_the_position_is_compared_as_a_whole(
    scene: Scene, new: int
) -> None:
    """Its topic has the same id, and its log does not end before MM2's position."""
    scene.promoted({"orders": [250, 0, 0, 0]})
    restored(scene, 200, new)
    (partition,) = (report := scene.run(write=True)).to_json()["partitions"]
    assert "the record at offset 249, up to which MM2 has mirrored, is not in the copy" in partition["anew"]
    assert (partition["crossed"], partition["missing"]) == (200, new)
    assert report.left == 0
    assert len(read(scene.target, "orders.recovered", 0, new)) == new
    assert scene.run(write=True).written == []


@pytest.mark.parametrize("new", [80, 20])
def test_what_was_recovered_before_the_restore_does_not_stand_for_what_came_after_it(
    scene: Scene, new: int
) -> None:
    """The backup has the mirrored part, and some of what was recovered; then clients wrote other records."""
    scene.promoted({"orders": [250, 0, 0, 0]})
    assert scene.run(write=True).left == 0
    assert not any("an earlier run" in note for note in scene.run().notes)
    restored(scene, 260, new)
    report = scene.run(write=True)
    assert (report.missing, report.left) == (10 + new, 0)
    assert any("the log is not the one of an earlier run" in note for note in report.notes)
    values = [one.value() for one in read(scene.target, "orders.recovered", 0, 60 + new)]
    assert values.count(b"new") == new
    assert scene.run(write=True).written == []


def test_a_copy_that_was_created_again_is_compared_as_a_whole(scene: Scene) -> None:
    scene.promoted({"orders": [250, 0, 0, 0]})
    scene.target = MockCluster()
    scene.target.write("orders", 0, [(b"client", b"%d" % one) for one in range(260)])
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 249)])
    assert scene.run().missing == 300


@pytest.mark.parametrize("last", [(b"k49", b"written since"), None])
def test_a_last_copy_that_the_log_cleaner_has_removed_proves_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, last: Row | None
) -> None:
    monkeypatch.setattr(Cluster, "topic_configs", lambda *_: {"orders": {"cleanup.policy": "compact"}})
    scene.promoted({"orders": [250, 0, 0, 0]})
    scene.target = MockCluster()
    scene.target.write("orders", 0, [*ROWS[:249], (b"x", b"instead of 249"), *([last] if last else [])])
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 249)])
    report = scene.run()
    assert bool(report.partitions[0].extent.anew) == (last is None)
    assert report.missing == (51 if last is None else 50)
    scene.promoted_at = "2026-11-01T00:00:00+00:00"
    assert scene.run().missing == 50, "a client may have deleted the key, and the cleaner its tombstone"


@pytest.mark.parametrize(("first", "anew"), [(0, False), (200, True), (None, True)])
def test_a_copy_that_retention_may_have_removed_proves_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, first: int | None, anew: bool
) -> None:
    """`compact,delete`: of a compacted source the last record below MM2's position is an old one, which the
    target may have deleted before the copies behind it. `first`: the target's first record of its time.
    """
    scene.promoted({"orders": [250, 0, 0, 0]})
    scene.target = MockCluster()
    scene.target.write("orders", 0, [(b"copy", b"%d" % one) for one in range(260)])
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 249)])
    real = Cluster.bounds

    def deleted(cluster: Cluster, *asked: Any) -> Any:
        ours = cluster.access is scene.target.access
        return {
            one: Bounds(10, 260) if ours and one == TopicPartition("orders", 0) else log
            for one, log in real(cluster, *asked).items()
        }

    monkeypatch.setattr(Cluster, "bounds", deleted)
    monkeypatch.setattr(
        Cluster, "offsets_at", lambda _, asked: {} if first is None else dict.fromkeys(asked, first)
    )
    assert bool(scene.run().partitions[0].extent.anew) == anew


def test_a_source_without_any_mirrored_topic_is_refused_unless_the_way_back_asks(scene: Scene) -> None:
    scene.source = MockCluster()
    with pytest.raises(CouldNotRun, match="none of the source's topics matches"):
        scene.run()
    with ExitStack() as stack:
        options = RecoveryOptions(even_empty=True)
        found = Recovery(scene.world(stack), options, stack, lambda _: None)
        assert found.extents() == []


def test_what_was_not_looked_at_is_said(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.target = MockCluster()
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 299)])
    monkeypatch.setattr(Cluster, "topic_ids", lambda *_: {"orders": Unread("not authorized")})
    notes = "\n".join(scene.run().notes)
    assert "orders-0: MM2 has mirrored it, and the target has no copy any more" in notes
    assert "whether these topics were created again is not known: orders" in notes


def test_a_position_that_was_only_chosen_is_no_copy(scene: Scene) -> None:
    """`mirror.start_from`: the record at a start position was left out on purpose."""
    scene.target = MockCluster()
    scene.target.write("orders", 0, [(b"own", b"%d" % one) for one in range(5)])
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 249), start(0, 249)])
    scene.promoted({"orders": [5, 0, 0, 0]})
    report = scene.run()
    assert (report.missing, report.partitions[0].extent.anew) == (50, "")
