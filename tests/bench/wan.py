"""`python -m tests.bench wan`: the profile `wan` beside Kafka's defaults with one task, over a distance.

Between the workers and the source are a round trip of 80 ms and 1 Gbit/s, for the kernel's own TCP
(`tests.bench.mirrors.relay`). Measured twice: with the source's brokers as Kafka configures them, and with
`socket.send.buffer.bytes=-1`, which docs/profiles.md asks the source's administrator for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from lab.layout import Lab
from tests.bench.mirrors.compared import compare, show
from tests.bench.mirrors.long_way import impossible, long_way
from tests.bench.mirrors.variants import DEFAULTS, PARTITIONS, RECORD_BYTES, WAN

ROUND_TRIP_MS, MBIT = 80, 1000
RECORDS, WARM_UP = 100_000, 2_000
ROUNDS, SECONDS = 2, 30.0
_BROKERS: Mapping[str, Mapping[str, str]] = {
    "the source's brokers with Kafka's default send buffer": {},
    "the source's brokers with socket.send.buffer.bytes=-1": {"socket.send.buffer.bytes": "-1"},
}


def main(lab: Lab, short: bool = False) -> None:
    """Measure on the lab that runs, and print two tables for each configuration of the brokers."""
    if reason := impossible():
        Console().print(f"wan is not measured here: {reason}")
        return
    for name, broker in list(_BROKERS.items())[: 1 if short else None]:
        with long_way(lab, ROUND_TRIP_MS, MBIT, broker) as far:
            variants = [replace(one, source=far["source"], mirror=far["mirror"]) for one in (DEFAULTS, WAN)]
            if short:
                compared = compare(lab, variants[1:], 1, 800, 80, seconds=SECONDS, single=0)
            else:
                compared = compare(lab, variants, ROUNDS, RECORDS, WARM_UP, seconds=SECONDS, single=0)
        title = f"{ROUND_TRIP_MS} ms and {MBIT:,} Mbit/s, TCP {_congestion_control()}, {name}: records of "
        show(f"{title}{RECORD_BYTES:,} bytes, {PARTITIONS} partitions, exactly-once", compared)


def _congestion_control() -> str:
    return Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
