"""A module has at most 250 lines. A longer one is split by subject, or is listed here with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]
OWN = ("settings", "manifests", "mirror", "components", "provider", "policy", "findings", "lab", "tests")
MOST = 250
LONGER = {
    # Tables: one row a rule, metric or case, which readers compare and search in one place.
    "settings/no_loss/table.py": 300,
    "manifests/monitoring/metrics.py": 280,
    "tests/program/strimzi/cases.py": 280,
}
"""The modules that may be longer, with the number of lines that each may have."""


def modules(root: Path) -> Iterator[tuple[str, int]]:
    """The path of each module, and its number of lines."""
    for path in [*root.glob("*.py"), *(path for top in OWN for path in (root / top).rglob("*.py"))]:
        with path.open(encoding="utf-8") as file:
            yield path.relative_to(root).as_posix(), sum(1 for _ in file)


def too_long(found: dict[str, int], longer: dict[str, int]) -> list[str]:
    """A message for each module that is too long, and for each exception that is not needed."""
    return [
        *(f"{path}: {lines} lines" for path, lines in found.items() if lines > longer.get(path, MOST)),
        *(f"{path}: needs no exception" for path in longer if found.get(path, 0) <= MOST),
    ]


def test_no_module_is_too_long() -> None:
    found = dict(modules(CHECKOUT))
    assert len(found) > 1000
    assert too_long(found, LONGER) == []


def test_a_long_module_and_an_old_exception_are_found() -> None:
    found = {"a.py": 250, "b.py": 251, "table.py": 260, "was_long.py": 250}
    assert too_long(found, {"table.py": 280, "was_long.py": 280, "deleted.py": 280}) == [
        "b.py: 251 lines",
        "was_long.py: needs no exception",
        "deleted.py: needs no exception",
    ]
    assert too_long({"table.py": 281}, {"table.py": 280}) == ["table.py: 281 lines"]
