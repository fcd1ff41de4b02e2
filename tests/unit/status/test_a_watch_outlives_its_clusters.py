"""A watch goes on when a cluster goes away, ends cleanly, and prints one text or line a look."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from mirror.problems import CouldNotConnect, CouldNotRun
from mirror.status import watched as status_watched
from mirror.status.filters import Filters
from mirror.status.snapshot import Snapshot
from mirror.status.watch import Output, run_watch
from mirror.status.watched import Watched
from mirror.verify.reading.look import Session
from tests.unit.status.made_up import NOW, group, moved, offset, partition, snapshot
from tests.unit.support.made_up import settings

GONE = CouldNotConnect("connecting to Kafka cluster west", "not reachable: refused", "check the brokers")
SEEN = snapshot(
    partition("orders", position=98, age=1),
    partition("payments", position=50, age=3),
    groups=[group("billing", offset(60, 60)), group("audit", offset(60, 60, topic="payments"))],
)


class Clusters:
    """Looks of two clusters, one after the other; an exception is raised instead of a look."""

    def __init__(self, *looks: Snapshot | BaseException) -> None:
        self._looks: Iterator[Snapshot | BaseException] = iter(looks)
        self.opened = 0

    def open(self) -> Clusters:
        self.opened += 1
        return self

    def glance(self) -> Snapshot:
        return self.look()

    def look(self) -> Snapshot:
        one = next(self._looks)
        if isinstance(one, BaseException):
            raise one
        return one


def later(seconds: float) -> Snapshot:
    return replace(moved(SEEN, seconds, produced=10, mirrored=10), at=NOW + seconds)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Watched]:
    monkeypatch.setattr("mirror.status.watch.RATE_SECONDS", 0)

    def of(clusters: Clusters) -> Watched:
        made = Watched(settings(), tmp_path)
        made.open = clusters.open  # type: ignore[method-assign]
        return made

    return of


def test_it_says_why_and_goes_on(watched: Callable[..., Watched], capsys: pytest.CaptureFixture[str]) -> None:
    clusters = Clusters(SEEN, GONE, later(10), KeyboardInterrupt())
    one = watched(clusters)
    assert run_watch([one], Output(as_json=True), 0.01)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["verdict"] for line in lines] == ["flowing", "unknown", "flowing"]
    assert "not reachable: refused" in lines[1]["says"]
    assert [event.word for event in one.history.events] == ["flowing", "unknown", "flowing"]
    # Rates outlive the gap.
    assert lines[2]["rates_over_seconds"] == 10


def test_ctrl_c_in_the_middle_of_a_look_is_a_clean_end(watched: Callable[..., Watched]) -> None:
    assert not run_watch([watched(Clusters(KeyboardInterrupt()))], Output(), 5)


def test_a_page_that_cannot_be_written_any_more_does_not_end_the_watch(
    watched: Callable[..., Watched], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A full disk would have ended the keeping of the last look, too."""
    page, folder = tmp_path / "pages" / "status.html", tmp_path / "pages"
    with pytest.raises(CouldNotRun, match="writing"):
        run_watch([watched(Clusters(SEEN))], Output(as_json=True, html=page), 0.01)
    folder.mkdir()

    class Full(Clusters):
        def look(self) -> Snapshot:
            if page.exists():
                page.rename(tmp_path / "kept")
                folder.rmdir()
            return super().look()

    assert run_watch([watched(Full(SEEN, SEEN, KeyboardInterrupt()))], Output(as_json=True, html=page), 0.01)
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 3
    assert "status.html is the page of an earlier look: writing" in told.err


