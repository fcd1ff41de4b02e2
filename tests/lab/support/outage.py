"""Processes that are gone, of a whole region or some: ended by SIGKILL, and not started again before their
time.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from lab import processes
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.wait import until


@contextmanager
def dead(regions: Regions, region: str) -> Iterator[None]:
    """Kill the region whole; after the block it runs again, with its data."""
    try:
        with killed(regions, f"{region}-"):
            yield
    finally:
        until(f"{region} to answer again", lambda: _answers(regions, region), seconds=180)


@contextmanager
def killed(regions: Regions, prefix: str) -> Iterator[None]:
    """Kill all processes whose names begin so; after the block they are started again."""
    lab = regions.lab
    specs = {name: one for name, one in processes.declared(lab).items() if name.startswith(prefix)}
    assert specs, f"the lab has no process {prefix}"
    supervisor = processes.find(lab, processes.SUPERVISOR)
    assert supervisor is not None
    supervisor.suspend()  # it would end the processes by SIGTERM, or start killed ones again
    try:
        for one in specs:
            processes.withdraw(lab, one)
        for name, running in processes.find_all(lab).items():
            if name in specs:
                for process in running:
                    with suppress(psutil.NoSuchProcess):
                        process.send_signal(signal.SIGKILL)
    finally:
        supervisor.resume()
    until(f"{prefix} to be gone", lambda: not regions.running(prefix), seconds=30)
    try:
        yield
    finally:
        for spec in specs.values():
            processes.declare(lab, spec)


def _answers(regions: Regions, region: str) -> bool:
    """Whether topics and groups can be read, and the Kubernetes API answers."""
    try:
        kafka.committed(regions.kafka(region), "nobody", next(iter(kafka.topics(regions.kafka(region)))))
        regions.secret(region, "nobody")
    except Exception:
        return False
    return True
