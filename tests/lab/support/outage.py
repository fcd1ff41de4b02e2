"""A region that is gone: every process of it ended by SIGKILL, and not started again before its time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lab import outage
from tests.lab.support.lab import Regions


@contextmanager
def dead(regions: Regions, region: str) -> Iterator[None]:
    """Kill the region whole; after the block it runs again, with its data."""
    specs = outage.kill(regions.lab, region)
    outage.wait_until_gone(regions.lab, specs)
    try:
        yield
    finally:
        outage.restore(regions.lab, region, specs)
