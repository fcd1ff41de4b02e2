"""Whatever is known of a mirror, its profile's values fit together and follow what they come from."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.model import Settings
from settings.profiles import kafka_default, tuning
from tests.unit.settings.sample import settings

PROFILES = ("balanced", "throughput", "low-latency", "wan")
partitions = st.one_of(st.none(), st.integers(1, 1_000_000))
record_bytes = st.one_of(st.none(), st.integers(1, 2**30))
round_trips = st.one_of(st.none(), st.integers(0, 60_000))
kinds = st.fixed_dictionaries(
    {"mirror__profile": st.sampled_from(PROFILES), "mirror__exactly_once": st.booleans()}
)


def values(given: Settings) -> dict[str, int]:
    """Every value of the source connector that a profile sets, and Kafka's where it sets none."""
    names = [f"producer.override.{key}" for key in ("linger.ms", "batch.size", "buffer.memory")]
    names += ["producer.override.max.request.size", "producer.override.request.timeout.ms"]
    names += [f"source.consumer.{key}" for key in ("max.poll.records", "max.partition.fetch.bytes")]
    names += [f"source.consumer.{key}" for key in ("fetch.max.wait.ms", "request.timeout.ms")]
    names += ["source.consumer.fetch.min.bytes", "source.consumer.fetch.max.bytes"]
    defaults = {name: kafka_default("source", name) for name in names}
    return {key: int(value) for key, value in {**defaults, **tuning(given).source_connector}.items() if value}


