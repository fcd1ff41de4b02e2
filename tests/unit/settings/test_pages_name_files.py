"""The files that CONTRIBUTING.md and docs/architecture.md name exist: a stranger finds them in one guess."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[3]
ROOTS = ("settings", "manifests", "mirror", "components", "provider", "policy", "lab", "tests", "docs")
PATH = re.compile(rf"(?<![\w./-])(?:{'|'.join(ROOTS)})/[\w./*]*\w(?:/|\.\w+)?")
TEMPLATES = re.compile(r"NAME|ROOM|SECTION")
"""What a reader replaces: `mirror/verify/checks/NAME.py`."""


def named(text: str) -> list[str]:
    """The paths that a page names."""
    return [path for path in PATH.findall(text) if not TEMPLATES.search(path)]


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_every_file_that_is_named_exists(page: str) -> None:
    paths = named((CHECKOUT / page).read_text())
    assert len(paths) > 20
    assert [path for path in paths if not list(CHECKOUT.glob(path))] == []


def test_a_path_with_a_placeholder_names_no_file() -> None:
    assert named("`mirror/commands/NAME.py`, `mirror/cli.py`") == ["mirror/cli.py"]
