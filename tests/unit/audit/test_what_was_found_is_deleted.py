"""Retention deletes records during an audit, also those that a search has just found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mirror.audit import compare
from mirror.audit.search import find_sync
from mirror.clients.records import Bounds, TopicPartition
from tests.unit.audit.made_up import MadeUpLog, Record, audit, copied, records


def audited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: list[Record], target: list[Record], *deleted: Any
) -> Any:
    """Audit while retention takes the head of a log after each search: a log, and its first offset then."""
    left = list(deleted)

    def then_delete(*args: Any) -> tuple[int, int] | None:
        place = find_sync(*args)
        if left:
            log, start = left.pop(0)
            log[:] = [one for one in log if one.offset >= start]
        return place

    def bounds(log: MadeUpLog, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, Bounds]:
        every = {one: log.partitions[one] for one in partitions}
        return {one: Bounds(rows[0].offset if rows else 10_000, 10_000) for one, rows in every.items()}

    monkeypatch.setattr(compare, "find_sync", then_delete)
    monkeypatch.setattr(MadeUpLog, "bounds", bounds)
    return audit(tmp_path, source, target)


def lost(ones: Sequence[Any]) -> int:
    return sum(one.records for one in ones if one.kind == "lost")


@pytest.mark.parametrize("heads", [(1500,), (900, 1500)])
def test_the_targets_retention_takes_what_a_search_has_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heads: tuple[int, ...]
) -> None:
    source = records(4000)
    target = copied([*source[:100], *source[1500:]])
    done = audited(tmp_path, monkeypatch, source, target, *((target, head) for head in heads))
    assert done.result.compared == 100 + 1100, "behind the log's new start"
    assert lost(done.differences) == 1400
    assert done.result.excused == {"removed by the target's retention": 1400}


def test_the_sources_retention_takes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = records(4000)
    target = copied([*source[:100], *source[1500:]])
    done = audited(tmp_path, monkeypatch, source, target, (source, 3000))
    assert done.result.compared == 100 + 1000


def test_nothing_is_left_to_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = records(3000)
    target = copied([*source[:100], *source[1500:]])
    done = audited(tmp_path, monkeypatch, source, target, (target, 10_000))
    assert done.result.compared == 100


def test_a_search_that_finds_the_same_again_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "find_sync", lambda *_: (2000, 1000))
    source = records(3000)
    with pytest.raises(RuntimeError, match="twice"):
        audit(tmp_path, source, copied([one._replace(value=7_777) for one in source]))
