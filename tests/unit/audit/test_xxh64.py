"""The compiled digest is XXH64: equal to the original for every length around its block and word sizes."""

from __future__ import annotations

import random

import numpy as np
import pytest
import xxhash

from mirror.audit.native.xxh64 import xxh64

CONTENT = np.frombuffer(random.Random(5).randbytes(5000), np.uint8)


@pytest.mark.parametrize("seed", [0, 1, 0x9E3779B185EBCA87, (1 << 64) - 1])
def test_it_is_the_original(seed: int) -> None:
    for length in [*range(0, 140), 999, 1000, 1023, 4096]:
        for shift in (0, 1, 7):  # the bytes of a record begin anywhere
            expected = xxhash.xxh64_intdigest(CONTENT[shift : shift + length].tobytes(), seed)
            assert int(xxh64(CONTENT.ctypes.data + shift, length, np.uint64(seed))) == expected


def test_published_vectors() -> None:
    """xxHash's own specification and tests: the empty input, and a known word."""
    nothing = np.zeros(1, np.uint8)
    assert int(xxh64(nothing.ctypes.data, 0, np.uint64(0))) == 0xEF46DB3751D8E999
    word = np.frombuffer(b"abc", np.uint8)
    assert int(xxh64(word.ctypes.data, 3, np.uint64(0))) == 0x44BC2CF5AD770999
