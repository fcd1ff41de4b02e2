"""Find out which clusters of a stack's mirrors are the same, as far as the stack file shows."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from settings.draft import NotSound
from settings.model import Settings

_End = tuple[str, str]
"""A mirror's name, and `source` or `target`."""


@dataclass(frozen=True, slots=True)
class SameClusters:
    """An identifier for the cluster at each end of each mirror; the same clusters have the same identifier.

    Two clusters are taken as the same if they have the same alias, the same Kubernetes resource, or a
    bootstrap address in common. Different clusters may be taken as the same, but not the reverse.
    """

    clusters: Mapping[_End, str]

    @classmethod
    def of(cls, mirrors: Mapping[str, Settings]) -> SameClusters:
        """Compare the clusters of all mirrors."""
        marks = {
            (name, side): set(_marks(settings, side))
            for name, settings in mirrors.items()
            for side in ("source", "target")
        }
        clusters: dict[_End, str] = {}
        for end in marks:
            if end not in clusters:
                for member in _connected(end, marks):
                    clusters[member] = "/".join(end)
        return cls(clusters)

    def source(self, name: str) -> str:
        """Return the cluster that the mirror reads."""
        return self.clusters[name, "source"]

    def target(self, name: str) -> str:
        """Return the cluster to which the mirror writes."""
        return self.clusters[name, "target"]


def _connected(start: _End, marks: Mapping[_End, set[Hashable]]) -> set[_End]:
    found, known, grown = {start}, set(marks[start]), True
    while grown:
        more = {end for end, these in marks.items() if end not in found and these & known}
        found |= more
        known |= {mark for end in more for mark in marks[end]}
        grown = bool(more)
    return found


def _marks(settings: Settings, side: str) -> Iterator[Hashable]:
    """Return the marks that identify a cluster, without those from broken settings."""
    end = settings.source if side == "source" else settings.target
    with suppress(NotSound):
        yield "alias", end.alias
    with suppress(NotSound):
        if end.cluster is not None:
            yield "kubernetes", end.kubeconfig, end.context, end.namespace, end.cluster
    with suppress(NotSound):
        for address in (settings.source.bootstrap_servers or "").split(",") if side == "source" else ():
            if address.strip():
                yield "address", address.strip()
