"""What a drill proves: the window, and that a lost or doubled record is always found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.console import Console

from mirror.cutover.drill.judge import judge
from mirror.cutover.drill.page import page
from mirror.cutover.drill.picture import timeline
from mirror.cutover.drill.presented import presented
from mirror.cutover.drill.recording import read_line
from mirror.cutover.drill.screen import render
from mirror.problems import CouldNotRun
from tests.unit.cutover.drill.recordings import lines, moved, read, record


def without(found: list[dict[str, Any]], **values: Any) -> list[dict[str, Any]]:
    left = [one for one in found if not values.items() <= one.items()]
    assert len(left) < len(found)
    return left


def test_a_move_without_loss_passes_with_its_window() -> None:
    report = judge(lines(*moved()))
    assert report.problems == ()
    assert report.passed
    assert report.window == pytest.approx(22 - 11.9)
    [stream], [group] = report.streams, report.groups
    assert (stream.accepted_at_source, stream.accepted_at_target, stream.refused) == (2, 1, 1)
    assert (group.read_at_source, group.read_at_target, group.lost, group.twice) == (2, 2, 0, 0)
    assert group.gap == pytest.approx(10.0)
    assert [(one.step, one.start, one.end) for one in report.steps] == [
        ("fence", 11.0, 12.0),
        ("promote", 18.0, 20.0),
    ]


@pytest.mark.parametrize("number", [2, 3, 5])
def test_an_accepted_record_that_is_not_on_the_target_is_lost(number: int) -> None:
    report = judge(lines(*without(moved(), event="stored", record=str(number))))
    assert report.problems == ("orders: not on the target: 1 accepted record",)
    assert (report.lost, report.streams[0].examples) == (1, (str(number),))


def test_a_record_that_is_twice_on_the_target_is_doubled() -> None:
    report = judge(lines(*moved(), record("stored", 31, 3, "target"), record("stored", 31, 3, "target")))
    assert report.problems == ("orders: more than once on the target: 2 records",)
    assert report.doubled == 2


@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_a_record_that_a_group_was_never_given_is_lost(number: int) -> None:
    report = judge(lines(*without(moved(), event="read", record=str(number))))
    assert report.problems == ("group readers was never given 1 record",)
    assert report.groups[0].examples == (f"orders {number}",)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_record_that_a_group_was_given_on_both_sides_is_doubled(number: int) -> None:
    report = judge(lines(*moved(), read(23, number, "target")))
    assert report.problems == ("group readers was given 1 record twice",)


def test_a_record_from_before_the_drill_is_read_again() -> None:
    report = judge(lines(*moved(), read(23, 0, "target")))
    assert report.problems == ("group readers was given 1 record twice",)


def test_what_the_group_had_left_unread_at_the_source_is_no_double() -> None:
    """Records that were written before the drill, and that its consumer reads late at the source."""
    assert judge(lines(*moved(), read(10.2, 0))).passed


@pytest.mark.parametrize("stored", [True, False])
def test_a_record_of_which_the_producer_knows_nothing_may_be_there_or_not(stored: bool) -> None:
    more = [record("unknown", 12, 7)]
    if stored:
        more += [record("stored", 30, 7, "target"), read(24, 7, "target")]
    report = judge(lines(*moved(), *more))
    assert report.passed
    assert report.streams[0].unknown == 1


def test_a_compacted_topic_may_lack_records_but_has_none_twice() -> None:
    compacted = [{**one, "compacted": True} if one["event"] == "stream" else one for one in moved()]
    found = without(compacted, event="stored", record="2")
    report = judge(lines(*found))
    assert report.passed
    assert report.to_json()["streams"][0]["lost"] is None
    assert judge(lines(*found, record("stored", 31, 3, "target"))).doubled == 1


def test_without_a_promotion_a_drill_fails() -> None:
    report = judge(lines(*without(moved(), step="promote")))
    assert report.problems == ("the target was not promoted: fence is done",)


def test_a_drill_without_records_proves_nothing() -> None:
    only = [one for one in moved() if one["event"] not in ("accepted", "read", "stored", "backlog")]
    report = judge(lines(*only))
    assert report.problems == (
        "no window: no record was accepted on both sides",
        "orders: the source accepted no record, so nothing was proven",
    )
    assert judge([]).ended == "the cutover told nothing"


def test_both_clusters_accepting_at_once_fails() -> None:
    late = record("accepted", 23, 8)
    report = judge(lines(*moved(), late, record("stored", 30, 8, "target"), read(24, 8, "target")))
    assert report.problems == (
        "the source accepted records after the target did: both were written at the same time",
    )


@pytest.mark.parametrize(
    "line",
    ["no JSON", "[]", "{}", '{"event": "accepted", "at": 1}', json.dumps(record("read", 1, 1, "elsewhere"))],
)
def test_a_line_that_cannot_be_read_is_one_message(line: str) -> None:
    with pytest.raises(CouldNotRun, match="reading the load, line 3") as error:
        read_line(line, "the load, line 3")
    assert "\n" not in error.value.happened


def test_the_picture_has_a_lane_for_each_step_stream_and_group() -> None:
    recorded = lines(*moved())
    report = judge(recorded)
    shown = timeline(presented(report), recorded, 100)
    assert shown is not None
    assert [lane.name for lane in shown.lanes] == ["fence", "promote", "orders written", "readers read"]
    written = shown.lanes[2]
    assert [bar.colour for bar in written.bars] == ["source", "source", "refused", "target"]
    assert shown.window is not None
    assert shown.window.end - shown.window.start == pytest.approx(10.1)
    assert timeline(presented(judge([])), [], 100) is None


def test_names_on_the_page_stay_text_and_it_loads_nothing() -> None:
    evil = "<script>alert(1)</script>\x1b[2J"
    found = json.loads(json.dumps(moved()).replace("readers", "GROUP"))
    found = [{**one, "group": evil} if one.get("group") == "GROUP" else one for one in found]
    recorded = lines(*found)
    html = page(evil, presented(judge(recorded)), recorded)
    assert "<script" not in html
    assert "\x1b" not in html
    assert "&lt;script&gt;" in html
    assert "default-src 'none'" in html
    assert "http" not in html.replace("http-equiv", "")
    assert "<svg" in html


def test_a_terminal_shows_the_counts_and_the_verdict() -> None:
    recorded = lines(*moved(), read(23, 2, "target"))
    console = Console(width=120, record=True, file=None)
    with console.capture() as shown:
        render("drill", presented(judge(recorded)), recorded, console)
    assert "FAILED: window 10 s, 0 records lost, 1 doubled" in shown.get()
    assert "group readers was given 1 record twice" in shown.get()
