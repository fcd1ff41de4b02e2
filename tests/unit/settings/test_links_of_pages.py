"""Every link of a page leads to a file of the repository, and to a heading of it where it names one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[3]
PAGES = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").glob("*.md"), *(CHECKOUT / "ci").glob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"```.*?```", re.DOTALL)


def slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip())
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def anchors(text: str) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.*)$", FENCED.sub("", text), re.MULTILINE)}


def dead(page: Path, text: str) -> list[str]:
    """The links that lead nowhere."""
    found = []
    for link in LINK.findall(FENCED.sub("", text)):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        path = page.parent / name if name else page
        if not path.exists() or (
            anchor and path.suffix == ".md" and anchor not in anchors(path.read_text(encoding="utf-8"))
        ):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    assert dead(page, page.read_text(encoding="utf-8")) == []


def test_dead_links_are_found() -> None:
    page = CHECKOUT / "docs" / "failover.md"
    text = (
        "[a](cutover.md#it-stopped-what-now) [b](cutover.md#no-such) [c](none.md) [d](https://x.example.com/)"
    )
    assert dead(page, text) == ["cutover.md#no-such", "none.md"]
    assert slug('It is 3 a.m. What do I type? "`x`"') == "it-is-3-am-what-do-i-type-x"
