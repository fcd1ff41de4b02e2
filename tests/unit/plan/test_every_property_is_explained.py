"""Nothing is rendered without a reason, and what the stack file says itself wins and is said to."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from manifests.strimzi.connectors import (
    checkpoint_connector_config,
    source_connector_config,
    worker_config,
)
from mirror.plan.explain.render import markdown, render
from mirror.plan.explain.rows import ExplainedProperty, Explanation, explain_mirror
from settings.profiles import kafka_default
from tests.unit.settings.sample import settings

EVERYTHING: dict[str, Any] = {"mirror__topic_configs_exclude": ["retention.*"]}


def row(found: Explanation, section: str, key: str) -> ExplainedProperty:
    (one,) = [row for row in found.rows if (row.section, row.key) == (section, key)]
    return one


@pytest.mark.parametrize("profile", ["balanced", "throughput", "low-latency", "wan"])
@pytest.mark.parametrize("exactly_once", [True, False])
def test_all_that_is_rendered_has_a_reason(profile: str, exactly_once: bool) -> None:
    given = settings(mirror__profile=profile, mirror__exactly_once=exactly_once, **EVERYTHING)
    found = explain_mirror(given)
    for section, config in (
        ("workers", worker_config(given)),
        ("source connector", source_connector_config(given)),
        ("checkpoint connector", checkpoint_connector_config(given)),
    ):
        for key, value in config.items():
            one = row(found, section, key)
            assert one.value == value
            assert one.origin != "region-mirror", f"{key} needs its reason in mirror/plan/explain/reasons.py"


def test_all_that_is_rendered_has_kafkas_default_beside_it() -> None:
    assert not [one.key for one in explain_mirror(settings(**EVERYTHING)).rows if one.kafka_default is None]


def test_the_tasks_of_both_connectors_are_explained() -> None:
    found = explain_mirror(settings(mirror__tasks_max=3, mirror__checkpoint_tasks_max=2))
    assert row(found, "source connector", "tasks.max").origin == "mirror.tasks_max"
    assert row(found, "checkpoint connector", "tasks.max").value == "2"


def test_an_override_wins_and_names_what_it_replaces() -> None:
    config = {"source_connector": {"producer.override.linger.ms": "7"}, "worker": {"session.timeout.ms": "9"}}
    found = explain_mirror(settings(mirror__config=config))
    one = row(found, "source connector", "producer.override.linger.ms")
    assert (one.value, one.kafka_default, one.origin) == ("7", "5", "mirror.config.source_connector")
    assert "instead of 20" in one.reason
    assert row(found, "workers", "session.timeout.ms").origin == "mirror.config.worker"


def test_what_an_override_sets_is_not_called_left_to_kafka() -> None:
    key = "producer.override.compression.type"
    found = explain_mirror(settings(mirror__config={"source_connector": {key: "zstd"}}))
    assert key not in [one.key for one in found.left]
    assert row(found, "source connector", key).kafka_default == "none"


def test_a_worker_too_small_is_warned_of() -> None:
    found = explain_mirror(settings(mirror__profile="wan", workers__jvm_options={"-Xmx": "256m"}))
    assert [warning for warning in found.warnings if "256 MiB" in warning]


def test_a_long_way_without_the_profile_for_it_is_warned_of() -> None:
    assert not explain_mirror(settings(mirror__profile="wan", mirror__expected_round_trip_ms=90)).warnings
    assert "profile wan" in explain_mirror(settings(mirror__expected_round_trip_ms=90)).warnings[0]


def test_what_breaks_a_permitted_rule_is_warned_of() -> None:
    key = "producer.override.acks"
    given = settings(
        mirror__exactly_once=False,
        mirror__config={"source_connector": {key: "1"}},
        mirror__allow_data_loss=["acks-all"],
    )
    found = explain_mirror(given)
    assert row(found, "source connector", key).value == "1"
    assert [one for one in found.warnings if key in one and "allow_data_loss" in one]


def test_a_no_loss_rule_is_named_as_the_stack_file_would_name_it() -> None:
    key = "producer.override.acks"
    assert row(explain_mirror(settings()), "source connector", key).origin == "no-loss rule acks-all"


def test_the_table_shows_every_property_whole() -> None:
    page = io.StringIO()
    found = explain_mirror(settings())
    render(found, Console(file=page, width=160))
    assert not [one.key for one in found.rows if one.key not in page.getvalue()]


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_narrow_terminal_shows_every_reason_in_whole_words(width: int) -> None:
    page = io.StringIO()
    found = explain_mirror(settings())
    render(found, Console(file=page, width=width))
    said = page.getvalue()
    assert max(map(len, said.splitlines())) <= width
    words = " ".join(said.split())
    for one in found.rows:
        assert one.key in words
        if not any(len(word) > width - 4 for word in one.reason.split()):
            assert " ".join(f"{one.origin}: {one.reason}".split()) in words
    assert len(said.splitlines()) < 6 * (len(found.rows) + len(found.left))


def test_connects_own_defaults_are_the_ones_shown() -> None:
    key = "producer.override.enable.idempotence"
    assert kafka_default("source", key, exactly_once=True) == "true"
    assert kafka_default("source", key, exactly_once=False) == "false"
    assert kafka_default("source", "producer.override.max.in.flight.requests.per.connection") == "1"
    assert kafka_default("source", "source.consumer.auto.offset.reset") == "earliest"


def test_markdown_is_one_table_without_a_broken_cell() -> None:
    text = markdown(explain_mirror(settings(mirror__topics=["a|b", "c"])))
    assert "`a\\|b,c`" in text
    assert (
        len({line.replace("\\|", "").count("|") for line in text.splitlines() if line.startswith("|")}) == 1
    )
