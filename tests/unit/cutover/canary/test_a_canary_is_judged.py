"""What fails a canary: a lost or doubled record, a group that continues elsewhere, a fence that is none."""

from __future__ import annotations

from typing import Any

import pytest

from mirror.cutover.canary.canary import READ
from mirror.cutover.canary.judge import is_canary, judge_canary
from mirror.cutover.canary.results import CanaryReport, presented_canary
from mirror.cutover.drill.markdown import markdown
from mirror.cutover.drill.page import page
from tests.unit.cutover.canary.canaries import (
    LAST,
    PROBE,
    Documents,
    changed,
    document,
    lines,
    phase,
    seen,
    there_and_back,
)


def report(recording: Documents) -> CanaryReport:
    return judge_canary(lines(*recording))


def until(name: str) -> Documents:
    """The recording up to a phase that it has not begun."""
    recording = there_and_back()
    return recording[: recording.index(next(one for one in recording if one.get("name") == name))]


def in_phase(name: str, change: Any) -> Documents:
    """The recording with other lines in one phase."""
    found: Documents = []
    current = ""
    for line in there_and_back():
        current = line["name"] if line["event"] == "phase" else current
        kept = change(line) if current == name and line["event"] != "phase" else line
        found += [] if kept is None else [kept]
    return found


def test_a_canary_that_goes_there_and_back_passes() -> None:
    found = report(there_and_back())
    assert found.passed, found.problems
    assert found.told == (
        "there in 10 s, back in 8.0 s; records: 0 lost, 0 doubled, 0 skipped by the group, 0 read again; the "
        "fence refused a record; every ACL is as before"
    )
    assert (found.fence, found.untouched) == ("refused", True)
    assert [one.where for one in found.places] == [
        "on the target",
        "at the source",
        "on the target, at the end",
    ]
    assert [one.step for one in found.steps] == ["fence", "prove"]


def test_a_record_that_the_target_lacks_is_lost() -> None:
    def without(line: dict[str, Any]) -> dict[str, Any] | None:
        return None if line.get("record") == "20" else line

    assert report(in_phase("on-target", without)).problems == ("on the target: not there: 1 record",)
    assert report(in_phase("count", without)).problems == ("on the target, at the end: not there: 1 record",)


def test_a_record_that_is_there_twice_fails() -> None:
    found = report([*there_and_back(), *seen("stored", [LAST])])
    assert found.problems == ("on the target, at the end: more than once there: 1 record",)


def test_records_in_another_order_fail() -> None:
    def swapped(line: dict[str, Any]) -> dict[str, Any]:
        other = {"3": "4", "4": "3"}.get(str(line.get("record")))
        return {**line, "record": other} if other and line["event"] == "stored" else line

    assert report(in_phase("count", swapped)).problems == (
        "on the target, at the end: the records are not in their order",
    )


@pytest.mark.parametrize(
    ("behind", "told"),
    [
        (READ + 2, "on the target: the group would never be given 2 records"),
        (READ - 1, "on the target: the group would be given 1 record a second time"),
        (0, f"on the target: the group would be given {READ} records a second time"),
    ],
)
def test_a_group_that_continues_elsewhere_on_the_target_fails(behind: int, told: str) -> None:
    def moved(line: dict[str, Any]) -> dict[str, Any]:
        return (
            document("continues", offset=behind, behind=behind) if line.get("name") == "continues" else line
        )

    assert report(changed(there_and_back(), moved)).problems == (told,)


def test_a_group_that_reads_something_again_at_the_source_fails() -> None:
    again = in_phase("goes-on", lambda line: line)
    place = next(i for i, one in enumerate(again) if one.get("name") == "count")
    for record in (READ, "e-canary/r0/3"):  # of this run, and of an earlier one
        found = report([*again[:place], *seen("read", [record], group="e-canary"), *again[place:]])
        assert "at the source: the group would be given 1 record a second time" in found.problems


def test_a_group_that_skips_something_at_the_source_fails() -> None:
    def without(line: dict[str, Any]) -> dict[str, Any] | None:
        return None if line["event"] == "read" and line["record"] == str(READ + 1) else line

    assert report(in_phase("goes-on", without)).problems == (
        "at the source: the group would never be given 1 record",
    )


def test_a_record_behind_the_fence_fails_unless_its_writer_was_accepted() -> None:
    assert report(there_and_back("accepted")).problems == (
        "east accepted a record behind the fence, although nobody was accepted as unfenced",
    )
    allowed = report(there_and_back("accepted", unfenced=True))
    assert allowed.passed, allowed.problems
    assert allowed.fence == "accepted"
    manual = report(there_and_back("accepted", fence="manual"))
    assert manual.passed, manual.problems
    assert manual.fence == "none"


def test_no_answer_behind_the_fence_fails() -> None:
    assert report(there_and_back("unknown")).problems == (
        "behind the fence: the source gave no answer about a record (Broker: Topic authorization failed)",
    )


def test_a_source_that_still_refuses_after_the_rollback_fails() -> None:
    back = [*until("goes-on"), phase("goes-on", 30), *seen("refused", [PROBE + 1], error="not authorized")]
    assert report(back).problems == (
        f"east did not take record {PROBE + 1} after it: not authorized",
        "phase count was not reached",
    )


def test_acls_that_differ_afterwards_fail_and_are_named() -> None:
    def touched(line: dict[str, Any]) -> dict[str, Any]:
        return document("touched", differences=["added: x"]) if line.get("name") == "touched" else line

    found = report(changed(there_and_back(), touched))
    assert found.problems == ("not as before, if nobody else has changed it meanwhile: added: x",)
    assert found.untouched is False


def test_a_cutover_that_stops_is_told_with_its_reason() -> None:
    stopped = [
        *until("there"),
        phase("there", 10),
        {
            "event": "stopped",
            "at": "1970-01-01T00:00:12+00:00",
            "step": "preflight",
            "text": "1 failing check",
        },
        document("command", name="cutover", code=1),
    ]
    found = report(stopped)
    assert found.problems == (
        "`cutover` ended with exit code 1: 1 failing check",
        "phase on-target was not reached",
    )
    assert (found.fence, found.untouched, found.back) == ("none", None, None)


def test_a_rollback_that_fails_is_told() -> None:
    back = [
        *until("back"),
        phase("back", 22),
        {"event": "undo-failed", "at": "1970-01-01T00:00:25+00:00", "step": "stop-sync", "text": "no answer"},
        document("command", name="cutover rollback", code=1),
    ]
    assert report(back).problems == (
        "`cutover rollback` ended with exit code 1: no answer",
        "phase goes-on was not reached",
    )


def test_a_mirror_that_does_not_come_is_told_and_nothing_else() -> None:
    late = [*until("there"), document("late", text="no copy after 90 s")]
    assert report(late).problems == ("no copy after 90 s", "phase there was not reached")


def test_the_report_is_json_markdown_and_a_page() -> None:
    found = report(there_and_back())
    told = found.to_json()
    assert told["passed"] is True
    assert told["there_seconds"] == 10.0
    assert {one["phase"] for one in told["phases"]} >= {"there", "back"}
    shown = presented_canary(found)
    assert "| on the target | 30 | 0 | 0 | 0 | 0 |" in markdown("canary of mirror e", shown)
    assert "<svg" in page("canary of mirror e", shown, lines(*there_and_back()))


def test_recordings_of_other_drills_are_none() -> None:
    assert is_canary(lines(*there_and_back()))
    assert not is_canary(lines(phase("kill", 1), document("failover", text="")))
