"""Names from a cluster reach terminals, pull requests, spreadsheets and shells as text."""

from __future__ import annotations

import csv
import io
import json
import shlex
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.live import Live
from rich.table import Table
from rich.text import Text

from components.own_resource import DeploymentStoppedError
from mirror.clients.records import Bounds, TopicPartition
from mirror.offsets import table
from mirror.offsets.proposal import Proposal
from mirror.problems import Finding
from mirror.text.foreign import csv_cell, csv_text, json_text, printable, printable_lines
from mirror.text.markdown import code, prose
from mirror.text.page import Printable, console
from mirror.verify import render as verify_render
from mirror.verify.report import CheckResult, Report
from mirror.verify.values.group_partition import GroupPartition
from mirror.verify.values.reset_commands import set_to
from tests.unit.status.made_up import HOSTILE

TERMINAL = "billing\x1b]0;owned\x07\x1b[2J\r\x9b31m\u202e"
"""Sets a terminal's title, clears it, returns to the line's start, colors it (C1), reverses its direction."""
MARKUP = "a|`<img src=x>`[click](http://e.example)**b**@team ![x](http://e.example/p.png) <b>~~x~~"


def plain(text: str) -> bool:
    return not [char for char in text if char != "\n" and not char.isprintable()]


def test_a_terminal_gets_no_control_character() -> None:
    assert plain(printable(TERMINAL))
    assert "\n" not in printable("a\nb")
    assert printable_lines("a\nb\x1b") == "a\nb\N{REPLACEMENT CHARACTER}"


@given(st.text())
def test_what_is_printable_stays_as_it_is(text: str) -> None:
    found = printable(text)
    assert len(found) == len(text)
    assert all(a == b or not a.isprintable() for a, b in zip(text, found, strict=True))
    assert plain(found)


def test_a_console_prints_none_whatever_is_printed() -> None:
    out = io.StringIO()
    made = console(file=out, width=200)
    rows = Table()
    rows.add_column(TERMINAL)
    rows.add_row(TERMINAL)
    for one in (TERMINAL, Text(TERMINAL, "bold"), rows, Text.assemble((TERMINAL, "red"), "[bold]x[/bold]")):
        made.print(one)
    shown = out.getvalue()
    assert plain(shown)
    assert "[bold]x[/bold]" in shown


def test_a_live_screen_prints_none_but_its_own() -> None:
    out = io.StringIO()
    made = console(file=out, width=80)
    made._force_terminal = True
    with Live(Printable(Text(TERMINAL)), console=made, auto_refresh=False) as live:
        live.refresh()
    assert "\x1b]0;" not in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()
    assert "\x1b[?25h" in out.getvalue()


@given(st.text())
def test_json_stays_the_same_value(text: str) -> None:
    found = json_text({text: [text]}, indent=2)
    assert json.loads(found) == {text: [text]}
    assert plain(found)


def test_pulumi_gets_none() -> None:
    assert plain(str(DeploymentStoppedError(f"not proven:\n  group {TERMINAL}")))


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def rendered(markdown: str) -> _Seen:
    """What GitHub makes of it: CommonMark with tables, raw HTML and strikethrough."""
    seen = _Seen()
    seen.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown))
    return seen


@pytest.mark.parametrize(
    "text", [MARKUP, HOSTILE, TERMINAL, "# a", "> a", "__a__ _b_", "a\n\n# b", "``", "`", "\\"]
)
def test_markdown_shows_the_text_and_no_more(text: str) -> None:
    shown = printable(text.replace("\n\n", " ").replace("\r", " "))
    for made, wanted in ((prose(text), shown.replace("`", "")), (code(text), shown)):
        seen = rendered(f"| a | b |\n| --- | --- |\n| x {made} | end |\n")
        assert not set(seen.tags) - {"table", "thead", "tbody", "tr", "th", "td", "code"}
        assert seen.text.replace("\n", "").replace("`", "") == f"abx {wanted.replace('`', '')}end"


@given(st.text(min_size=1, max_size=30))
def test_no_name_ends_its_cell_or_its_code(text: str) -> None:
    for made in (prose(text), code(text)):
        seen = rendered(f"| a | b |\n| --- | --- |\n| x {made} | end |\n")
        assert seen.tags.count("td") == 2
        assert not set(seen.tags) - {"table", "thead", "tbody", "tr", "th", "td", "code"}
        assert seen.text.rstrip().endswith("end")


def test_own_commands_remain_code_in_markdown() -> None:
    assert prose("`pulumi up` declares it; max_lag_seconds of <orders>") == (
        "`pulumi up` declares it; max_lag_seconds of &lt;orders>"
    )


def test_nobody_is_notified() -> None:
    assert prose("group @team/security is active") == "group `@team/security` is active"


def test_a_report_with_hostile_names() -> None:
    names = (TERMINAL, MARKUP, HOSTILE)
    findings = [Finding(f"group {name}", f"{name} is unsafe", f"stop {name}") for name in names]
    facts = {"rereads": {name: {"records": 1, "exact": True, "partitions": 1, "wrong": 1} for name in names}}
    report = Report(
        "m", "e", "w", datetime(2026, 11, 23, tzinfo=UTC), 1.0,
        (CheckResult.of("groups-translated", f"group {MARKUP} is unsafe", findings, facts),),
    )  # fmt: skip
    out = io.StringIO()
    verify_render.render(report, console(file=out, width=300))
    assert plain(out.getvalue())
    text = verify_render.markdown(report)
    assert plain(text)
    seen = rendered(text)
    assert not set(seen.tags) - {"h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "strong"}
    assert seen.tags.count("strong") == 1, "our own `not proven` alone"


@pytest.mark.parametrize("first", list("=+-@\t\r"))
def test_a_spreadsheet_computes_nothing(first: str) -> None:
    assert csv_cell(f"{first}1+1") == f"'{first}1+1"


@given(st.text(st.sampled_from("'=+-@a\t\r")))
def test_cells_are_read_back_as_they_were(text: str) -> None:
    assert csv_text(csv_cell(text)) == text


def test_a_file_from_earlier_or_by_hand_is_read_as_it_was_meant() -> None:
    assert csv_text("=1+1") == "=1+1"
    assert csv_text("'quoted") == "'quoted"


def test_the_file_of_offsets_contains_no_formula() -> None:
    group = '=HYPERLINK("http://e.example";"billing")'
    one = TopicPartition("-orders", 0)
    text = table.write([Proposal(group, one, 5, one, 7, "exact", 0, True, None, "+note")])
    (row,) = csv.DictReader(io.StringIO(text))
    assert [value for value in row.values() if value.startswith(tuple("=+-@"))] == []
    (read,) = table.read(text).rows
    assert (read.group, read.source, read.target) == (group, one, one)


def test_a_remedy_names_the_group_as_one_word_of_the_shell() -> None:
    group, one = "x; rm -rf ~ $(id)", TopicPartition("orders", 0)
    logs = Bounds(0, 10), Bounds(0, 10)
    command = set_to(GroupPartition(group, one, one, 5, 9, 9, *logs), 7).split(", then ")[1]
    words = shlex.split(command)
    assert words[words.index("--group") + 1] == group


@pytest.mark.parametrize(
    "name",
    [
        "https://e.example/x",
        "www.e.example",
        "#12",
        "team/repo#12",
        "GH-12",
        "!12",
        "$12",
        "%12",
        "&12",
        "~bug",
    ],
)
def test_nothing_becomes_a_link_or_a_reference(name: str) -> None:
    assert prose(f"group {name} is active") == f"group `{name}` is active"
