"""A run that ends in the middle of a transaction aborts it: consumers of its topics would wait for that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mirror.clients.records import TopicPartition
from mirror.cutover.recovery.write import Marks, Parcel, Writer
from mirror.problems import CouldNotRead

ONE = TopicPartition("orders", 0)
NONE = np.empty(0, np.int64)


class Message:
    def offset(self) -> int:
        return 7

    def timestamp(self) -> tuple[int, int]:
        return 1, 1_000

    def headers(self) -> None: ...

    def value(self) -> bytes:
        return b"v"

    def key(self) -> bytes:
        return b"k"

    def __len__(self) -> int:
        return 1


class Producer:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def begin_transaction(self) -> None:
        self.calls.append("begin")

    def produce(self, *_: object, **__: object) -> None:
        self.calls.append("produce")

    def poll(self, _: float) -> None: ...

    def commit_transaction(self, _: float) -> None:
        self.calls.append("commit")

    def abort_transaction(self, _: float) -> None:
        self.calls.append("abort")


class Unconnected(Writer):
    def __init__(self) -> None:
        self._where, self._marks, self._refused = "west", Marks("offsets", "source", "east"), []
        self.made = self._producer = Producer()  # type: ignore[assignment]


def written(*messages: Message, ends: BaseException | None = None) -> list[str]:
    def read() -> Iterator[Message]:
        yield from messages
        if ends is not None:
            raise ends

    writer = Unconnected()
    parcel = Parcel(ONE, np.array([7]), NONE, "orders", "orders.recovered")
    if ends is None:
        writer.write(parcel, read(), lambda *_: None)
    else:
        with pytest.raises(type(ends)):
            writer.write(parcel, read(), lambda *_: None)
    made: Any = writer.made
    return list(made.calls)


@pytest.mark.parametrize("ends", [CouldNotRead("reading", "a broker has died", "again"), KeyboardInterrupt()])
def test_what_was_begun_is_aborted(ends: BaseException) -> None:
    assert written(Message(), ends=ends) == ["begin", "produce", "abort"]
    assert written(ends=ends) == [], "nothing was begun"
    assert written(Message()) == ["begin", "produce", "produce", "commit"]
