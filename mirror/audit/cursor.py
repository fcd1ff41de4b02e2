"""A position in one log with the records that follow it, of which only the needed ones are in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType

import numpy as np

from mirror.audit.blocks import NO_PRODUCER_TIME, RecordBlock
from mirror.audit.columns import joined

Open = Callable[[int], AbstractContextManager[Iterator[RecordBlock]]]
"""Opens a log at an offset to read it up to the end of the comparison."""


class Cursor:
    """Reads one partition of one side forwards; `seek` reopens it at another offset."""

    def __init__(self, open_at: Open, start: int) -> None:
        self._open_at = open_at
        self._stack = ExitStack()
        self._iterator: Iterator[RecordBlock] = iter(())
        self._blocks: list[RecordBlock] = []
        self._next = start
        self.ended = False
        self.records = 0
        """Number of records passed."""
        self.no_producer_time = False
        """Whether a record read so far has a timestamp set by the broker."""
        self.seek(start)

    def __enter__(self) -> Cursor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def place(self) -> int:
        """Offset of the first record not passed yet: to `seek`, now or after a restart."""
        return int(self._blocks[0].offsets[0]) if self._blocks else self._next

    def close(self) -> None:
        """Stop reading, so that another reader can open the partition; `seek` reopens it."""
        self._next = self.place
        self._blocks = []
        self._iterator = iter(())
        self._stack.close()

    def seek(self, offset: int) -> None:
        """Continue at `offset`."""
        self.close()
        self._iterator = self._stack.enter_context(self._open_at(offset))
        self._next = offset
        self.ended = False

    def head(self) -> RecordBlock:
        """Return the next records, at least one; an empty block at the end."""
        while not self._blocks and not self.ended:
            self._read()
        return self._blocks[0] if self._blocks else RecordBlock.empty(self._next, True)

    def window(self, count: int) -> RecordBlock:
        """Return the next `count` records; fewer only at the end."""
        held = sum(map(len, self._blocks))
        while held < count and not self.ended:
            held += self._read()
        if len(self._blocks) > 1:
            self._blocks = [joined(self._blocks)]
        return self._blocks[0][:count] if self._blocks else RecordBlock.empty(self._next, True)

    def advance(self, count: int) -> None:
        """Pass the next `count` records."""
        self.records += count
        while count:
            first = self._blocks[0]
            if count < len(first):
                self._blocks[0] = first[count:]
                return
            count -= len(first)
            self._blocks.pop(0)

    @property
    def held(self) -> int:
        """Number of records that are in memory and not passed yet."""
        return sum(map(len, self._blocks))

    def _read(self) -> int:
        block = next(self._iterator, None)
        if block is None:
            self.ended = True
            return 0
        self._next = block.next_offset
        if block.at_end:
            self.ended = True
        if len(block):
            self._blocks.append(block)
            self.no_producer_time = self.no_producer_time or bool(
                np.bitwise_or.reduce(block.flags) & NO_PRODUCER_TIME
            )
        return len(block)