@given(kinds, partitions, record_bytes, round_trips)
def test_values_fit_together(
    kind: dict[str, Any], count: int | None, size: int | None, trip: int | None
) -> None:
    drawn = settings(
        **kind,
        mirror__expected_partitions=count,
        mirror__expected_record_bytes=size,
        mirror__expected_round_trip_ms=trip,
    )
    found, tasks = values(drawn), tuning(drawn).tasks_max
    producer, consumer = "producer.override.", "source.consumer."
    assert 1 <= tasks <= (count or 256)
    assert found[producer + "linger.ms"] < found[producer + "request.timeout.ms"]
    batch, request = found[producer + "batch.size"], found[producer + "max.request.size"]
    assert 16_384 <= batch <= request <= found[producer + "buffer.memory"]
    assert request >= min(2**31 - 1, (size or 0) + 1024), "a usual record fits"
    share = -(-(count or 1) // tasks)
    assert batch * share <= found[producer + "buffer.memory"]
    assert found[consumer + "fetch.min.bytes"] <= found[consumer + "max.partition.fetch.bytes"]
    assert found[consumer + "max.partition.fetch.bytes"] <= found[consumer + "fetch.max.bytes"]
    assert found[consumer + "fetch.max.wait.ms"] < found[consumer + "request.timeout.ms"]
    polled = found[consumer + "max.poll.records"]
    assert polled >= 1
    assert drawn.mirror.offset_lag_max >= polled, "a partition's first sync outlives a transaction"


@given(kinds, partitions, record_bytes, round_trips)
def test_a_transactions_poll_comes_from_few_partitions(
    kind: dict[str, Any], count: int | None, size: int | None, trip: int | None
) -> None:
    drawn = settings(
        mirror__profile=kind["mirror__profile"],
        mirror__expected_partitions=count,
        mirror__expected_record_bytes=size,
        mirror__expected_round_trip_ms=trip,
    )
    found = values(drawn)
    polled = found["source.consumer.max.poll.records"] * (size or 1024)
    fetched = found["source.consumer.max.partition.fetch.bytes"]
    assert polled <= fetched or found["source.consumer.max.poll.records"] == 1


@given(kinds, st.integers(1, 900_000), st.integers(1, 100_000))
def test_more_partitions_never_mean_fewer_tasks_or_larger_batches(
    kind: dict[str, Any], count: int, more: int
) -> None:
    few = settings(**kind, mirror__expected_partitions=count)
    many = settings(**kind, mirror__expected_partitions=count + more)
    assert tuning(few).tasks_max <= tuning(many).tasks_max
    assert values(few)["producer.override.batch.size"] >= values(many)["producer.override.batch.size"]


@given(kinds, st.integers(1, 2**29), st.integers(1, 2**29))
def test_larger_records_never_mean_longer_polls_or_smaller_requests(
    kind: dict[str, Any], size: int, more: int
) -> None:
    small, large = (
        values(settings(**kind, mirror__expected_record_bytes=bytes_)) for bytes_ in (size, size + more)
    )
    assert small["source.consumer.max.poll.records"] >= large["source.consumer.max.poll.records"]
    for key in ("max.request.size", "buffer.memory"):
        assert small[f"producer.override.{key}"] <= large[f"producer.override.{key}"]


@given(st.booleans(), st.integers(0, 30_000), st.integers(1, 30_000))
def test_a_longer_way_never_means_fewer_connections_or_smaller_fetches(
    exactly_once: bool, trip: int, more: int
) -> None:
    near, far = (
        settings(mirror__profile="wan", mirror__exactly_once=exactly_once, mirror__expected_round_trip_ms=one)
        for one in (trip, trip + more)
    )
    assert tuning(near).tasks_max <= tuning(far).tasks_max
    key = "source.consumer.max.partition.fetch.bytes"
    assert values(near)[key] <= values(far)[key]


@given(kinds, partitions, record_bytes, round_trips)
def test_no_profile_touches_what_keeps_records_safe(
    kind: dict[str, Any], count: int | None, size: int | None, trip: int | None
) -> None:
    tuned = tuning(
        settings(
            **kind,
            mirror__expected_partitions=count,
            mirror__expected_record_bytes=size,
            mirror__expected_round_trip_ms=trip,
        )
    )
    safe: tuple[str, ...] = ("acks",)
    safe += ("idempotence", "in.flight", "delivery.timeout", "retries", "isolation", "exactly.once")
    safe += ("transaction", "errors.", "auto.offset.reset", "offset.lag.max", "enable.auto.commit")
    rendered = {**tuned.source_connector, **tuned.worker, **tuned.checkpoint_connector}
    assert not [key for key in rendered for word in safe if word in key]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_value_has_its_reason_and_kafkas_default(profile: str) -> None:
    tuned = tuning(settings(mirror__profile=profile))
    for choice in (tuned.tasks, *tuned.source, *tuned.workers, *tuned.checkpoint, *tuned.left):
        assert choice.reason
        assert choice.kafka_default is not None


def test_no_profile_is_another() -> None:
    rendered = {
        (tuple(sorted(t.source_connector.items())), tuple(sorted(t.worker.items())), t.tasks_max)
        for t in (tuning(settings(mirror__profile=profile)) for profile in PROFILES)
    }
    assert len(rendered) == len(PROFILES)


def test_balanced_is_what_was_measured() -> None:
    tuned = tuning(settings())
    assert tuned.tasks_max == 4
    assert tuned.source_connector == {
        "producer.override.batch.size": "262144",
        "producer.override.linger.ms": "20",
        "producer.override.buffer.memory": "67108864",
        "producer.override.send.buffer.bytes": "-1",
        "source.consumer.max.poll.records": "1000",
        "source.consumer.receive.buffer.bytes": "-1",
    }
    assert tuned.worker == {
        "offset.flush.interval.ms": "5000",
        "offset.flush.timeout.ms": "10000",
        "scheduled.rebalance.max.delay.ms": "60000",
    }


def test_tasks_that_the_stack_sets_win() -> None:
    tuned = tuning(settings(mirror__tasks_max=7, mirror__expected_partitions=1000))
    assert tuned.tasks_max == 7
    assert tuned.tasks.setting == "mirror.tasks_max"


@pytest.mark.parametrize(
    ("profile", "limits", "replicas", "tasks"),
    [
        ("balanced", {}, 2, 4),
        ("balanced", {"memory": "2Gi"}, 2, 4),
        ("balanced", {"cpu": 1}, 2, 2),
        ("balanced", {"cpu": "1500m"}, 2, 3),
        ("balanced", {"cpu": "250m"}, 1, 1),
        ("balanced", {"cpu": "8"}, 2, 4),
        ("throughput", {"cpu": "2"}, 3, 6),
        ("low-latency", {"cpu": "2"}, 3, 6),
        ("wan", {"cpu": "1"}, 1, 8),
    ],
)
def test_no_more_tasks_than_cores_unless_connections_are_needed(
    profile: str, limits: dict[str, object], replicas: int, tasks: int
) -> None:
    given = settings(
        mirror__profile=profile, workers__resources={"limits": limits}, workers__replicas=replicas
    )
    assert tuning(given).tasks_max == tasks
    assert ("cores" in tuning(given).tasks.reason) == (
        profile != "wan" and tasks != tuning(settings(mirror__profile=profile)).tasks_max
    )


def test_many_partitions_need_more_tasks_than_cores() -> None:
    given = settings(mirror__expected_partitions=1000, workers__resources={"limits": {"cpu": "1"}})
    assert tuning(given).tasks_max == 20


def test_large_records_fit_into_a_request() -> None:
    found = values(settings(mirror__expected_record_bytes=5_000_000))
    assert found["producer.override.max.request.size"] > 5_000_000
