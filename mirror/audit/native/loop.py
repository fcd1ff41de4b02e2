"""The compiled loop that moves records from librdkafka's queue into columns, one row for each record."""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
import numpy as np
from numba.core import types
from numpy.typing import NDArray

from mirror.audit.blocks import NO_PRODUCER_TIME, NULL_KEY, TOMBSTONE
from mirror.audit.native.compiling import compiled
from mirror.audit.native.library import Message, address
from mirror.audit.native.memory import load_i32, load_i64, load_u8
from mirror.audit.native.xxh64 import xxh64

BATCH = 1024
"""Number of records taken from librdkafka's queue at a time: 8 KB of pointers."""

ROWS, NEXT, OUTCOME, CODE, TEXT = range(5)
"""Indices in `state`: rows filled, next offset, why the loop ended, and an error's code and length."""
STATE = 5
FULL, WAITING, END, FAILED, WENT_BACK = range(5)
"""Why the loop ended: the block is full, nothing came in time, the stop or the log's end is reached, the
partition has an error (`CODE`, `TEXT`), an offset went down."""

_PARTITION_EOF = -191  # RD_KAFKA_RESP_ERR__PARTITION_EOF
# RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE: what librdkafka says of fetches without a record, which a log cleaner
# leaves behind (mirror/clients/reader.py). It reads on by itself.
_TOO_LARGE = 10
_LOG_APPEND = 2  # RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME
_NULL = np.uint64(0)
_ONE = np.uint64(1)
_SEED = np.uint64(0)
_NULL_VALUE = np.uint64(0x9FB21C651E98DF25)  # what a header's null value turns the digest by; any odd number

_ERR, _PAYLOAD, _LENGTH = Message.err.offset, Message.payload.offset, Message.len.offset
_KEY, _KEY_LENGTH, _OFFSET = Message.key.offset, Message.key_len.offset, Message.offset.offset

_address = types.intp


def _function(name: str, result: Any, *arguments: Any) -> Any:
    """A function of librdkafka for compiled code, which is cached and so knows it by its name."""
    llvm.add_symbol(name, address(name))
    return types.ExternalFunction(name, result(*arguments))


consume_batch_queue = _function(
    "rd_kafka_consume_batch_queue", types.intp, _address, types.int32, _address, types.uintp
)
message_destroy = _function("rd_kafka_message_destroy", types.void, _address)
_message_timestamp = _function("rd_kafka_message_timestamp", types.int64, _address, _address)
_message_headers = _function("rd_kafka_message_headers", types.int32, _address, _address)
_header_get_all = _function(
    "rd_kafka_header_get_all", types.int32, _address, types.uintp, _address, _address, _address
)


@compiled
def _digest(at: int, length: int, seed: np.uint64) -> np.uint64:
    """Return the digest of some bytes; never 0, which stands for null."""
    digest = xxh64(at, length, seed)
    return digest if digest != _NULL else _ONE


@compiled
def _headers_digest(message: int, scratch: NDArray[np.int64]) -> np.uint64:
    """One digest over the headers in their order. Each is the seed of the next, and XXH64 has the length of
    its bytes in it, so nothing can run together. librdkafka ends names with a zero byte."""
    place = scratch.ctypes.data
    if _message_headers(message, place) != 0:
        return _NULL  # RD_KAFKA_RESP_ERR__NOENT: none
    headers = scratch[0]
    digest = _SEED
    number = np.uintp(0)
    while _header_get_all(headers, number, place + 8, place + 16, place + 24) == 0:
        name, value, length = scratch[1], scratch[2], scratch[3]
        end = name
        while load_u8(end) != 0:
            end += 1
        digest = _digest(name, end - name, digest)
        digest = digest * _NULL_VALUE + _ONE if value == 0 else _digest(value, length, digest)
        number += np.uintp(1)
    return digest if digest != _NULL else _ONE


@compiled
def take_batch(queue: int, wait_ms: int, messages: NDArray[np.int64], room: int) -> int:
    """Put the next records into `messages` and return their number; wait only for the first of them.

    librdkafka itself waits until all requested records have arrived or the time is over.
    """
    place = messages.ctypes.data
    if consume_batch_queue(queue, wait_ms, place, 1) <= 0:
        return 0
    more = min(len(messages), room) - 1
    if more > 0:
        more = max(0, int(consume_batch_queue(queue, 0, place + 8, more)))
    return 1 + more


@compiled
def read(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917 - numba compiles one flat loop
    queue: int,
    wait_ms: int,
    stop: int,
    state: NDArray[np.int64],
    text: NDArray[np.uint8],
    messages: NDArray[np.int64],
    scratch: NDArray[np.int64],
    offsets: NDArray[np.int64],
    timestamps: NDArray[np.int64],
    keys: NDArray[np.uint64],
    values: NDArray[np.uint64],
    headers: NDArray[np.uint64],
    flags: NDArray[np.uint8],
) -> None:
    """Fill the columns from row `state[ROWS]` on until one of the outcomes.

    Records from `stop` on are dropped. `messages` and `scratch` are working memory.
    """
    row, next_offset, outcome = state[ROWS], state[NEXT], FULL
    kind_place = scratch.ctypes.data + 32
    while outcome == FULL and row < len(offsets):
        count = take_batch(queue, wait_ms, messages, len(offsets) - row)
        if count == 0:
            outcome = WAITING
        for number in range(count):
            message = messages[number]
            error = load_i32(message + _ERR)
            offset = load_i64(message + _OFFSET)
            if outcome != FULL or error == _TOO_LARGE:
                pass
            elif error == _PARTITION_EOF:
                next_offset = max(next_offset, offset)
                outcome = END
            elif error != 0:
                state[CODE] = error
                said, length = load_i64(message + _PAYLOAD), load_i64(message + _LENGTH)
                state[TEXT] = min(length, len(text)) if said != 0 else 0
                for place in range(state[TEXT]):
                    text[place] = load_u8(said + place)
                outcome = FAILED
            elif offset < next_offset:
                state[CODE] = offset
                outcome = WENT_BACK
            elif offset >= stop:
                next_offset = stop
                outcome = END
            else:
                flag = 0
                key, value = load_i64(message + _KEY), load_i64(message + _PAYLOAD)
                if key == 0:
                    flag |= NULL_KEY
                    keys[row] = _NULL
                else:
                    keys[row] = _digest(key, load_i64(message + _KEY_LENGTH), _SEED)
                if value == 0:
                    flag |= TOMBSTONE
                    values[row] = _NULL
                else:
                    values[row] = _digest(value, load_i64(message + _LENGTH), _SEED)
                headers[row] = _headers_digest(message, scratch)
                timestamps[row] = _message_timestamp(message, kind_place)
                if load_i32(kind_place) == _LOG_APPEND or timestamps[row] < 0:
                    flag |= NO_PRODUCER_TIME
                flags[row] = flag
                offsets[row] = offset
                row += 1
                next_offset = offset + 1
                if next_offset >= stop:
                    outcome = END
            message_destroy(message)
    state[ROWS], state[NEXT], state[OUTCOME] = row, next_offset, outcome