def test_without_a_terminal_one_text_a_look(
    watched: Callable[..., Watched], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "status.html"
    run_watch([watched(Clusters(SEEN, GONE, KeyboardInterrupt()))], Output(html=page), 0.01)
    out = capsys.readouterr().out
    assert out.count("east-to-west: east -> west") == 2
    assert "below: the last successful look, at" in out
    assert "\x1b" not in out
    assert "UNKNOWN" in page.read_text()


def test_a_single_look_has_rates(watched: Callable[..., Watched], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_watch([watched(Clusters(SEEN, later(3)))], Output(as_json=True), None)
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert line["total"]["mirrored_per_second"] == pytest.approx(20 / 3, abs=0.01)


def test_a_single_look_that_cannot_be_taken_is_an_error(watched: Callable[..., Watched]) -> None:
    with pytest.raises(CouldNotRun, match="not reachable"):
        run_watch([watched(Clusters(GONE))], Output(), None)


def test_a_mirror_that_cannot_be_read_hides_no_other_in_a_single_look(
    watched: Callable[..., Watched], capsys: pytest.CaptureFixture[str]
) -> None:
    mirrors = [watched(Clusters(GONE, GONE)), watched(Clusters(SEEN, later(3)))]
    with pytest.raises(CouldNotRun, match="reading every mirror: east-to-west could not be read"):
        run_watch(mirrors, Output(as_json=True), None)
    gone, seen = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (gone["verdict"], "not reachable" in gone["says"]) == ("unknown", True)
    assert seen["verdict"] != "unknown"


def test_several_mirrors_are_lines_of_their_own(
    watched: Callable[..., Watched], capsys: pytest.CaptureFixture[str]
) -> None:
    mirrors = [watched(Clusters(SEEN, KeyboardInterrupt())), watched(Clusters(GONE))]
    assert not run_watch(mirrors, Output(as_json=True), 0.01)
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_filters(watched: Callable[..., Watched], capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=True, filters=Filters.of(["pay.*"], []))
    run_watch([watched(Clusters(SEEN, later(3)))], output, None)
    line = json.loads(capsys.readouterr().out)
    assert [one["topic"] for one in line["partitions"]] == ["payments"]
    assert [one["group"] for one in line["groups"]] == ["audit"]
    assert [one.group for one in Filters.of([], ["bill.*"]).apply(SEEN).groups] == ["billing"]
    with pytest.raises(CouldNotRun, match=r"--topic '\['"):
        Filters.of(["["], [])


def test_on_a_terminal_it_refreshes_in_place_and_leaves_the_last_look(
    watched: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: True)

    def terminal(**_: object) -> Console:
        return Console(file=out, force_terminal=True, width=100, height=30, _environ={"TERM": "xterm"})

    monkeypatch.setattr("mirror.status.watch.make_console", terminal)
    assert run_watch([watched(Clusters(SEEN, GONE, later(10), KeyboardInterrupt()))], Output(), 0.01)
    shown = out.getvalue()
    entered, left = "\x1b[?1049h", "\x1b[?1049l"
    assert shown.count(entered) == shown.count(left) == 1
    before, after = shown.split(left)
    assert "not reachable: refused" in before
    assert "FLOWING" in after
    assert len(after.splitlines()) <= 30
    assert "\x1b[?25h" in shown  # the cursor is back


def test_a_page_that_cannot_be_written_is_no_error_of_ours(
    watched: Callable[..., Watched], tmp_path: Path
) -> None:
    page = tmp_path / "no-such-folder" / "status.html"
    with pytest.raises(CouldNotRun, match="No such file or directory") as error:
        run_watch([watched(Clusters(SEEN, KeyboardInterrupt()))], Output(html=page), 0.01)
    assert "--html" in error.value.way_out


def test_what_looks_have_seen_outlives_the_connections(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Markers that the source has deleted meanwhile counted as records that may be lost."""
    sessions: list[Session] = []
    monkeypatch.setattr(status_watched, "SnapshotReader", lambda *given: sessions.append(given[3]))
    one = Watched(settings(), tmp_path)
    one.open()
    one.close()
    one.open()
    assert sessions[0] is not sessions[1]
    assert sessions[0].memory is sessions[1].memory
