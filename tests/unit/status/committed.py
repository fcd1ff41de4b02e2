"""Committed offsets of groups, which a mock cluster does not answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mirror.clients.group_offsets import Commit
from mirror.clients.records import TopicPartition, Unread


class Committed:
    """Stands for the helper that reads committed offsets: the mock cluster answers no such question."""

    def __init__(self, offsets: Mapping[str, Mapping[TopicPartition, int] | Unread]) -> None:
        self.offsets = offsets

    def read(self, groups: Iterable[str]) -> dict[str, Any]:
        return {group: self.offsets.get(group, {}) for group in groups}

    def commits(self, groups: Iterable[str]) -> dict[str, Any]:
        return {
            group: answer
            if isinstance(answer, Unread)
            else {one: Commit(at, None) for one, at in answer.items()}
            for group, answer in self.read(groups).items()
        }

    def close(self) -> None:
        pass
