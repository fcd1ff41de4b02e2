"""A client that got no answer sends a record again, with its own time: that is no copy of MM2.

The way home begins behind the last copy. If it began behind a record that a client has sent again, what other
clients wrote before that one would be on no other cluster.
"""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from mirror.clients.records import TopicPartition
from tests.unit.cutover.recovery.two_clusters import NAMES, ROWS, Row, Scene, position

COPY = TopicPartition("orders", 0)
NEW: list[Row] = [(b"new%d" % one, b"since the promotion") for one in range(20)]


def end(scene: Scene, *, confirmed: bool = True) -> int | None:
    with ExitStack() as stack:
        found = scene.recovery(stack)
        extents = found.with_ends(found.extents(), confirmed=confirmed)
        return {one.target: one.promoted for one in extents}[COPY]


@pytest.mark.parametrize("recorded", [True, False])
def test_the_way_home_begins_before_what_clients_have_written(scene: Scene, recorded: bool) -> None:
    scene.promoted({"orders": [250, 0, 0, 0]} if recorded else {})
    scene.target.write("orders", 0, NEW, range(900, 920))
    scene.target.write("orders", 0, [ROWS[249]], [249])
    assert end(scene) == 250


def test_what_a_client_sends_again_first_is_no_late_copy(scene: Scene) -> None:
    """Everything that MM2 has mirrored was there at the recorded end."""
    scene.promoted({"orders": [250, 0, 0, 0]})
    scene.target.write("orders", 0, ROWS[248:250], [248, 249])
    scene.target.write("orders", 0, NEW, range(900, 920))
    assert end(scene) == 250


def test_a_compacted_copy_may_have_lost_its_last_record_to_the_one_that_was_sent_again(scene: Scene) -> None:
    scene.promoted({"orders": [249, 0, 0, 0]})
    scene.source.write("orders", 0, ROWS[:1])
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 300)])
    scene.target.write("orders", 0, NEW, range(900, 920))
    scene.target.write("orders", 0, ROWS[:1])
    assert end(scene) == 249


def test_of_equal_mirrored_records_the_last_copy_counts(scene: Scene) -> None:
    """Without a recorded end: four equal records were mirrored, and a client has sent a fifth one."""
    scene.source.write("orders", 0, [ROWS[7]] * 3, [7, 7, 7])
    scene.target.write("orders", 0, [*ROWS[250:], *[ROWS[7]] * 3], [*range(250, 300), 7, 7, 7])
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 302)])
    scene.target.write("orders", 0, NEW, range(900, 920))
    scene.target.write("orders", 0, [ROWS[7]], [7])
    assert end(scene) == 303


def test_records_that_mm2_committed_after_the_promotion_are_copies(scene: Scene) -> None:
    scene.promoted({"orders": [250, 0, 0, 0]})
    scene.target.write("orders", 0, ROWS[250:260], range(250, 260))
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 259)])
    scene.target.write("orders", 0, NEW, range(900, 920))
    assert end(scene) == 260


def test_a_late_copy_amid_records_of_clients_is_copied_home_rather_than_they_are_lost(scene: Scene) -> None:
    scene.promoted({"orders": [250, 0, 0, 0]})
    scene.target.write("orders", 0, NEW[:1], [900])
    scene.target.write("orders", 0, ROWS[250:252], range(250, 252))
    scene.target.write(NAMES.offsets_topic, 0, [position(0, 251)])
    assert end(scene) == 250
