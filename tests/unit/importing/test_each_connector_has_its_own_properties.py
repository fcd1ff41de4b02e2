"""A property that only another connector of MM2 reads is named as such: it has no effect.

14 of 21 public files of dedicated mode had one in the stack file or among the differences, with the advice to
move it to a setting that had its value already. Three public KafkaMirrorMaker2 have one in the wrong place.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from mirror.importing.convert import convert
from mirror.importing.differences import Difference
from mirror.importing.found import from_properties
from mirror.importing.imported import Imported
from mirror.importing.sections import Where
from settings.profiles import read_by_another
from tests.unit.importing.logins import MIRROR, TARGET

PROPERTIES = """\
clusters = east, west
east.bootstrap.servers = east:9092
west.bootstrap.servers = west:9093
east->west.enabled = true
"""
EACH = """\
replication.factor = 3
refresh.topics.interval.seconds = 45
emit.checkpoints.interval.seconds = 20
sync.group.offsets.interval.seconds = 50
emit.heartbeats.interval.seconds = 5
"""


def imported(text: str) -> Imported:
    return convert(from_properties(PROPERTIES + text, "f", "", ""), Where("west", "kafka", "tls"), "f")


def of_connectors(found: Imported) -> list[Difference]:
    return [one for one in found.differences if one.kind != "added" and "connector" in one.where]


def test_dedicated_mode_gives_each_property_to_all_and_the_stack_file_to_one() -> None:
    found = imported(EACH)
    mirror = found.sections["mirror"]
    assert mirror["replication_factor"] == 3
    assert mirror["refresh_topics_interval_seconds"] == 45
    assert mirror["emit_checkpoints_interval_seconds"] == 20
    assert mirror["sync_group_offsets_interval_seconds"] == 50
    assert "config" not in mirror
    assert of_connectors(found) == []
    (beats,) = [one for one in found.differences if "heartbeats.interval" in one.key]
    assert (beats.kind, beats.theirs, beats.ours) == ("not kept", "5", None)


@pytest.mark.parametrize("prefix", ["", "connectors.", "east->west.", "east->west.connectors."])
def test_what_only_heartbeats_read_is_named_wherever_it_is_written(prefix: str) -> None:
    """Neither connector that Strimzi runs reads it, so the resource has it nowhere else."""
    found = imported(f"{prefix}emit.heartbeats.enabled = true\n")
    assert "config" not in found.sections["mirror"]
    assert [(one.kind, one.key, one.theirs) for one in found.differences if "emit.heart" in one.key] == [
        ("not kept", f"dedicatedMode.{prefix}emit.heartbeats.enabled", "true")
    ]


@pytest.mark.parametrize("key", ["producer.linger.ms", "consumer.auto.offset.reset", "admin.retries"])
def test_a_property_that_dedicated_mode_ignores_does_not_come_into_effect(key: str) -> None:
    """`connectorBaseConfig` keeps a property of a client for a cluster or a flow only."""
    found = imported(f"{key} = 7\n")
    assert "config" not in found.sections["mirror"]
    assert [one.theirs for one in found.differences if one.key == f"dedicatedMode.{key}"] == ["7"]


def test_one_of_a_flow_does() -> None:
    found = imported("east->west.producer.compression.type = zstd\nconsumer.poll.timeout.ms = 1500\n")
    config = found.sections["mirror"]["config"]
    assert config["source_connector"]["producer.compression.type"] == "zstd"
    assert config["checkpoint_connector"]["consumer.poll.timeout.ms"] == "1500"


def of_resource(connector: str, **properties: Any) -> Imported:
    theirs = copy.deepcopy(MIRROR)
    (mirror,) = theirs["spec"]["mirrors"]
    config = mirror.setdefault(connector, {}).setdefault("config", {})
    config |= {key.replace("_", "."): value for key, value in properties.items()}
    return convert(theirs, TARGET, "test")


@pytest.mark.parametrize(
    ("connector", "key"),
    [
        ("sourceConnector", "refresh.groups.interval.seconds"),
        ("sourceConnector", "emit.checkpoints.enabled"),
        ("checkpointConnector", "replication.factor"),
        ("checkpointConnector", "heartbeats.topic.replication.factor"),
    ],
)
def test_one_of_another_connector_is_named_with_its_reason(connector: str, key: str) -> None:
    found = of_resource(connector, **{key.replace(".", "_"): 5})
    (one,) = [one for one in found.differences if one.key == key and one.theirs == "5"]
    assert (one.kind, one.ours) == ("not kept", None)
    assert one.why == "has no effect here: only another connector of MM2 reads it"


def test_a_number_that_the_setting_refuses_is_told_once_with_its_bounds() -> None:
    """Milliseconds in place of seconds, as in seven public mirrors. The advice was to move it to the setting,
    which refuses it."""
    found = of_resource("sourceConnector", refresh_topics_interval_seconds=600000)
    (one,) = [one for one in found.differences if "refresh" in one.key and one.theirs == "600000"]
    assert (one.where, one.kind) == ("source connector", "changed")
    assert one.why.startswith("must be from 1 to 86400")


def test_offset_syncs_are_of_both() -> None:
    """The checkpoint connector does not define the property, and refuses to run by it all the same."""
    assert not read_by_another("checkpoint", "emit.offset-syncs.enabled")
    assert not read_by_another("worker", "replication.factor")
