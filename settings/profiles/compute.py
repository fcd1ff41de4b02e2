"""Computes the properties of each profile from the expected workload, each with its reason.

MM2 reads from the source with its own consumer (`source.consumer.*`) and passes the records to the producer
of Connect's task (`producer.override.*`), which is near the target: only the consumer's traffic crosses the
distance between the regions. With exactly-once and `transaction.boundary=poll` each poll is one transaction
(KIP-618).

No profile changes a property that affects durability or ordering: `acks`, idempotence, the number of requests
in flight and the delivery time-outs keep the values that Connect sets.
"""

from __future__ import annotations

from settings.model import Profile, Settings
from settings.profiles.kafka_defaults import kafka_default
from settings.profiles.tuning import TunedProperty, Tuning
from settings.profiles.workload import Workload, power_of_two, power_of_two_within

KIB, MIB = 1024, 2**20
BATCH, BATCH_LEAST = 256 * KIB, 16 * KIB
BUFFER = 64 * MIB
MAX_REQUEST = MIB  # `ProducerConfig`: max.request.size
_INT_MAX = 2**31 - 1

_POLL_BYTES: dict[Profile, int] = {
    "balanced": 1_000 * KIB,
    "throughput": 5_000 * KIB,
    "low-latency": 500 * KIB,
    "wan": 2_000 * KIB,
}
_POLL_MOST = 10_000
_FETCH_LEAST, _FETCH_MOST = MIB, 8 * MIB  # of max.partition.fetch.bytes; Kafka's default is the least
_FLUSH_MS: dict[Profile, int] = {"balanced": 5000, "throughput": 10_000, "low-latency": 1000, "wan": 5000}


def tuning(settings: Settings) -> Tuning:
    """Compute the properties of the mirror's profile. Raw properties in `mirror.config` override them where
    the connectors are rendered.
    """
    profile, workload = settings.mirror.profile, Workload.of(settings)
    tasks = _tasks(settings, workload)
    return Tuning(
        profile=profile,
        tasks=tasks,
        source=(*_producer(settings, workload, int(tasks.value)), *_consumer(settings, workload)),
        workers=_workers(settings),
        checkpoint=(),
        left=_left(settings),
    )


