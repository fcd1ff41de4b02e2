"""docs/estates.md: each case has what region-mirror does, and a test that exists or the word `none`."""

from __future__ import annotations

import re
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]
PAGE = CHECKOUT / "docs" / "estates.md"


def test_every_case_has_a_test_that_exists() -> None:
    rows = [line for line in PAGE.read_text().split("\n## ")[0].splitlines() if line.startswith("| ")][2:]
    assert len(rows) >= 22
    for row in rows:
        case, does, test = re.split(r"(?<!\\) \| ", row.strip("| "))
        assert case
        assert does
        named = re.findall(r"\]\(\.\./(tests/[^)]+\.py)\)", test)
        assert named or test == "none", case
        for one in named:
            assert (CHECKOUT / one).is_file(), f"{case}: {one} does not exist"


def test_readers_find_the_page() -> None:
    assert "estates.md" in (CHECKOUT / "README.md").read_text()
