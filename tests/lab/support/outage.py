"""Processes that are gone, of a whole region or some: ended by SIGKILL, and not started again before their
time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lab import outage, processes
from tests.lab.support.lab import Regions


@contextmanager
def dead(regions: Regions, region: str) -> Iterator[None]:
    """Kill the region whole; after the block it runs again, with its data."""
    specs = outage.kill_region(regions.lab, region)
    outage.wait_until_gone(regions.lab, specs)
    try:
        yield
    finally:
        outage.restore(regions.lab, region, specs)


@contextmanager
def killed(regions: Regions, prefix: str, *, alone: bool = False) -> Iterator[None]:
    """Kill all processes whose names begin so, or that of this name `alone`; after the block they are started
    again.
    """
    specs = outage.kill(regions.lab, prefix, alone=alone)
    outage.wait_until_gone(regions.lab, specs)
    try:
        yield
    finally:
        for spec in specs.values():
            processes.declare(regions.lab, spec)
