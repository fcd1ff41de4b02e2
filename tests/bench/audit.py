"""`python -m tests.bench audit`: how fast the record audit reads and compares two logs.

Beside it, in turns on the same two logs: librdkafka with a loop that only counts, Kafka's own
`kafka-consumer-perf-test`, and confluent-kafka's Consumer, which makes Python objects. All of them read both
clusters at the same time, over TLS.
"""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import confluent_kafka
from confluent_kafka import Consumer, KafkaError
from rich.console import Console
from rich.table import Table

from lab.layout import Lab
from mirror.audit.blocks import LogPair
from mirror.audit.extent import Extent
from mirror.audit.native import NativeLog
from mirror.audit.partition import PartitionAudit
from mirror.audit.residue import Residue
from mirror.audit.rules import AuditRules
from mirror.clients.access import ClusterAccess
from mirror.clients.records import TopicPartition
from tests.bench.measure import cost, show, side_by_side
from tests.bench.reading.counting import count
from tests.bench.reading.java import PerfTest
from tests.bench.reading.logs import REGIONS, SHAPES, SHORT, Shape, access, written

ROUNDS = 3
LANES = 2 * (os.cpu_count() or 1)
"""Partitions that are audited at once: the default of `python -m mirror audit`."""
_REFERENCE = "librdkafka, a compiled loop that only counts"
_AUDIT = "the audit"


def main(lab: Lab, short: bool = False) -> None:
    """Measure on the lab that runs, and print two tables for each shape of log."""
    rounds = 1 if short else ROUNDS
    for shape in (SHORT,) if short else SHAPES:
        written(lab, shape)
        java_seconds: list[float] = []
        sides = [access(lab, region) for region in REGIONS]
        acts: dict[str, Callable[[], object]] = {
            _REFERENCE: partial(count_both, sides, shape),
            "digests of both sides, not compared": partial(digest_both, sides, shape),
            _AUDIT: partial(audit_both, sides, shape),
            "kafka-consumer-perf-test, two processes": partial(java_both, lab, shape, java_seconds),
        }
        for act in (count_both, audit_both):
            act(sides, shape)  # compiles, and brings the logs into the page cache
        load = os.getloadavg()[0]
        rows = side_by_side(acts, rounds)
        rows["confluent-kafka's Consumer, one round"] = [cost(partial(python_both, sides, shape))]
        show(
            f"2 x {shape.records:,} records of {shape.size:,} bytes, median of {rounds}, "
            f"load {load:.0f} before and {os.getloadavg()[0]:.0f} after",
            _REFERENCE,
            rows,
        )
        own = sorted(java_seconds)[len(java_seconds) // 2]
        Console().print(
            f"kafka-consumer-perf-test by its own clock, JVM start and group left out: {own:.2f} s\n"
        )
        where(sides, shape)


def count_both(sides: list[ClusterAccess], shape: Shape) -> None:
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda side: count(side, shape), sides)) == [shape.records] * 2


def digest_both(sides: list[ClusterAccess], shape: Shape) -> None:
    def read(side: ClusterAccess) -> int:
        records = 0
        with NativeLog(side) as log, ThreadPoolExecutor(LANES // 2) as pool:

            def one(partition: TopicPartition) -> int:
                with log.blocks(partition, 0, shape.stop) as blocks:
                    return sum(map(len, blocks))

            records = sum(pool.map(one, shape.partitions))
        return records

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(read, sides)) == [shape.records] * 2


def audit_both(sides: list[ClusterAccess], shape: Shape, at_end: Callable[[], object] = lambda: None) -> None:
    """What `python -m mirror audit` does with the partitions of its cut, in as many lanes."""
    with (
        NativeLog(sides[0]) as source,
        NativeLog(sides[1]) as target,
        ThreadPoolExecutor(LANES) as pool,
        tempfile.TemporaryDirectory() as state,
    ):

        def one(partition: TopicPartition) -> int:
            extent = Extent(partition, partition, 0, shape.stop, 0, shape.stop, must=shape.stop - 1)
            residue = Residue(Path(state) / str(partition))
            running = PartitionAudit(extent, LogPair(source, target), AuditRules(), residue)
            for _ in running.steps():
                pass
            result = running.result(0)
            assert not result.counts, result
            return result.compared

        assert sum(pool.map(one, shape.partitions)) == shape.records
        at_end()


def java_both(lab: Lab, shape: Shape, seconds: list[float]) -> None:
    processes = [PerfTest(lab, region, shape) for region in REGIONS]
    seconds.append(max(process.fetch_seconds() for process in processes))


def python_both(sides: list[ClusterAccess], shape: Shape) -> None:
    """Every record becomes a Message; neither its key nor its value is asked for."""

    def read(side: ClusterAccess) -> int:
        more = {"group.id": "bench", "enable.auto.commit": False, "enable.partition.eof": True}
        consumer = Consumer({**side.client_config(), **more, "fetch.queue.backoff.ms": 10})
        assigned = [(one.topic, one.partition, 0) for one in shape.partitions]
        consumer.assign([confluent_kafka.TopicPartition(*one) for one in assigned])
        records = ended = 0
        while ended < len(shape.partitions):
            for message in consumer.consume(10_000, 0.1):
                error = message.error()
                if error is None:
                    records += 1
                elif error.code() == KafkaError._PARTITION_EOF:
                    ended += 1
        consumer.close()
        return records

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(read, sides)) == [shape.records] * 2


def where(sides: list[ClusterAccess], shape: Shape) -> None:
    """Print where the CPU seconds of one comparison go, by thread (Linux only)."""
    if not Path("/proc/self/task").exists():
        return
    before, after = _by_thread(), {}
    Path("/proc/self/clear_refs").write_text("5")  # proc_pid_clear_refs(5): forget the peak of memory
    held = _memory("VmRSS")
    audit_both(sides, shape, lambda: after.update(_by_thread()))
    table = Table(title=f"{_AUDIT}: where the CPU goes", title_justify="left")
    table.add_column("threads")
    table.add_column("CPU seconds", justify="right")
    used: dict[str, float] = defaultdict(float)
    for thread, seconds in after.items():
        used[_role(thread[1])] += seconds - before.get(thread, 0.0)
    for role, seconds in used.items():
        table.add_row(role, f"{seconds:.2f}")
    Console().print(table)
    Console().print(f"memory: {_memory('VmHWM'):.0f} MB at its peak, {held:.0f} MB before\n")


def _memory(field: str) -> float:
    """Megabytes, by proc_pid_status(5)."""
    [line] = [one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith(field)]
    return int(line.split()[1]) / 1000


def _by_thread() -> dict[tuple[str, str], float]:
    """CPU seconds of each thread that lives, by number and name."""
    ticks = os.sysconf("SC_CLK_TCK")
    found = {}
    for task in Path("/proc/self/task").iterdir():
        name = (task / "comm").read_text().strip()
        # utime and stime, fields 14 and 15 of proc_pid_stat(5); the name before them may hold spaces.
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        found[task.name, name] = (int(fields[11]) + int(fields[12])) / ticks
    return dict(found)


def _role(thread: str) -> str:
    if thread.startswith("rdk:broker"):
        return "librdkafka's broker threads: TLS, records out of fetch responses"
    if thread.startswith("rdk:"):
        return "librdkafka's main threads"
    return "ours: records off the queue, digests, columns, comparing"
