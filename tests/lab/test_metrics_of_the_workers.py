"""`workers.metrics`: Strimzi's own reporter in real workers gives every metric that the stack asks it for."""

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


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    def reports(config: dict[str, Any]) -> None:
        config["workers"]["metrics"] = "strimzi-reporter"
        config["mirror"]["emit_checkpoints_interval_seconds"] = 2
        config["verification"]["deadline_seconds"] = 900

    with own_mirror(regions, "metrics", reports) as made:
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


def test_every_expression_of_the_stack_finds_a_metric(mirror: OwnMirror) -> None:
    def without() -> list[str]:
        there = names(scraped(mirror))
        return [one for one in REPORTED if not any(re.fullmatch(one, name) for name in there)]

    until("a metric for each expression", lambda: not without(), seconds=60)


def test_the_records_of_each_partition_are_counted(mirror: OwnMirror) -> None:
    def counted() -> float:
        return sum(
            float(value)
            for name, labels, value in SERIES.findall(scraped(mirror))
            if name == "kafka_connect_mirror_mirrorsourceconnector_record_count"
            and f'topic="{mirror.copy()}"' in labels
        )

    until("the mirrored records", lambda: counted() == RECORDS, seconds=60)


def test_nothing_else_is_reported(mirror: OwnMirror) -> None:
    """The reporter of the lab's workers is told what production's are: metrics cost memory and storage."""
    others = {
        name
        for name in names(scraped(mirror))
        if name.startswith("kafka_") and not any(re.fullmatch(one, name) for one in REPORTED)
    }
    assert others == set()
