"""The workload of a mirror: expectations from the stack file, else assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from settings.model import Profile, Settings
from settings.profiles.quantity import quantity

RECORD_BYTES = 1024
"""Assumed size of a record."""
WAN_ROUND_TRIP_MS = 80
"""Assumed for `wan`: between continents it is 70 to 150 ms, within one 20 to 60."""
LINK_BYTES_PER_MS = 125_000
"""Assumed bandwidth between the regions: 1 Gbit/s."""

_PARTITIONS_PER_TASK: dict[Profile, int] = {"balanced": 50, "throughput": 25, "low-latency": 25, "wan": 25}
_TASKS: dict[Profile, int] = {"balanced": 4, "throughput": 8, "low-latency": 8, "wan": 8}
_TASKS_MOST = 256
_MS_PER_TASK = 10
"""A source broker's `socket.send.buffer.bytes` (102,400 by default) limits what one connection transfers in
a round trip, and each task has one connection to each broker: a longer round trip needs more connections.
"""


@dataclass(frozen=True, slots=True)
class Workload:
    """Partitions (None: unknown), bytes of a record, milliseconds of a round trip to the source, CPU cores of
    all workers (None: `workers.resources.limits` sets none).
    """

    partitions: int | None
    record_bytes: int
    round_trip_ms: int
    cores: int | None

    @classmethod
    def of(cls, settings: Settings) -> Workload:
        """Use the values of the stack, else the assumptions."""
        mirror = settings.mirror
        assumed = WAN_ROUND_TRIP_MS if mirror.profile == "wan" else 0
        return cls(
            mirror.expected_partitions,
            RECORD_BYTES if mirror.expected_record_bytes is None else mirror.expected_record_bytes,
            assumed if mirror.expected_round_trip_ms is None else mirror.expected_round_trip_ms,
            _cores(settings),
        )

    @property
    def in_flight_bytes(self) -> int:
        """The bandwidth-delay product: the bytes that must be in flight to fill the link."""
        return LINK_BYTES_PER_MS * self.round_trip_ms

    def tasks(self, profile: Profile) -> int:
        """Return how many tasks share the partitions; MM2 starts none without a partition of its own
        (`MirrorSourceConnector.taskConfigs`).
        """
        tasks = _TASKS[profile]
        if profile == "wan":
            tasks = max(tasks, ceil(self.round_trip_ms, _MS_PER_TASK))
        elif self.cores is not None:
            tasks = min(tasks, self.cores)
        if self.partitions is None:
            return min(tasks, _TASKS_MOST)
        tasks = max(tasks, ceil(self.partitions, _PARTITIONS_PER_TASK[profile]))
        return min(tasks, self.partitions, _TASKS_MOST)

    def partitions_of_a_task(self, tasks: int) -> int:
        """Return how many partitions a task has at most; 1 where it is unknown."""
        return 1 if self.partitions is None else ceil(self.partitions, tasks)


def _cores(settings: Settings) -> int | None:
    limits = settings.workers.resources.get("limits")
    limit = quantity(limits.get("cpu")) if isinstance(limits, Mapping) else None
    return None if limit is None else max(1, int(limit * settings.workers.replicas))


def ceil(number: int, divisor: int) -> int:
    """Divide and round up."""
    return -(-number // divisor)


def power_of_two(number: int) -> int:
    """Round up to the next power of two."""
    return 1 << max(0, number - 1).bit_length()


def power_of_two_within(number: int) -> int:
    """Round down to a power of two; 1 for what is smaller."""
    return 1 << max(0, number.bit_length() - 1)
