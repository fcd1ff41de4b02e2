"""The API server adds to what it holds; that is no difference. A changed or missing value is one."""

from __future__ import annotations

from typing import Any

import pytest

from lab.region.apply import contains

WANTED = {"metadata": {"name": "east", "labels": {"a": "1"}}, "spec": {"ports": [1, 2], "hints": {}}}


@pytest.mark.parametrize(
    "live",
    [
        WANTED,
        {**WANTED, "status": {"ready": True}},
        {"metadata": {"name": "east", "labels": {"a": "1", "b": "2"}, "uid": "x"}, "spec": {"ports": [1, 2]}},
    ],
)
def test_the_same(live: dict[str, Any]) -> None:
    assert contains(live, WANTED)


@pytest.mark.parametrize(
    "live",
    [
        {},
        {"metadata": {"name": "east"}, "spec": {"ports": [1, 2]}},
        {"metadata": {"name": "east", "labels": {"a": "2"}}, "spec": {"ports": [1, 2]}},
        {"metadata": {"name": "east", "labels": {"a": "1"}}, "spec": {"ports": [1]}},
        {"metadata": {"name": "east", "labels": {"a": "1"}}, "spec": None},
    ],
)
def test_another(live: dict[str, Any]) -> None:
    assert not contains(live, WANTED)
