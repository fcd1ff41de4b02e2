"""XXH64, Yann Collet's hash, as compiled code over memory (specification: xxHash's doc/xxhash_spec.md).

Fast and well distributed, not cryptographic: it finds what chance, bugs and broken disks do to records. A
record that somebody forged so that it collides is not its concern.
"""

from __future__ import annotations

import numpy as np

from mirror.audit.native.compiling import compiled
from mirror.audit.native.memory import load_u8, load_u32, load_u64

# In compiled code an unsigned and a signed number make a float: every constant is unsigned.
_P1 = np.uint64(0x9E3779B185EBCA87)
_P2 = np.uint64(0xC2B2AE3D27D4EB4F)
_P3 = np.uint64(0x165667B19E3779F9)
_P4 = np.uint64(0x85EBCA77C2B2AE63)
_P5 = np.uint64(0x27D4EB2F165667C5)
_64 = np.uint64(64)


@compiled
def _rotated(number: np.uint64, bits: np.uint64) -> np.uint64:
    return (number << bits) | (number >> (_64 - bits))


@compiled
def _round(lane: np.uint64, number: np.uint64) -> np.uint64:
    return _rotated(lane + number * _P2, np.uint64(31)) * _P1


@compiled
def _merged(digest: np.uint64, lane: np.uint64) -> np.uint64:
    return (digest ^ _round(np.uint64(0), lane)) * _P1 + _P4


@compiled
def xxh64(address: int, length: int, seed: np.uint64) -> np.uint64:
    """The digest of `length` bytes from `address` on."""
    at, end = address, address + length
    if length >= 32:
        one, two, three, four = seed + _P1 + _P2, seed + _P2, seed, seed - _P1
        while at <= end - 32:
            one = _round(one, load_u64(at))
            two = _round(two, load_u64(at + 8))
            three = _round(three, load_u64(at + 16))
            four = _round(four, load_u64(at + 24))
            at += 32
        digest = _rotated(one, np.uint64(1)) + _rotated(two, np.uint64(7))
        digest += _rotated(three, np.uint64(12)) + _rotated(four, np.uint64(18))
        digest = _merged(_merged(_merged(_merged(digest, one), two), three), four)
    else:
        digest = seed + _P5
    digest += np.uint64(length)
    while at <= end - 8:
        digest = _rotated(digest ^ _round(np.uint64(0), load_u64(at)), np.uint64(27)) * _P1 + _P4
        at += 8
    if at <= end - 4:
        digest = _rotated(digest ^ (np.uint64(load_u32(at)) * _P1), np.uint64(23)) * _P2 + _P3
        at += 4
    while at < end:
        digest = _rotated(digest ^ (np.uint64(load_u8(at)) * _P5), np.uint64(11)) * _P1
        at += 1
    digest = (digest ^ (digest >> np.uint64(33))) * _P2
    digest = (digest ^ (digest >> np.uint64(29))) * _P3
    return digest ^ (digest >> np.uint64(32))
