"""Sources outside Kubernetes that run for a while: an idle broker takes about 5 % of a core."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lab.outside import Source, source_down, source_up
from tests.lab.support.lab import Regions


@contextmanager
def running(regions: Regions, name: str) -> Iterator[Source]:
    """Start the source, and stop it after the block, also where it did not come up. Its data remain."""
    try:
        yield source_up(regions.lab, name)
    finally:
        source_down(regions.lab, name)
