"""Loads from memory addresses for compiled code: librdkafka's structs and the bytes of records."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types

from mirror.audit.native.compiling import intrinsic


def _load(kind: Any, bits: int) -> Any:
    def load(typing_context: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            number = ir.IntType(bits)
            pointer = builder.inttoptr(arguments[0], number.as_pointer())
            # The bytes of a record are not aligned.
            return builder.load(pointer, align=1)

        return kind(types.int64), generate

    return intrinsic(load)


load_u8 = _load(types.uint8, 8)
load_u32 = _load(types.uint32, 32)
load_u64 = _load(types.uint64, 64)
load_i32 = _load(types.int32, 32)
load_i64 = _load(types.int64, 64)
