"""A check that could not be evaluated raises no alert of a fault that was seen, and is told all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program.promtool import evaluate
from tests.program.test_alerts_fire import DOWN, HEALTHY, STOPPED, Expected, fails, one, passed

UNKNOWN = {**STOPPED, **one("check_judged", "0", check="connectors-running")}
SEEN = {**STOPPED, **one("check_judged", "1", check="connectors-running")}
OTHER = passed("connectors-running", "0", instance="b") | one(
    "check_judged", "0", check="connectors-running", instance="b"
)
CASES: dict[str, tuple[dict[str, str], Expected]] = {
    "it could not be evaluated": (
        HEALTHY | UNKNOWN,
        {"14m": [], "16m": [fails("connectors-running")], "60m": [fails("connectors-running")]},
    ),
    "it fails": (HEALTHY | SEEN, {"6m": [DOWN], "60m": [DOWN]}),
    "an older exporter does not say": (HEALTHY | STOPPED, {"6m": [DOWN], "60m": [DOWN]}),
    "one exporter sees it fail, and another one cannot evaluate it": (
        HEALTHY | SEEN | OTHER,
        {"6m": [DOWN], "16m": [DOWN, fails("connectors-running")]},
    ),
    "one exporter sees it pass, and another one cannot evaluate it": (
        HEALTHY | OTHER,
        {"6m": [], "16m": [fails("connectors-running")]},
    ),
    "another check could not be evaluated": (
        HEALTHY | passed("tail-matches", "0") | one("check_judged", "0", check="tail-matches"),
        {"14m": [], "16m": [fails("tail-matches")]},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_exactly_what_should_fire_fires(case: str, tmp_path: Path) -> None:
    series, expected = CASES[case]
    evaluate(tmp_path, series, expected)
