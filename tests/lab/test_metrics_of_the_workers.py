"""`workers.metrics`: in real workers Strimzi's reporter and the JMX exporter give every metric that the stack
asks them for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from lab import processes
from lab.operator.mirror_maker2.workers import METRICS_PORT
from manifests.strimzi.metrics import REPORTED
from tests.lab.support import kafka
from tests.lab.support.lab import Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until

SERIES = re.compile(r"^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
RECORDS = 30
RENAMED = (
    "kafka_connect_mirror_mirrorsourceconnector_record_age_ms",
    "kafka_connect_mirror_mirrorcheckpointconnector_checkpoint_latency_ms",
    "kafka_connect_connector_status",
    "kafka_connect_connector_task_offset_commit_success_percentage",
    "kafka_connect_source_task_source_record_active_count",
    "kafka_connect_task_error_total_record_errors",
    "kafka_connect_worker_connector_count",
    "kafka_connect_worker_rebalance_completed_rebalances_total",
    "kafka_connect_coordinator_assigned_connectors",
    "kafka_consumer_fetch_manager_records_lag",
    "kafka_consumer_fetch_manager_records_consumed_total",
    "kafka_producer_topic_record_send_total",
    "kafka_producer_record_send_total",
)
"""What the rules for the JMX exporter make of an attribute of each MBean."""


@pytest.fixture(scope="module", params=["strimzi-reporter", "jmx-exporter"])
def mirror(request: pytest.FixtureRequest, regions: Regions) -> Iterator[OwnMirror]:
    def reports(config: dict[str, Any]) -> None:
        config["workers"]["metrics"] = request.param
        config["mirror"]["emit_checkpoints_interval_seconds"] = 2
        config["verification"]["deadline_seconds"] = 900

    with own_mirror(regions, request.param, reports) as made:
        kafka.create_topic(regions.kafka("east"), made.topic())
        made.produce(*(str(number) for number in range(RECORDS)))
        kafka.commit(regions.kafka("east"), f"{made.name}-readers", made.topic(), RECORDS)
        made.stack.up().ok()
        yield made
        for region in ("east", "west"):
            kafka.delete_group(regions.kafka(region), f"{made.name}-readers")


def scraped(mirror: OwnMirror) -> str:
    """What the mirror's only worker answers to Prometheus."""
    declared = processes.declared(mirror.regions.lab)
    (port,) = (
        spec.env[METRICS_PORT]
        for name, spec in declared.items()
        if METRICS_PORT in spec.env and mirror.name in name
    )
    url = f"http://127.0.0.1:{port}/metrics"
    return httpx.get(url, timeout=30, trust_env=False).raise_for_status().text


def names(text: str) -> set[str]:
    return {name for name, _, _ in SERIES.findall(text)}


def asked(mirror: OwnMirror) -> tuple[str, ...]:
    """Regular expressions of names."""
    (settings,) = mirror.stack.settings()
    return REPORTED if settings.workers.metrics == "strimzi-reporter" else RENAMED


def test_every_metric_that_the_stack_asks_for_is_there(mirror: OwnMirror) -> None:
    def absent() -> list[str]:
        there = names(scraped(mirror))
        return [one for one in asked(mirror) if not any(re.fullmatch(one, name) for name in there)]

    until("every metric", lambda: not absent(), seconds=60)


def test_the_records_of_each_partition_are_counted(mirror: OwnMirror) -> None:
    def counted() -> float:
        return sum(
            float(value)
            for name, labels, value in SERIES.findall(scraped(mirror))
            if name == "kafka_connect_mirror_mirrorsourceconnector_record_count"
            and f'topic="{mirror.copy()}"' in labels
        )

    until("the mirrored records", lambda: counted() == RECORDS, seconds=60)
