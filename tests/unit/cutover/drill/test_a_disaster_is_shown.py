"""The report of the drill of the disaster: page, terminal and Markdown show the same."""

from __future__ import annotations

from rich.console import Console

from mirror.cutover.drill.disaster.judge import judge_disaster
from mirror.cutover.drill.disaster.presented import presented_disaster
from mirror.cutover.drill.markdown import markdown
from mirror.cutover.drill.page import page
from mirror.cutover.drill.picture import timeline
from mirror.cutover.drill.screen import render
from tests.unit.cutover.drill.disasters import home
from tests.unit.cutover.drill.recordings import lines


def test_the_picture_shows_phases_and_what_never_crossed() -> None:
    recorded = lines(*home())
    shown = timeline(presented_disaster(judge_disaster(recorded), recorded), recorded, 200)
    assert shown is not None
    assert [lane.name for lane in shown.lanes][-2:] == ["orders written", "readers read"]
    assert shown.lanes[0].name == "at-source"
    assert {bar.colour for bar in shown.lanes[-2].bars} == {"source", "target", "refused"}
    assert shown.window is not None
    assert shown.window.label == "no writes: 8.0 s"


def test_every_form_has_the_recovery_times_and_the_counts() -> None:
    recorded = lines(*home())
    shown = presented_disaster(judge_disaster(recorded), recorded)
    html, text = page("<drill>", shown, recorded), markdown("drill", shown)
    console = Console(width=200, record=True, file=None)
    with console.capture() as printed:
        render("drill", shown, recorded, console)
    for found in (html, text, printed.get()):
        assert "RPO 1 records (1.0 s), RTO 7.0 s to the first read" in found
        assert "first read" in found
        assert "2.00" in found
    assert "&lt;drill&gt;" in html
    assert "| first read | 7.0 s | 6.0 s | 5.0 s | 3.0 s | 1.67 |" in text
