"""Markdown says of a number whether it is exact, as the terminal does."""

from __future__ import annotations

from mirror.status.markdown import markdown
from mirror.status.picture import draw, to_json
from mirror.status.rates import Rates
from tests.unit.status.made_up import group, offset, partition, snapshot


def test_upper_bounds_and_estimates_are_marked() -> None:
    seen = snapshot(
        partition("busy", position=10, age=5, exact=False),
        partition("quiet"),
        groups=[
            group("billing", offset(50, 60, resumes_at=40)),
            group("audit", offset(50, 40)),
            group("exact", offset(100, 100)),
            group("none", offset(50, None)),
        ],
    )
    rows = [line for line in markdown(to_json(draw(seen, Rates()))).splitlines() if line.startswith("| `")]
    assert {
        row.split(" | ")[0].strip("| `"): row.split(" | ")[2 if "busy" in row or "quiet" in row else 3]
        for row in rows
    } == {
        "busy": "<= 89",
        "quiet": "0",
        "billing": "<= 10",
        "audit": "~ 10",
        "exact": "0",
        "none": "?",
    }
