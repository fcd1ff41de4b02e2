"""Keyed JSON of about 1 KB, with headers, tombstones and time that goes forward."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from lab.workload.records import HISTORY_MS, record
from lab.workload.roster import TOPICS, Topic

WRITTEN = [topic for topic in TOPICS if topic.history]


@pytest.mark.parametrize("name", ["orders", "payments", "customers", "audit-log"])
def test_values_are_json_of_about_one_kilobyte(name: str) -> None:
    values = [value for n in range(300) if (value := record(name, n).value) is not None]
    assert all(isinstance(json.loads(value), dict) for value in values)
    assert 700 < sum(map(len, values)) / len(values) < 1_100


@pytest.mark.parametrize("name", ["orders", "payments", "customers"])
def test_records_have_keys(name: str) -> None:
    assert all(record(name, n).key for n in range(100))


def test_only_the_compacted_topic_has_tombstones() -> None:
    tombstones = {
        topic.name: sum(record(topic.name, n).value is None for n in range(1_000)) for topic in WRITTEN
    }
    assert 80 < tombstones.pop("customers") < 160
    assert set(tombstones.values()) == {0}


def test_headers_hold_what_kafka_allows_and_a_mirror_could_lose() -> None:
    all_headers = [record("orders", n).headers for n in range(500)]
    assert all(dict(headers)["content-type"] == b"application/json" for headers in all_headers)
    assert any([name for name, _ in headers].count("retry-of") == 2 for headers in all_headers)
    assert any(("experiment", None) in headers for headers in all_headers)


@pytest.mark.parametrize("topic", WRITTEN, ids=lambda topic: topic.name)
def test_time_goes_forward_and_ends_with_the_history(topic: Topic) -> None:
    elapsed = [record(topic.name, n).elapsed_ms for n in range(topic.history)]
    assert all(earlier <= later for earlier, later in pairwise(elapsed))
    assert elapsed[0] >= 0
    assert HISTORY_MS * 0.99 < elapsed[-1] < HISTORY_MS
