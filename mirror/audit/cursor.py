"""A place in one log: the records from there on, as many as are looked at and no more in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType

import numpy as np

from mirror.audit.blocks import Block
from mirror.audit.columns import joined

Open = Callable[[int], AbstractContextManager[Iterator[Block]]]
"""Opens a log at an offset, for reading up to where the comparison ends."""


class Cursor:
    """Reads one partition of one side, forwards; `seek` opens it anew elsewhere."""

    def __init__(self, open_at: Open, start: int) -> None:
        self._open_at = open_at
        self._stack = ExitStack()
        self._iterator: Iterator[Block] = iter(())
        self._blocks: list[Block] = []
        self._next = start
        self.ended = False
        self.records = 0
        """How many have been gone past."""
        self.log_append_time = False
        """Whether the broker stamped one of the records seen so far."""
        self.seek(start)

    def __enter__(self) -> Cursor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def place(self) -> int:
        """Where the records that are not gone past begin: an offset to `seek`, now or after a restart."""
        return int(self._blocks[0].offsets[0]) if self._blocks else self._next

    def close(self) -> None:
        """Lets others read the partition: it is read by one at a time. `seek` opens it again."""
        self._next = self.place
        self._blocks = []
        self._iterator = iter(())
        self._stack.close()

    def seek(self, offset: int) -> None:
        """Goes on at `offset`."""
        self.close()
        self._iterator = self._stack.enter_context(self._open_at(offset))
        self._next = offset
        self.ended = False

    def head(self) -> Block:
        """The next records, as they come; none at the end."""
        while not self._blocks and not self.ended:
            self._read()
        return self._blocks[0] if self._blocks else Block.empty(self._next, True)

    def window(self, count: int) -> Block:
        """The next `count` records; fewer at the end only."""
        held = sum(map(len, self._blocks))
        while held < count and not self.ended:
            held += self._read()
        if len(self._blocks) > 1:
            self._blocks = [joined(self._blocks)]
        return self._blocks[0][:count] if self._blocks else Block.empty(self._next, True)

    def advance(self, count: int) -> None:
        """Goes past records that were looked at."""
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
        """How many records are read and not gone past."""
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
            # Bit 4 of the flags; one or two blocks tell as much as all, yet a topic may change on its way.
            self.log_append_time = self.log_append_time or bool(np.bitwise_or.reduce(block.flags) & 4)
        return len(block)
