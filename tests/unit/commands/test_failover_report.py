"""The incident's document: complete as a file, short on a terminal, the same facts in each form."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest

from mirror.clients.records import TopicPartition
from mirror.commands.answers import Form
from mirror.commands.failover_report import html, markdown, render, write_report
from mirror.cutover.failover.loss import Mirrored, loss
from mirror.cutover.failover.report import FailoverReport
from mirror.cutover.step import Verdict
from mirror.last_look.record import LastLook, PartitionLook
from mirror.problems import CouldNotRun
from mirror.text.page import console
from tests.unit.support.made_up import NOW, record

MANY = 30


def report(**changes: object) -> FailoverReport:
    partitions = [TopicPartition("orders", number) for number in range(MANY)]
    look = LastLook(
        "m", "east", "west", NOW - 20, "exporter", {one: PartitionLook(100, 90, 9) for one in partitions}
    )
    missing = loss(NOW, {one: Mirrored(one, 90, record(95, "a")) for one in partitions}, look)
    given: dict[str, object] = {
        "mirror": "east-to-west",
        "source": "east",
        "target": "west",
        "at": NOW,
        "seconds": 5.2,
        "rehearsal": True,
        "steps": [
            ("look-at-source", Verdict("done", "it is silent")),
            ("promote", Verdict("todo", "mark it")),
        ],
        "source_seen": {"state": "silent", "text": "no answer in 5.0 s"},
        "missing": missing.to_json(),
        "groups": {
            "billing": {"state": "kept", "partitions": 1, "placed_by": {"kept": 1}, "rereads_at_most": 4},
            "evil<script>|": {"state": "placed", "placed_by": {"end": 2}, "rereads_at_most": 0},
        },
        "events": [{"at": "2026-11-29T03:00:00+00:00", "event": "done", "step": "promote", "text": "marked"}],
    }
    return FailoverReport(**(given | changes))  # type: ignore[arg-type]


def shown(one: FailoverReport) -> str:
    page = StringIO()
    render(one, console(file=page, width=160))
    return page.getvalue()


def test_a_terminal_shows_the_verdict_the_loss_and_the_first_rows() -> None:
    page = shown(report())
    assert "rehearsal of a failover of mirror east-to-west: POSSIBLE NOW: 1 step to do" in page
    assert "saw up to 270 records that the target lacks" in page
    assert "... and 10 more: --report FILE has all of them" in page
    assert "orders-0" in page


def test_a_blocked_step_shows_its_way_out() -> None:
    page = shown(report(steps=[("look-at-source", Verdict("blocked", "it is healthy", "use `cutover`"))]))
    assert "BLOCKED: a step needs a decision" in page
    assert "look-at-source: use `cutover`" in page


@pytest.mark.parametrize(
    ("name", "begins"), [("a.json", "{"), ("a.md", "# Rehearsal"), ("a.html", "<!DOCTYPE")]
)
def test_a_file_has_every_row_in_the_form_of_its_ending(name: str, begins: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write_report(path, report(), Form.TABLE)
    text = path.read_text()
    assert text.startswith(begins)
    for number in range(MANY):
        assert f"orders-{number}" in text or f'"partition": {number},' in text
    assert list(tmp_path.iterdir()) == [path]


def test_without_an_ending_the_option_decides(tmp_path: Path) -> None:
    write_report(tmp_path / "incident", report(), Form.MARKDOWN)
    assert (tmp_path / "incident").read_text().startswith("# Rehearsal")
    write_report(tmp_path / "incident", report(), Form.TABLE)
    assert json.loads((tmp_path / "incident").read_text())["version"] == 1


def test_names_of_others_stay_text() -> None:
    assert "<script>" not in html(report())
    assert "<script>" not in markdown(report())
    assert "evil&lt;script>\\|" in markdown(report())


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(
        CouldNotRun, match=r"writing .*/missing/a\.json: No such file or directory\n.*--report"
    ):
        write_report(tmp_path / "missing" / "a.json", report(), Form.TABLE)


def test_json_has_everything() -> None:
    found = report(rehearsal=False).to_json()
    assert found["verdict"] == "NOT DONE: run the command again"
    assert found["missing"]["missing_at_most_at_last_look"] == 9 * MANY
    assert found["groups"]["billing"]["rereads_at_most"] == 4
    assert [one["step"] for one in found["steps"]] == ["look-at-source", "promote"]


def test_what_has_run_predicts_nothing() -> None:
    """The document of an incident said that all was read in 59.5 s, and that tasks were still to end."""
    over = report(rehearsal=False, seconds=59.5, steps=[("promote", Verdict("done", "marked"))])
    assert "time: the command ran for 59.5 s" in shown(over)
    assert "tasks end" not in markdown(over)
    assert "everything was read in 5.2 s" in shown(report())
