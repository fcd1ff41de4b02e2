"""What a run is expected to have done, and the pages of docs/ci/ that keep what it wrote."""

from __future__ import annotations

import os
import re

from tests.ci_runs.repository import CHECKOUT

PAGES = CHECKOUT / "docs" / "ci"
_SHOWN_LINES = 200
"""Of the beginning and of the end of a code block."""


class NotAsExpected(Exception):
    """A run did something else than its scenario says. The message has what was seen."""


def expect(holds: bool, shown: object) -> None:
    """Raise with what was seen."""
    if not holds:
        raise NotAsExpected(str(shown))


def page(name: str, text: str, *, lab: str = "") -> None:
    """Keep what a run wrote, without the paths of this machine and the middle of long outputs."""
    PAGES.mkdir(exist_ok=True)
    clean = text.replace(lab, ".lab") if lab else text
    clean = re.sub(r"/\S*/hostexecutor", ".", clean)
    clean = clean.replace(os.path.expanduser("~"), "~")
    (PAGES / f"{name}.md").write_text(shortened(clean).rstrip("\n") + "\n")


def shortened(text: str) -> str:
    """Leave out the middle of long code blocks, and say how much: only the page does, not the run."""
    kept: list[str] = []
    block: list[str] | None = None
    for line in text.split("\n"):
        if line.startswith("```"):
            if block is not None:
                kept += _ends(block)
            kept.append(line)
            block = [] if block is None else None
        elif block is None:
            kept.append(line)
        else:
            block.append(line)
    return "\n".join([*kept, *(block or [])])


def _ends(block: list[str]) -> list[str]:
    if len(block) <= 2 * _SHOWN_LINES:
        return block
    left_out = f"[{len(block) - 2 * _SHOWN_LINES:,} lines are left out in this page]"
    return [*block[:_SHOWN_LINES], "", left_out, "", *block[-_SHOWN_LINES:]]
