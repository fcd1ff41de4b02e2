"""Finds out whether an open transaction on the target hides records that an audit did not find there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mirror.audit.findings import LOST, PartitionResult
from mirror.clients.cluster import Cluster
from mirror.verify.reading.held_back import held_now


def with_hidden(target: Cluster, results: Sequence[PartitionResult]) -> list[PartitionResult]:
    """Return the results, with a note and another remedy for what may be hidden and not lost. An audit reads
    committed records, up to the first record of an open transaction. Nothing is read where none is lost.
    """
    lacking = [one.target for one in results if one.counts.get(LOST)]
    held = held_now(target, lacking) if lacking else {}
    found = []
    for one in results:
        if one.counts.get(LOST) and (behind := held.get(one.target)) is not None:
            note, remedy = behind.hides(one.target)
            one = replace(one, notes=(*one.notes, f"{one.target}: {note}"), hidden=remedy)
        found.append(one)
    return found
