"""A second broker of a region for a while: when it dies, partitions that only it has lose their leader."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from lab import processes
from lab.ports import known, reserve
from lab.region import kafka as broker
from lab.region.broker import STRIMZI, process_name
from lab.toolchain import Toolchain
from lab.waiting import wait_gone, wait_ready
from tests.lab.support.lab import Regions

NODE = 1


@contextmanager
def second_broker(regions: Regions, region: str) -> Iterator[str]:
    """The name of its process, once the broker has joined. After the block it is gone: delete what it has
    before. Nothing but partitions that are put there by hand moves to it.
    """
    lab, name, tools = regions.lab, process_name(region, NODE), Toolchain.load()
    ports = {**known(lab), **reserve(lab, [f"{name}-{one}" for one in STRIMZI.listeners])}
    broker.prepare(lab, region, ports, tools, STRIMZI, NODE)
    spec = broker.spec(lab, region, tools, STRIMZI, NODE)
    processes.declare(lab, spec)
    try:
        wait_ready(lab, spec, partial(broker.unready, lab, region, ports, NODE))
        yield name
    finally:
        processes.withdraw(lab, name)
        wait_gone(lab, name)
