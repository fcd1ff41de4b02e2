"""Groups that are far behind on one partition are located with as few round trips as one group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from mirror.clients.sides import Sides
from mirror.clients.stretches import Stretch
from mirror.verify.reading.groups import read_groups
from tests.unit.verify import test_looking_at_two_clusters as two_clusters
from tests.unit.verify.test_looking_at_two_clusters import JOINED, ONE, Committed

mocks, sides = two_clusters.mocks, two_clusters.sides


def test_far_groups_of_one_partition_are_located_together(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each one waited for the answer to the one before it."""
    monkeypatch.setattr("mirror.verify.reading.group_search.FAR_LOOK", 80)
    monkeypatch.setattr("mirror.verify.reading.group_search.TIMESTAMP_LOOK", 3)
    asked, read = [], []
    ask, records = sides.target.offsets_at_each, sides.target_reader.records

    def offsets_at_each(questions: Any) -> Any:
        asked.append(questions)
        return ask(questions)

    def noted(stretches: Iterable[Stretch]) -> Any:
        read.append(list(stretches))
        return records(read[-1])

    monkeypatch.setattr(sides.target, "offsets_at_each", offsets_at_each)
    monkeypatch.setattr(sides.target_reader, "records", noted)
    places = (150, 151, 152, 200, 240)
    offsets = {f"g{number}": {ONE: number} for number in places} | {"same": {ONE: 200}}
    sides.source._group_offsets = Committed(offsets)  # type: ignore[assignment]
    found, _ = read_groups(sides, {group: {ONE: 0} for group in offsets}, {ONE: 249}, JOINED)
    assert {one.group: one.located for one in found} == {group: at[ONE] for group, at in offsets.items()}
    assert len(asked) == 1
    assert [(one.start, one.stop) for one in read[-1]] == [(150, 250), (200, 250), (240, 250)]
