"""Names in a sentence: all of a few, the first few of many and the number of the others."""

from __future__ import annotations

import pytest

from mirror.text.names import few


@pytest.mark.parametrize(
    ("count", "most", "said"),
    [
        (0, 5, ""),
        (1, 5, "n0"),
        (2, 2, "n0, n1"),
        (3, 2, "n0, n1 and 1 more"),
        (2_002, 2, "n0, n1 and 2,000 more"),
    ],
)
def test_few(count: int, most: int, said: str) -> None:
    assert few([f"n{number}" for number in range(count)], most) == said


def test_sentences_are_parted_by_semicolons() -> None:
    assert few(["a: b", "c: d", "e"], 2, between="; ") == "a: b; c: d and 1 more"
