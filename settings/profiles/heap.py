"""The heap that a worker needs for its tasks, and the heap that it has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from settings.model import Settings
from settings.profiles.compute import tuning
from settings.profiles.kafka_defaults import kafka_default
from settings.profiles.quantity import quantity
from settings.profiles.workload import Workload, ceil

MIB = 2**20
_WORKER_BYTES = 192 * MIB  # measured: a fresh worker of Kafka 4.3.1 takes 220 to 260 MB in all
_SOURCE_BROKERS = 3  # assumed: a consumer has one fetch in flight for each
_PARTITIONS_OF_A_TASK = 50  # where mirror.expected_partitions is not set
_STRIMZI_PERCENT = 75
_JAVA_SIZE = re.compile(r"(\d+)([kKmMgGtT]?)")
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}


@dataclass(frozen=True, slots=True)
class Heap:
    """Bytes of heap of one worker: the maximum that its tasks need after the loss of one worker (`needed`),
    and its size (`given`; None: the JVM decides, a quarter of the node's memory).
    """

    needed: int
    given: int | None
    tasks: int

    @property
    def warning(self) -> str | None:
        """The warning that the tasks may need more heap than the worker has, or None."""
        if self.given is None or self.given >= self.needed:
            return None
        return (
            f"a worker with {self.tasks} tasks may need {self.needed // MIB:,} MiB of heap and has "
            f"{self.given // MIB:,} MiB: increase workers.resources, workers.jvm_options or "
            f"workers.replicas, "
            "or lower mirror.tasks_max"
        )


def heap(settings: Settings) -> Heap:
    """Estimate a worker's heap. The estimate is an upper bound for full buffers, not a measurement."""
    tuned = tuning(settings)
    overrides = settings.mirror.config.source_connector
    config = {**tuned.source_connector, **overrides}
    workload = Workload.of(settings)
    partitions = (
        _PARTITIONS_OF_A_TASK
        if workload.partitions is None
        else workload.partitions_of_a_task(tuned.tasks_max)
    )
    fetched = min(
        partitions * _number(config, "source.consumer.max.partition.fetch.bytes"),
        _SOURCE_BROKERS * _number(config, "source.consumer.fetch.max.bytes"),
    )
    # Once as fetched, once as Connect's records before the producer sends them.
    polled = 2 * _number(config, "source.consumer.max.poll.records") * workload.record_bytes
    task = fetched + polled + _number(config, "producer.override.buffer.memory")
    # After the loss of a worker the others run its tasks.
    tasks = ceil(tuned.tasks_max, max(1, settings.workers.replicas - 1))
    return Heap(_WORKER_BYTES + tasks * task, _given(settings), tasks)


def _number(config: Mapping[str, str], key: str) -> int:
    default = kafka_default("source", key) or "0"
    text = config.get(key, default)
    return int(text if text.isdigit() else default)


def _given(settings: Settings) -> int | None:
    """Return the heap size that Strimzi sets: `-Xmx`, else 75 % of the memory limit, else of the request
    (`JvmOptionUtils.heapOptions`).
    """
    options, resources = settings.workers.jvm_options, settings.workers.resources
    if found := _JAVA_SIZE.fullmatch(str(options.get("-Xmx", ""))):
        size: int = int(found[1]) * 1024 ** _POWERS[found[2].lower()]
        return size
    percent = _STRIMZI_PERCENT
    flags = options.get("-XX")
    if isinstance(flags, Mapping) and str(flags.get("MaxRAMPercentage", "")).replace(".", "", 1).isdigit():
        percent = int(float(str(flags["MaxRAMPercentage"])))
    for kind in ("limits", "requests"):
        memory = resources.get(kind)
        bytes_ = quantity(memory.get("memory")) if isinstance(memory, Mapping) else None
        if bytes_ is not None:
            return int(bytes_) * percent // 100
    return None
