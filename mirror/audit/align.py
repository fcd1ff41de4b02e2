"""Aligns two short stretches of records: ties identical records that are in the same order on both sides.

The algorithm is Bram Cohen's patience diff. First it ties the records that occur exactly once on each side;
of these ties it keeps the longest sequence without crossings (Schensted 1961, by binary search). Then it ties
the remaining records between two ties, the n-th of identical records with the n-th, until no tie is added. A
record without a tie is out of order, on one side only, or altered.

    source   a  b  c  d  e  f        a, d, e and f are tied; b and c are on the source only,
    target   a  X  d  e  f           X is on the target only: one gap
"""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from mirror.audit.columns import Digests, Indices, combined

_ROUNDS = 12
DENSE = 8
"""This many ties close together are not a coincidence ..."""
_WITHIN = 4 * DENSE
"""... if they are within this many records on at least one side: the other may be compacted."""


def align(source: Digests, target: Digests) -> tuple[Indices, Indices]:
    """Return the indices of the tied records on each side, both ascending."""
    left, right = _once_in_both(source, target)
    for _ in range(_ROUNDS):
        free_left = np.setdiff1d(np.arange(len(source)), left, assume_unique=True)
        free_right = np.setdiff1d(np.arange(len(target)), right, assume_unique=True)
        more_left, more_right = join(
            combined(source[free_left], np.searchsorted(left, free_left)),
            combined(target[free_right], np.searchsorted(right, free_right)),
        )
        # New ties stay within their gap, so they cross no earlier tie; but they may cross each other.
        kept = longest_ascending(free_right[more_right])
        if not len(kept):
            break
        left = np.sort(np.concatenate([left, free_left[more_left][kept]]))
        right = np.sort(np.concatenate([right, free_right[more_right][kept]]))
    return left, right


def join(left: Digests, right: Digests) -> tuple[Indices, Indices]:
    """Pair equal digests, the n-th of identical ones with the n-th; indices, ascending on the left."""
    _, at_left, at_right = np.intersect1d(
        combined(left, _occurrence(left)),
        combined(right, _occurrence(right)),
        assume_unique=True,
        return_indices=True,
    )
    order = np.argsort(at_left)
    return at_left[order], at_right[order]


def longest_ascending(numbers: Indices) -> Indices:
    """Return the indices of a longest ascending subsequence."""
    if len(numbers) < 2 or bool(np.all(numbers[1:] > numbers[:-1])):
        return np.arange(len(numbers))
    tails: list[int] = []
    at: list[int] = []
    before = np.empty(len(numbers), np.int64)
    for index, number in enumerate(numbers.tolist()):
        place = bisect_left(tails, number)
        before[index] = at[place - 1] if place else -1
        if place == len(tails):
            tails.append(number)
            at.append(index)
        else:
            tails[place] = number
            at[place] = index
    found = []
    index = at[-1]
    while index >= 0:
        found.append(index)
        index = int(before[index])
    return np.array(found[::-1], np.int64)


def dense_end(left: Indices, right: Indices) -> int:
    """Count the ties up to the end of the last dense stretch: an isolated later tie may be a coincidence."""
    if len(left) < DENSE:
        return 0
    close = (left[DENSE - 1 :] - left[: 1 - DENSE] < _WITHIN) | (
        right[DENSE - 1 :] - right[: 1 - DENSE] < _WITHIN
    )
    places = np.flatnonzero(close)
    return int(places[-1]) + DENSE if len(places) else 0


def _once_in_both(source: Digests, target: Digests) -> tuple[Indices, Indices]:
    left, right = (_once(side) for side in (source, target))
    _, at_left, at_right = np.intersect1d(
        source[left], target[right], assume_unique=True, return_indices=True
    )
    order = np.argsort(left[at_left])
    first, second = left[at_left][order], right[at_right][order]
    kept = longest_ascending(second)
    return first[kept], second[kept]


def _once(digests: Digests) -> Indices:
    _, first, counts = np.unique(digests, return_index=True, return_counts=True)
    return np.sort(first[counts == 1])


def _occurrence(digests: Digests) -> Indices:
    """Return the ordinal of each row among identical rows, from 0."""
    order = np.argsort(digests, kind="stable")
    placed = digests[order]
    new = np.ones(len(placed), bool)
    new[1:] = placed[1:] != placed[:-1]
    starts = np.maximum.accumulate(np.where(new, np.arange(len(placed)), 0)) if len(placed) else order
    found = np.empty(len(placed), np.int64)
    found[order] = np.arange(len(placed)) - starts
    return found
