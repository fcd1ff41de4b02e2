"""The page, as a real browser shows it: whole, sortable, and deaf to what names try."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirror.problems import CouldNotRun
from mirror.status.history import History
from mirror.status.page import page, write_page
from mirror.status.picture import draw, failure
from mirror.status.rates import Rates
from mirror.status.snapshot import Snapshot
from tests.unit.status.browser import MISSING, REQUIRED, Browser, browser, found
from tests.unit.status.made_up import HOSTILE, group, many, moved, offset, partition, snapshot


@pytest.fixture(scope="module")
def shown() -> Iterator[Browser]:
    program = found()
    if program is None:
        if REQUIRED:
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with browser(program) as opened:
        yield opened


def written(
    folder: Path, seen: Snapshot, looks: int = 3, fails: bool = False, every: float | None = None
) -> Path:
    """A page after some looks; the last one may have failed."""
    rates, history, last, picture = Rates(), History(), None, None
    for _ in range(looks):
        picture = last = draw(seen, rates)
        history.add(picture)
        seen = moved(seen, 5, produced=20, mirrored=5)
    if fails:
        picture = failure("east-to-west", "east", "west", seen.at, "not reachable: no answer in time")
        history.add(picture)
    assert picture is not None
    path = folder / "status.html"
    write_page(path, [(picture, last, history)], every)
    return path


THREE = snapshot(
    partition("orders", position=0, end=4000, age=100),
    partition("payments", position=80, age=300),
    partition("customers", position=98, age=1),
    groups=[group("billing", offset(60, 50)), group("audit", offset(60, None))],
)


def cells(shown: Browser, key: str, column: int = 0) -> list[str]:
    rows: list[str] = shown.run(
        f"[...document.querySelectorAll('#{key} tbody tr')].map((row) => row.cells[{column}].textContent)"
    )
    return rows


def click(shown: Browser, selector: str) -> None:
    shown.run(f"document.querySelector({selector!r}).click()")


def test_it_says_at_once_what_is_wrong(shown: Browser, tmp_path: Path) -> None:
    shown.open(written(tmp_path, THREE))
    assert shown.run("document.querySelector('.verdict strong').textContent") == "BEHIND"
    assert "since 2027-01-15 07:55:00 UTC" in shown.run("document.querySelector('.verdict').textContent")
    assert shown.run("document.title") == "BEHIND east-to-west"
    assert cells(shown, "partitions-0")[0] == "payments-0"
    assert shown.run("document.querySelectorAll('.charts svg path').length") >= 6
    assert shown.said == []


def test_it_loads_nothing_but_itself(shown: Browser, tmp_path: Path) -> None:
    path = written(tmp_path, THREE)
    shown.open(path)
    assert [url for url in shown.requested if not url.startswith("data:")] == [path.resolve().as_uri()]


def test_tables_are_sorted_by_any_column(shown: Browser, tmp_path: Path) -> None:
    shown.open(written(tmp_path, THREE))
    button = "#partitions-0 th:nth-child(3) button"
    assert shown.run(f"document.querySelector({button!r}).textContent") == "records behind"
    click(shown, button)
    assert cells(shown, "partitions-0") == ["orders-0", "payments-0", "customers-0"]
    click(shown, button)
    assert cells(shown, "partitions-0") == ["customers-0", "payments-0", "orders-0"]
    click(shown, button)
    assert cells(shown, "partitions-0")[0] == "payments-0"
    click(shown, "#topics-0 th:nth-child(1) button")
    assert cells(shown, "topics-0") == ["customers", "orders", "payments"]


def test_a_filter_finds_one_of_many(shown: Browser, tmp_path: Path) -> None:
    shown.open(written(tmp_path, many(250, 4, 1000)))
    assert len(cells(shown, "partitions-0")) == 50
    click(shown, "#partitions-0 .more-rows")
    assert len(cells(shown, "partitions-0")) == 1000
    shown.run(
        "(() => { const one = document.querySelector('#partitions-0 input');"
        " one.value = 'topic-0123-2'; one.dispatchEvent(new Event('input')); })()"
    )
    assert cells(shown, "partitions-0") == ["topic-0123-2"]
    assert shown.said == []


def test_hostile_names_are_text(shown: Browser, tmp_path: Path) -> None:
    seen = snapshot(
        partition(HOSTILE, position=50, age=900),
        groups=[group(HOSTILE, offset(60, None, topic=HOSTILE))],
        faults=[(HOSTILE, HOSTILE)],
        problems=[HOSTILE],
    )
    path = written(tmp_path, seen, looks=2)
    shown.open(path)
    assert "owned" not in shown.run("document.title")
    assert shown.run("document.querySelectorAll('img').length") == 0
    assert shown.run("document.querySelectorAll('script').length") == 2
    assert cells(shown, "groups-0") == [HOSTILE]
    assert cells(shown, "topics-0") == [HOSTILE]
    assert len(shown.requested) <= 2
    assert shown.said == []


def test_no_script_but_its_own_could_run(shown: Browser, tmp_path: Path) -> None:
    """Even if a name found its way into the markup."""
    path = written(tmp_path, THREE)
    path.write_text(path.read_text().replace("</body>", "<script>document.title = 'owned'</script></body>"))
    shown.open(path)
    assert shown.run("document.title") != "owned"
    assert any("Content Security Policy" in said for said in shown.said)


@pytest.mark.parametrize("width", [360, 800, 1600])
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_narrow_and_wide_light_and_dark(
    shown: Browser, tmp_path: Path, width: int, dark: bool
) -> None:
    shown.open(written(tmp_path, THREE), width=width, dark=dark)
    # Tables scroll in themselves; the page does not.
    assert shown.run("document.documentElement.scrollWidth") <= width
    background = shown.run("getComputedStyle(document.body).backgroundColor")
    light = sum(int(part) for part in background.strip("rgb()").split(",")) > 3 * 128
    assert light != dark
    shown.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


def test_a_look_that_failed_shows_why_and_what_was_last_seen(shown: Browser, tmp_path: Path) -> None:
    shown.open(written(tmp_path, THREE, fails=True))
    text: str = shown.run("document.body.innerText")
    assert "UNKNOWN" in text
    assert "no answer in time" in text
    assert "Below: the last successful look, at" in text
    assert "connectors\nunknown" in text
    assert cells(shown, "topics-0")[0] == "payments"


def test_an_old_page_says_so(shown: Browser, tmp_path: Path) -> None:
    """Somebody whose watch has ended must not take its last page for the present."""
    old = snapshot(partition(position=98, age=1), at=1_700_000_000.0)
    shown.open(written(tmp_path, old))
    assert shown.run("document.querySelector('.age').textContent").startswith("STALE")
    assert shown.run("document.querySelector('.verdict strong').textContent") == "FLOWING"


def test_what_was_sorted_stays_so_when_it_reloads(shown: Browser, tmp_path: Path) -> None:
    path = written(tmp_path, THREE, every=900)
    shown.open(path)
    click(shown, "#topics-0 th:nth-child(1) button")
    shown.open(path)
    assert cells(shown, "topics-0") == ["customers", "orders", "payments"]


def test_the_headline_needs_no_script(tmp_path: Path) -> None:
    text = written(tmp_path, THREE).read_text()
    assert "<strong>BEHIND</strong>" in text.split("<script")[0]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_a_page_can_be_read_by_whom_the_umask_allows(tmp_path: Path, umask: int, mode: int) -> None:
    former = os.umask(umask)
    try:
        path = written(tmp_path, THREE)
    finally:
        os.umask(former)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_page_is_replaced_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, THREE)
    before = path.read_text()

    def fails(*_: Any) -> str:
        raise OSError("disk full")

    assert [one.name for one in tmp_path.iterdir()] == ["status.html"]
    monkeypatch.setattr("mirror.status.page.page", lambda *_: "x" * 10)
    monkeypatch.setattr("pathlib.Path.replace", fails)
    with pytest.raises(CouldNotRun, match="disk full"):
        write_page(path, [])
    assert path.read_text() == before
    assert [one.name for one in tmp_path.iterdir()] == ["status.html"]


def test_data_cannot_end_its_element() -> None:
    text = page([(draw(snapshot(partition(HOSTILE, position=1, age=9)), Rates()), None, History())])
    assert text.count("</script>") == 2
    assert "<img" not in text
