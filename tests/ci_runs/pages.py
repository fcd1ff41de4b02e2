"""What a run is expected to have done, and the pages of docs/ci/ that keep what it wrote."""

from __future__ import annotations

import os
import re

from tests.ci_runs.repository import CHECKOUT

PAGES = CHECKOUT / "docs" / "ci"


class NotAsExpected(Exception):
    """A run did something else than its scenario says. The message has what was seen."""


def expect(holds: bool, shown: object) -> None:
    """Raise with what was seen."""
    if not holds:
        raise NotAsExpected(str(shown))


def page(name: str, text: str, *, lab: str = "") -> None:
    """Keep what a run wrote, without the paths of this machine."""
    PAGES.mkdir(exist_ok=True)
    clean = text.replace(lab, ".lab") if lab else text
    clean = re.sub(r"/\S*/hostexecutor", ".", clean)
    clean = clean.replace(os.path.expanduser("~"), "~")
    (PAGES / f"{name}.md").write_text(clean.rstrip("\n") + "\n")
