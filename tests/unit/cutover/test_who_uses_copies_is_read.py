"""Groups that use copies on the target are found whatever their type, and one that cannot be read counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.other_groups import MEMBERS_UNSEEN
from mirror.clients.records import TopicPartition, Unread
from mirror.cutover.teardown import read
from mirror.cutover.teardown.judge import MovedOffset
from tests.unit.settings.sample import settings

ORDERS = TopicPartition("orders", 0)


class Target:
    """A cluster without MM2's checkpoints."""

    def __init__(
        self,
        offsets: Mapping[str, Mapping[TopicPartition, int] | Unread],
        consumers: Mapping[str, str],
        others: Iterable[str] = (),
    ) -> None:
        self._offsets, self._consumers, self._others = offsets, consumers, list(others)

    def __call__(self, _: object) -> Target:
        return self

    def __enter__(self) -> Target:
        return self

    def __exit__(self, *_: object) -> None: ...

    def connect(self) -> None: ...

    def topics(self) -> dict[str, Any]:
        return {"orders": SimpleNamespace(partitions=1)}

    def group_states(self) -> dict[str, str]:
        return dict(self._consumers)

    def other_groups(self) -> list[str]:
        return self._others

    def group_offsets(self, groups: Iterable[str]) -> dict[str, Mapping[TopicPartition, int] | Unread]:
        return {group: self._offsets[group] for group in groups}

    def described_groups(self, groups: Iterable[str]) -> dict[str, Any]:
        assert not list(groups)
        return {}


def seen(target: Target, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(read, "Cluster", target)
    return read.clients_of(settings(), cast(Any, None))


def test_a_group_whose_offsets_cannot_be_read_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Target({"billing": Unread("coordinator not available")}, {"billing": "EMPTY"})
    active, moved, unknown = seen(refused, monkeypatch)
    assert (active, moved) == ([], [])
    assert unknown == ["whether group billing uses copies: coordinator not available"]


def test_a_streams_group_that_commits_on_copies_uses_them(monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target(
        {"totals": {ORDERS: 40}, "elsewhere": {TopicPartition("own", 0): 7}}, {}, ("totals", "elsewhere")
    )
    assert seen(target, monkeypatch) == ([], [MovedOffset("totals", ORDERS, 40, None)], [])


def test_of_a_share_group_nobody_can_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    share = Target({"shared": Unread("GROUP_ID_NOT_FOUND", 69)}, {}, ("shared",))
    _, _, unknown = seen(share, monkeypatch)
    assert unknown == [f"whether group shared uses copies: {MEMBERS_UNSEEN}"]
