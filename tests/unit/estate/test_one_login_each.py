"""A program that reads and ends opens each Kubernetes API once: logins take seconds with some plugins."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mirror.clients.kubernetes import Kubernetes
from mirror.estate.connection import connect, one_login_each
from tests.unit.settings.sample import settings


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    made: list[tuple[Any, ...]] = []

    def open_it(kubeconfig: Path | None, context: str | None = None) -> object:
        made.append((kubeconfig, context))
        return object()

    monkeypatch.setattr(Kubernetes, "connect", open_it)
    return made


def test_each_api_is_opened_once_within_the_block(opened: list[tuple[Any, ...]]) -> None:
    west = settings(target__kubeconfig="west.yaml").target
    with one_login_each(), one_login_each(), ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: connect(west, Path("/project")), range(8)))
    assert len(set(map(id, found))) == 1
    assert opened == [(Path("/project/west.yaml"), None)]


def test_two_contexts_are_two_logins(opened: list[tuple[Any, ...]]) -> None:
    sides = [settings(target__kubeconfig="west.yaml", target__context=one).target for one in "ab"]
    with one_login_each():
        assert connect(sides[0], Path()) is not connect(sides[1], Path())
    assert [context for _, context in opened] == ["a", "b"]


def test_nothing_is_kept_behind_the_block(opened: list[tuple[Any, ...]]) -> None:
    """An exporter runs for months, and its login may expire."""
    side = settings().target
    with one_login_each():
        first = connect(side, Path())
    with suppress(KeyError), one_login_each():
        connect(side, Path())
        raise KeyError
    assert connect(side, Path()) is not first
    assert connect(side, Path()) is not connect(side, Path())
    assert len(opened) == 5


def test_blocks_of_several_threads_may_end_in_any_order(opened: list[tuple[Any, ...]]) -> None:
    side = settings().target
    first, second = one_login_each(), one_login_each()
    first.__enter__()
    kept = connect(side, Path())
    second.__enter__()
    first.__exit__(None, None, None)
    assert connect(side, Path()) is kept
    second.__exit__(None, None, None)
    assert connect(side, Path()) is not kept
