"""A source with Kafka 3.9 and a target with Kafka 4: topics that the target refuses are named before they are
mirrored and while they stall others, and every command works.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.outside import Source
from mirror.clients.config_values import config_values
from tests.lab.support import kafka
from tests.lab.support.admin_login import written
from tests.lab.support.command import Ran, run
from tests.lab.support.lab import Regions
from tests.lab.support.mirrors import Sections, cluster, deployed, flow, given, outside
from tests.lab.support.sources import running
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

NAME = "older-source"
REFUSED = {
    "claims-small": ("segment.bytes", "524288"),
    "claims-format": ("message.format.version", "3.0-IV1"),
    "claims-convert": ("message.downconversion.enable", "false"),
}
"""Topics with a property that Kafka 4 does not take."""
TAKEN = {
    "claims-clock": ("message.timestamp.difference.max.ms", "86400000"),
    "claims-short": ("segment.ms", "1000"),
}
"""MM2 leaves the first one out by itself; Kafka 4 takes the other."""
EXCLUDED = sorted(name for name, _ in REFUSED.values())
GROUP = "claims-readers"


@pytest.fixture(scope="module")
def older(regions: Regions, aloud: Callable[..., None]) -> Iterator[Source]:
    """Kafka 3.9 with topics of many years."""
    aloud(sys.executable, "-m", "lab.toolchain", "older-kafka", env=regions.pulumi_environment())
    with running(regions, "older") as source:
        config = regions.kafka("older")
        for topic, (name, value) in (REFUSED | TAKEN).items():
            kafka.create_topic(config, topic)
            kafka.configure(config, topic, name, value)
            if not any(kafka.contents(config, topic)):
                kafka.produce(config, topic, [f"{topic} {number}" for number in range(20)])
        # A lab that was kept has what the last run left.
        kafka.configure(config, "claims-small", "retention.ms", None)
        for topic in ("claims-late", "claims-early"):
            kafka.delete_topic(config, topic)
        yield source


def sections(source: Source, name: str, *excluded: str) -> Sections:
    more = {"groups": ["claims-.*"], "replication_policy": "default", "topic_configs_exclude": list(excluded)}
    return {
        "source": outside(source, "scram-sha-512"),
        "target": cluster("west"),
        "mirror": flow(name, "claims.*", **more),
    }


def secrets(source: Source) -> dict[str, str]:
    return {f"source.credentials.{key}": value for key, value in given(source).items()}


@pytest.fixture(scope="module")
def stack(regions: Regions, older: Source) -> Iterator[Stack]:
    with deployed(regions, NAME, sections(older, NAME, *EXCLUDED), secrets(older)) as made:
        yield made


def command(stack: Stack, *arguments: str) -> Ran:
    argv = [sys.executable, "-m", "mirror", *arguments, "--config-file", str(stack.file)]
    return run(argv, cwd=stack.project, env=stack.environment)


def checks(stack: Stack) -> dict[str, Any]:
    ran = stack.verify("--json")
    assert ran.code in (0, 1), ran.output
    return {check["name"]: check for check in json.loads(ran.stdout)["checks"]}


def test_a_preview_names_what_the_target_would_refuse(regions: Regions, older: Source) -> None:
    name = f"{NAME}-planned"
    planned = Stack.create(regions.lab.root / name, regions.lab.root, name, regions.pulumi_environment())

    def only(config: dict[str, Any]) -> None:
        config.clear()
        config.update({"workers": {"replicas": 1}, **sections(older, name)})

    planned.configure(only)
    for path, value in secrets(older).items():
        planned.keep_secret(path, value)
    said = " ".join(planned.preview().ok().output.split())
    for topic, (prop, value) in REFUSED.items():
        assert f"would refuse to create {topic} ({prop}={value}: " in said
        assert f"add {prop} to `mirror.topic_configs_exclude`" in said
    for topic in TAKEN:
        assert f"would refuse to create {topic}" not in said


def test_every_topic_arrives_without_the_refused_properties(stack: Stack, regions: Regions) -> None:
    for topic in (*REFUSED, *TAKEN, "claims"):
        original = kafka.contents(regions.kafka("older"), topic)
        kafka.arrived(regions.kafka("west"), f"older.{topic}", original)
    assert checks(stack)["topic-configs-match"]["passed"]


@pytest.mark.parametrize(
    "arguments",
    [("status",), ("audit",), ("offsets", "export")],
    ids=lambda arguments: arguments[0],
)
def test_commands_work(stack: Stack, arguments: tuple[str, ...]) -> None:
    command(stack, *arguments).ok()


def test_groups_are_translated(stack: Stack) -> None:
    facts = checks(stack)["groups-translated"]
    assert facts["passed"]
    assert GROUP in facts["facts"]["groups"]


def test_moves_are_rehearsed(stack: Stack, regions: Regions, tmp_path: Path) -> None:
    admin = written(regions.kafka("older"), tmp_path)
    options = ("--source-admin-config", admin, "--accept-unfenced", "super.users")
    command(stack, "cutover", "--dry-run", *options).ok()
    command(stack, "failover", "--dry-run", "--source-is-alive").ok()


def test_a_refused_change_keeps_the_others_from_being_made(stack: Stack, regions: Regions) -> None:
    older = regions.kafka("older")

    def with_segments(config: dict[str, Any]) -> None:
        config["mirror"]["topic_configs_exclude"] = [one for one in EXCLUDED if one != "segment.bytes"]
        config["verification"] = {"deadline_seconds": 5, "max_lag_seconds": 5}

    stack.configure(with_segments)
    ran = stack.up()
    assert ran.code != 0
    assert "claims-small: the target refuses segment.bytes=524288" in " ".join(ran.output.split())
    kafka.configure(older, "claims-small", "retention.ms", "86400000")
    first, second = until("both findings", lambda: two(checks(stack)["topic-configs-match"]), seconds=30)
    assert "the target refuses segment.bytes=524288" in first["message"]
    assert second["message"].startswith("retention.ms is 604800000 on the target")
    assert "add segment.bytes to `mirror.topic_configs_exclude`" in first["remedy"]
    assert first["remedy"] == second["remedy"]


def two(check: dict[str, Any]) -> list[dict[str, Any]]:
    return check["findings"] if len(check["findings"]) == 2 else []


def test_a_refused_topic_stalls_the_others_and_is_named(stack: Stack, regions: Regions) -> None:
    """As the test before has left the mirror: it copies `segment.bytes`."""
    older, west = regions.kafka("older"), regions.kafka("west")
    kafka.create_topic(older, "claims-late")
    kafka.configure(older, "claims-late", "segment.bytes", "524288")
    kafka.produce(older, "claims-late", ["late"])

    def stalled() -> str:
        kafka.produce(older, "claims", ["after the refused topic"])
        found = checks(stack)
        assert found["connectors-running"]["passed"]
        named = [one for one in found["topics-present"]["findings"] if one["subject"] == "claims-late"]
        return named[0]["message"] if named and "are late" in named[0]["message"] else ""

    said = until("a stall that is named", stalled, seconds=120, every=2)
    assert "a topic that the target refuses to create stalls every topic of its task" in said
    assert "The target refuses segment.bytes=524288: Kafka 4.0 and newer require at least 1048576" in said
    assert "older.claims-late" not in kafka.topics(west)

    def without_segments(config: dict[str, Any]) -> None:
        config["mirror"]["topic_configs_exclude"] = EXCLUDED
        del config["verification"]

    stack.configure(without_segments)
    stack.up().ok()
    for topic in ("claims", "claims-late"):
        kafka.arrived(west, f"older.{topic}", kafka.contents(older, topic))


def test_a_timestamp_of_the_future_fails_the_task_and_is_named(stack: Stack, regions: Regions) -> None:
    """Kafka 3.9 takes any; Kafka 4 takes those of the next hour (KIP-1030)."""
    older, west = regions.kafka("older"), regions.kafka("west")
    kafka.create_topic(older, "claims-early")
    kafka.produce_at(older, "claims-early", "early", int(time.time() * 1000) + 7_200_000)

    def why() -> str:
        findings = checks(stack)["connectors-running"]["findings"]
        return next((one["remedy"] for one in findings if "timestamps" in one["remedy"]), "")

    assert "for the future `log.message.timestamp.after.max.ms`" in until("a failed task", why, seconds=60)
    # MM2 copies the limit of a topic. Its default excludes name the brokers' property.
    limit = str(2**63 - 1)
    kafka.configure(older, "claims-early", "message.timestamp.after.max.ms", limit)

    def copied() -> bool:
        there = config_values(kafka.administrator(west), ["older.claims-early"])["older.claims-early"]
        return isinstance(there, Mapping) and there["message.timestamp.after.max.ms"].value == limit

    until("the limit on the copy", copied, seconds=60)