def poll_records(settings: Settings) -> int:
    """Return `max.poll.records`: as many records as make a transaction of the profile's size."""
    if not settings.mirror.exactly_once:
        return 500
    return max(1, min(_POLL_MOST, _POLL_BYTES[settings.mirror.profile] // Workload.of(settings).record_bytes))


def _choice(settings: Settings, key: str, value: int | str, reason: str) -> TunedProperty:
    default = kafka_default("source", key, exactly_once=settings.mirror.exactly_once)
    return TunedProperty(key, str(value), default, reason)


def _tasks(settings: Settings, workload: Workload) -> TunedProperty:
    mirror = settings.mirror
    default = kafka_default("source", "tasks.max")
    if mirror.tasks_max is not None:
        reason = "the partitions are spread over the tasks"
        return TunedProperty("tasks.max", str(mirror.tasks_max), default, reason, setting="mirror.tasks_max")
    tasks = workload.tasks(mirror.profile)
    if workload.partitions is None:
        why = "mirror.expected_partitions is not set; MM2 starts no task without a partition"
    else:
        share = workload.partitions_of_a_task(tasks)
        why = f"{workload.partitions} partitions, at most {share} for each task"
    if mirror.profile != "wan" and workload.cores is not None and tasks == workload.cores:
        why += (
            f"; the workers have {workload.cores} cores, and 8 tasks on 2 cores used twice the CPU of 2 "
            "tasks for each record"
        )
    if mirror.profile == "wan":
        why += (
            f"; each task has its own connection to every source broker, and a round trip of "
            f"{workload.round_trip_ms} ms limits the throughput of a connection: 8 tasks at 80 ms copied 6 "
            "to 26 times as much as Kafka's defaults with one"
        )
    return TunedProperty("tasks.max", str(tasks), default, why)


def _producer(settings: Settings, workload: Workload, tasks: int) -> tuple[TunedProperty, ...]:
    low_latency = settings.mirror.profile == "low-latency"
    partitions, most = workload.partitions_of_a_task(tasks), BATCH // 4 if low_latency else BATCH
    batch = max(BATCH_LEAST, min(most, power_of_two_within(BUFFER // partitions)))
    shared = f"; {partitions} partitions share the buffer" if batch < most else ""
    request = _request_bytes(workload)
    if low_latency:
        why = f"a batch fills only while the previous one is in flight{shared}"
        choices = [
            ("producer.override.batch.size", batch, why),
            ("producer.override.linger.ms", 0, "a record does not wait for other records"),
        ]
    else:
        why = f"fewer, larger requests: two to four times as many records per second were measured{shared}"
        choices = [
            ("producer.override.batch.size", batch, why),
            (
                "producer.override.linger.ms",
                20,
                "gives batches time to fill; the commit of a transaction does not wait for it",
            ),
        ]
    buffer, why = max(BUFFER, 2 * request), "memory for an open batch of every partition of a task"
    choices.append(("producer.override.buffer.memory", buffer, why))
    why = "the kernel chooses the size; Kafka's 128 KiB are less than a batch"
    if low_latency:
        why = "the kernel chooses the size: a request does not wait for a part of it"
    choices.append(("producer.override.send.buffer.bytes", -1, why))
    if request > MAX_REQUEST:
        why = (
            f"records of {workload.record_bytes:,} bytes: a record above the limit would fail the task; the "
            "target's message.max.bytes must allow them too"
        )
        choices.append(("producer.override.max.request.size", request, why))
    return tuple(_choice(settings, *choice) for choice in choices)


def _request_bytes(workload: Workload) -> int:
    """Return `max.request.size`: Kafka's default, unless typical records are nearly as large. The producer
    compares it with the record before compression (`KafkaProducer.ensureValidRecordSize`), the brokers
    afterwards.
    """
    if 4 * workload.record_bytes <= MAX_REQUEST:
        return MAX_REQUEST
    return min(_INT_MAX, power_of_two(4 * workload.record_bytes))


def _consumer(settings: Settings, workload: Workload) -> tuple[TunedProperty, ...]:
    profile, exactly_once = settings.mirror.profile, settings.mirror.exactly_once
    choices: list[tuple[str, int, str]] = []
    poll = poll_records(settings)
    if exactly_once:
        size = _POLL_BYTES[profile] // KIB
        why = (
            f"one transaction for each poll, about {size:,} KiB of records of {workload.record_bytes:,} "
            f"bytes: "
            "larger ones are faster; with smaller ones records arrive sooner and offsets translate more "
            "exactly"
        )
        choices.append(("source.consumer.max.poll.records", poll, why))
    fetch = _partition_fetch_bytes(profile, workload, poll * workload.record_bytes if exactly_once else 0)
    if fetch > _FETCH_LEAST:
        why = "a fetch from one partition fills a poll, so that a poll spans few partitions: MM2 keeps ten "
        why += "offset syncs in flight (OffsetSyncWriter)"
        if profile == "wan":
            why = (
                f"a consumer has one fetch to each broker in flight: 1 Gbit/s over {workload.round_trip_ms} "
                f"ms is {workload.in_flight_bytes / MIB:.1f} MiB (at most {_FETCH_MOST // MIB} MiB, for the "
                f"heap)"
            )
        choices.append(("source.consumer.max.partition.fetch.bytes", fetch, why))
    if profile == "throughput" and exactly_once:
        why = "a broker waits up to fetch.max.wait.ms (500) for this amount: fewer, larger transactions"
        choices.append(("source.consumer.fetch.min.bytes", 64 * KIB, why))
    why = (
        "the kernel chooses the window size; Kafka's fixed 64 KiB allow 64 KiB per round trip, and a larger "
        "fixed size is limited to the pods' net.core.rmem_max"
    )
    if profile != "wan":
        why = (
            "the kernel chooses the size: the next fetch arrives while a task writes and commits. With "
            "Kafka's 64 KiB the broker waits until the task polls again"
        )
    choices.append(("source.consumer.receive.buffer.bytes", -1, why))
    if profile == "wan":
        why = "a full fetch.max.bytes (50 MiB) takes 42 s at 10 Mbit/s; a fetch that times out is repeated"
        choices.append(("source.consumer.request.timeout.ms", 60_000, why))
    return tuple(_choice(settings, *choice) for choice in choices)


def _partition_fetch_bytes(profile: Profile, workload: Workload, poll_bytes: int) -> int:
    """Return `max.partition.fetch.bytes`. A larger record is fetched all the same (KIP-74)."""
    wanted = power_of_two(poll_bytes) if profile in ("throughput", "wan") else 0
    if profile == "wan":
        wanted = max(wanted, power_of_two(workload.in_flight_bytes))
    return max(_FETCH_LEAST, min(_FETCH_MOST, wanted))


def _workers(settings: Settings) -> tuple[TunedProperty, ...]:
    profile = settings.mirror.profile
    flush = (
        "with at least once, a crash repeats the records of this interval. It also limits how soon the "
        "position in quiet topics is known (KAFKA-15906)"
    )
    choices: list[tuple[str, int, str]] = [
        ("offset.flush.interval.ms", _FLUSH_MS[profile], flush),
        ("offset.flush.timeout.ms", 10_000, "a busy target does not make a flush fail"),
        (
            "scheduled.rebalance.max.delay.ms",
            60_000,
            "tasks of a lost worker stay unassigned for one minute instead of five, even if it returns "
            "(KIP-415)",
        ),
    ]
    return tuple(
        TunedProperty(key, str(value), kafka_default("worker", key), why) for key, value, why in choices
    )


def _left(settings: Settings) -> tuple[TunedProperty, ...]:
    left = {
        "producer.override.compression.type": (
            "records cross the distance as the source's producers compressed them; MM2 decompresses them "
            "near the target. Set lz4 or zstd if the target's disk or network matters more than CPU"
        ),
        "producer.override.max.in.flight.requests.per.connection": (
            "Connect's default 1 keeps the order even without idempotence, and the target is near"
        ),
    }
    if settings.mirror.exactly_once:
        left["transaction.boundary"] = (
            "interval was slower in a measurement (139k against 235k records/s), and its transactions span "
            "more partitions than there can be offset syncs in flight"
        )
    return tuple(_choice(settings, key, kafka_default("source", key) or "", why) for key, why in left.items())
