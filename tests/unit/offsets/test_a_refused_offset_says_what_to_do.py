"""Each problem of a file names its row and the way out, and all problems of all rows are said at once."""

from __future__ import annotations

import pytest

from mirror.clients.records import Bounds, Unread
from mirror.offsets.applying import TargetGroups, problems
from mirror.offsets.metadata import MOST_BYTES, fitting
from tests.unit.offsets.test_offsets_are_applied_only_when_safe import mm2, row, scene
from tests.unit.offsets.test_offsets_are_proposed import at
from tests.unit.support.made_up import ORDERS, window

STOP = "stop the checkpoint connector first"
HIDDEN = Unread("no answer in time")
OVERTAKEN = at(4, 8, ahead=window("gh", 16), target=Bounds(16, 18))


@pytest.mark.parametrize(
    ("offset", "seen", "message", "way_out"),
    [
        (14, TargetGroups({}, {}, False, 10, {"billing": "no answer"}), "could not be read", "check the bro"),
        (14, TargetGroups({}, {}, False, 10), "has no translated offset", "check the names, and that the"),
        (14, scene(at(6, 13), members=HIDDEN), "unknown whether the group is active", "check the broker's"),
        (14, scene(at(6, 13), members=1), "is active on the target (1 member)", "stop group billing on the "),
        (10, scene(at(6, 13), on_source=1), "still active on the source", "stop group billing on the source"),
        (14, scene(at(6, 13, target=HIDDEN)), "the target cannot be read: no answer in time", "try again"),
        (19, scene(at(8, 13)), "19 is outside the target's log, which is from 10 to 18", "export again"),
        (12, scene(at(3, None)), "it is not proven that 12 skips no record", "verify again, or accept the r"),
        (16, scene(OVERTAKEN), "16 skips records that the group has not read", "let the group read them on"),
        (17, scene(at(6, 13)), "17 would skip records", "set 16 or less, or accept the loss with --allow-sk"),
        (10, scene(at(6, 13)), "sets the group back from 13", "remove the row, or accept that the group re"),
        (16, scene(at(6, 13), runs=True), "the offset that it will write is unknown", STOP),
        (14, scene(at(8, 13, mm2=mm2(16)), runs=True), "will set the group to 16 within 10 s", STOP),
        (18, scene(at(8, 13, mm2=mm2(16)), runs=True), "is about to write 16 for the group", STOP),
        (16, scene(at(8, 13, mm2=mm2(16)), runs=True), "is about to write 16 for the group", STOP),
    ],
)
def test_each_names_its_row_and_the_way_out(
    offset: int, seen: TargetGroups, message: str, way_out: str
) -> None:
    [found] = [one for one in problems([row(offset)], seen) if message in one.message]
    assert found.subject == "line 2, group billing, orders-0"
    assert found.remedy.startswith(way_out)


def test_the_problems_of_all_rows_are_said_at_once() -> None:
    groups = ("audit", "billing", "search")
    seen = TargetGroups(
        {(one, ORDERS): at(8, 13, mm2=mm2(16)) for one in groups}, {"audit": 1, "search": 2}, True, 10
    )
    found = problems([row(12, group=one) for one in groups], seen)
    assert [(one.subject.split(", ")[1], one.message.split(" ")[0]) for one in found] == [
        ("group audit", "the"),
        ("group audit", "12"),
        ("group audit", "the"),
        ("group billing", "12"),
        ("group billing", "the"),
        ("group search", "the"),
        ("group search", "12"),
        ("group search", "the"),
    ], "members on the target, set back, and overwritten by MM2"


def test_metadata_of_just_the_size_that_a_broker_takes_is_kept() -> None:
    assert fitting("m" * MOST_BYTES) == "m" * 4_096
    assert fitting("m" * (MOST_BYTES + 1)) == ""
