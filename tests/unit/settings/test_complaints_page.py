"""docs/complaints.md: all complaints, each held by a test that exists."""

from __future__ import annotations

import re
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]
PAGE = CHECKOUT / "docs" / "complaints.md"
ROW = re.compile(r"^\| (\d+) \|(.*)\|$", re.MULTILINE)


def test_every_complaint_has_its_row_and_a_test_that_exists() -> None:
    rows = dict(ROW.findall(PAGE.read_text()))
    assert list(rows) == [str(number) for number in range(1, 24)]
    for number, row in rows.items():
        named = re.findall(r"\]\(\.\./(tests/[^)]+\.py)\)", row)
        assert named, f"complaint {number} names no test"
        for test in named:
            assert (CHECKOUT / test).is_file(), f"complaint {number}: {test} does not exist"
            assert "def test_" in (CHECKOUT / test).read_text()


def test_readers_find_the_page() -> None:
    assert "complaints.md" in (CHECKOUT / "docs" / "verification.md").read_text()
