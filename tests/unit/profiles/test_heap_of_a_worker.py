"""A profile that needs more heap than a worker has is said before it is deployed."""

from __future__ import annotations

from typing import Any

import pytest

from settings.profiles.heap import MIB, heap
from tests.unit.settings.sample import settings


def test_too_little_heap_is_said_with_both_numbers_and_the_way_out() -> None:
    found = heap(settings(mirror__profile="wan", workers__jvm_options={"-Xmx": "256m"}))
    assert found.warning is not None
    assert "256 MiB" in found.warning
    assert f"{found.needed // MIB:,} MiB" in found.warning
    assert "workers.replicas" in found.warning


def test_heap_that_nobody_set_is_not_judged() -> None:
    found = heap(settings(mirror__profile="wan"))
    assert found.given is None
    assert found.warning is None


@pytest.mark.parametrize(
    ("workers", "given"),
    [
        ({"jvm_options": {"-Xmx": "2g"}}, 2048 * MIB),
        ({"jvm_options": {"-Xmx": "1024K"}}, MIB),
        ({"resources": {"limits": {"memory": "4Gi"}}}, 3072 * MIB),
        ({"resources": {"requests": {"memory": "1000M"}}}, 750_000_000),
        ({"resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "2Gi"}}}, 1536 * MIB),
        ({"resources": {"limits": {"memory": "4Gi"}}, "jvm_options": {"-Xmx": "1g"}}, 1024 * MIB),
        (
            {"resources": {"limits": {"memory": "4Gi"}}, "jvm_options": {"-XX": {"MaxRAMPercentage": "50"}}},
            2048 * MIB,
        ),
        ({"resources": {"limits": {"cpu": "2"}}}, None),
    ],
)
def test_heap_is_what_strimzi_makes_of_the_settings(workers: dict[str, Any], given: int | None) -> None:
    assert heap(settings(**{f"workers__{key}": value for key, value in workers.items()})).given == given


def test_balanced_needs_what_was_measured_after_load() -> None:
    assert 440 * MIB < heap(settings()).needed < 700 * MIB


def test_more_workers_share_the_tasks_but_one_may_be_lost() -> None:
    two, one = heap(settings(workers__replicas=2)), heap(settings(workers__replicas=1))
    assert two.needed == one.needed
    assert heap(settings(workers__replicas=5)).tasks == 1


def test_overrides_count() -> None:
    more = settings(mirror__config={"source_connector": {"producer.override.buffer.memory": "1073741824"}})
    assert heap(more).needed > heap(settings()).needed + 2**30
