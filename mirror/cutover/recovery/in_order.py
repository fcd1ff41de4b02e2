"""Passes the leading records that are the same on both sides. Pure.

Most copies have the order of their originals, so both logs are compared row by row, as by the audit. What is
passed takes 8 bytes for each record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from mirror.audit.blocks import RecordBlock
from mirror.audit.columns import Digests, alike, combined


class Matched(NamedTuple):
    """What is behind the leading records that are the same on both sides. Of those, digests of the originals
    without their headers are kept, and nothing else."""

    originals: Sequence[Digests]
    source: Iterator[RecordBlock]
    target: Iterator[RecordBlock]


def in_order(source: Iterator[RecordBlock], target: Iterator[RecordBlock]) -> Matched:
    """Pass the leading records that are the same on both sides.

    The first of identical records counts as crossed, so a leading one that is matched with its own copy takes
    no copy from those behind.
    """
    passed: list[Digests] = []
    here, there = next(source, None), next(target, None)
    while here is not None and there is not None:
        same = alike(here, there, stamped=True)
        passed.append(without_headers(here[:same]))
        if same < min(len(here), len(there)):
            here, there = here[same:], there[same:]
            break
        here = here[same:] if same < len(here) else next(source, None)
        there = there[same:] if same < len(there) else next(target, None)
    return Matched(passed, _with_first(here, source), _with_first(there, target))


def _with_first(first: RecordBlock | None, rest: Iterator[RecordBlock]) -> Iterator[RecordBlock]:
    return rest if first is None else chain([first], rest)


def without_headers(rows: RecordBlock) -> Digests:
    """Return one digest for each record over key, value and timestamp."""
    return combined(rows.keys, rows.values, rows.timestamps)
