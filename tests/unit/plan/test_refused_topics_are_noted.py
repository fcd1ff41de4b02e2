"""A plan names the topics that the target would refuse, before they stall their MM2 task."""

from __future__ import annotations

from dataclasses import replace

from mirror.clients.records import ConfigValue
from mirror.plan.assemble import plan_of
from mirror.plan.planned import DeployedResources
from mirror.plan.refused import refused_notes, refused_warnings
from mirror.verify.values.refused_topic import TargetBrokers
from tests.program.sample import estate
from tests.unit.plan.made_up import SOURCE
from tests.unit.settings.sample import settings

TIERED = {"remote.storage.enable": ConfigValue("true", 1)}
LARGE = {"max.message.bytes": ConfigValue("8388608", 1)}
KAFKA = {"spec": {"kafka": {}}, "status": {"kafkaVersion": "4.1.0"}}
TARGET = TargetBrokers.of_resource(KAFKA)


def test_a_refused_topic_is_noted_with_the_property_to_exclude() -> None:
    look = replace(SOURCE, configs={"orders": TIERED, "payments": TIERED})
    (note,) = refused_warnings(settings(), look, TARGET)
    assert note.startswith("west would refuse to create orders, payments (remote.storage.enable=true: ")
    assert "stalls every topic of its task, or, with auto.create.topics.enable" in note
    assert note.endswith(
        "also for cleanup.policy: add remote.storage.enable to `mirror.topic_configs_exclude` and deploy: "
        "MM2 then creates the topic without it"
    )
    there = estate(settings())
    there = replace(there, target=replace(there.target, kafka=KAFKA))
    plan = plan_of(settings(), there, DeployedResources(), look)
    assert note in plan.notes
    assert note in plan.warnings, "a preview cuts notes short"


def test_an_excluded_property_is_not_refused() -> None:
    look = replace(SOURCE, configs={"orders": TIERED})
    excluded = settings(mirror__topic_configs_exclude=["remote.storage.enable"])
    assert list(refused_warnings(excluded, look, TARGET)) == []


def test_large_records_are_noted_until_they_are_expected() -> None:
    look = replace(SOURCE, configs={f"orders{number}": LARGE for number in range(7)})
    (note,) = refused_notes(settings(), look, TARGET)
    assert "Records of topics orders0, orders1, orders2, orders3, orders4 and 2 more may fail" in note
    assert "may fail MM2's task by max.message.bytes" in note
    larger = settings(mirror__config={"source_connector": {"producer.override.max.request.size": "8388608"}})
    assert list(refused_notes(larger, look, TARGET)) == []


def test_a_request_size_that_a_provider_reads_stops_no_preview() -> None:
    look = replace(SOURCE, configs={"orders": LARGE})
    given = {"producer.override.max.request.size": "${env:REQUEST}"}
    (note,) = refused_notes(settings(mirror__config={"source_connector": given}), look, TARGET)
    assert "by max.message.bytes" in note


def test_nothing_is_noted_where_nothing_is_known() -> None:
    assert list(refused_notes(settings(), SOURCE, TargetBrokers())) == []
    assert list(refused_warnings(settings(), SOURCE, TargetBrokers())) == []
