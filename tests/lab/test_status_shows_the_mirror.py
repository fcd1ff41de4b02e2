"""What status shows is what is: flowing, throttled, stopped, a group that is active or past the end."""

from __future__ import annotations

import copy
import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.lab.support import kafka
from tests.lab.support.command import Ran, run
from tests.lab.support.lab import Regions
from tests.lab.support.scratch import scratch_topic
from tests.lab.support.stack import CHECKOUT, Stack
from tests.lab.support.wait import until

NAME = "east-to-west"
SCHEMA = Draft202012Validator(json.loads((CHECKOUT / "docs" / "status.schema.json").read_text()))
THROTTLED = 2_000
"""Bytes a second: a fraction of what production writes."""


def argv(mirror: Stack, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "mirror", "status", "--config-file", str(mirror.file), *arguments]


def status(mirror: Stack, *arguments: str) -> Ran:
    return run(argv(mirror, *arguments), cwd=mirror.project, env=mirror.environment)


def seen(mirror: Stack, *arguments: str) -> dict[str, Any]:
    """One look, as the schema describes it."""
    ran = status(mirror, "--json", *arguments)
    assert ran.code in (0, 1), ran.output
    found: dict[str, Any] = json.loads(ran.stdout)
    SCHEMA.validate(found)
    return found


def group_of(mirror: Stack, name: str) -> dict[str, Any]:
    found = seen(mirror, "--group", name)["groups"]
    return found[0] if found else {"trouble": "none"}


def test_a_proven_mirror_flows(proven: Stack, tmp_path: Path) -> None:
    until("a flowing mirror", lambda: seen(proven)["verdict"] == "flowing", seconds=120)
    found = seen(proven)
    assert {one["topic"] for one in found["topics"]} >= {"orders", "payments", "customers", "audit-log"}
    assert all(one["position"] is not None for one in found["partitions"] if one["topic"] == "orders")
    assert found["total"]["produced_per_second"] > 0
    assert found["total"]["mirrored_per_second"] > 0
    assert {one["group"] for one in found["groups"]} >= {"orders-fulfilment", "audit-review"}
    page = tmp_path / "status.html"
    text = status(proven, "--html", str(page)).stdout
    assert "east-to-west: east -> west" in text
    assert "orders" in text
    assert "east-to-west" in page.read_text()


def test_what_a_group_reads_again_is_not_less_than_what_is_proven(proven: Stack) -> None:
    """Both groups stand still, on a topic that nobody writes to."""
    report = json.loads(proven.verify("--json", "--check", "groups-translated").stdout)
    totals = report["checks"][0]["facts"]["rereads"]
    for group in ("audit-review", "audit-archive"):
        row = group_of(proven, group)
        assert row["rereads"] >= totals[group]["records"], (row, totals[group])
        assert row["trouble"] == ("behind" if row["rereads"] else "exact")


def test_a_throttled_mirror_is_behind(proven: Stack, regions: Regions) -> None:
    kept = proven.file.read_text()
    proven.configure(lambda config: config["verification"].update(max_lag_seconds=5))
    regions.patch_user("west", NAME, {"quotas": {"producerByteRate": THROTTLED}})
    try:
        until("a late mirror", lambda: seen(proven)["verdict"] in ("behind", "stuck"), seconds=180)
        late = seen(proven)
        assert late["total"]["records_behind"] > 0
        assert late["partitions"][0]["seconds_behind"] > 5
        assert status(proven).code == 1
    finally:
        regions.patch_user("west", NAME, {"quotas": None})
        proven.file.write_text(kept)


def test_a_stopped_connector_is_said(proven: Stack, regions: Regions) -> None:
    declared = regions.mirror_resource(NAME).spec["mirrors"]
    stopped = copy.deepcopy(declared)
    stopped[0]["sourceConnector"]["state"] = "stopped"
    regions.patch_mirror(NAME, {"mirrors": stopped})
    try:
        until("a halted mirror", lambda: seen(proven)["verdict"] == "halted", seconds=120)
        found = seen(proven)
        assert any("STOPPED" in fault["message"] for fault in found["faults"])
        assert all(fault["remedy"] for fault in found["faults"])
    finally:
        regions.patch_mirror(NAME, {"mirrors": declared})


def test_groups_that_could_not_move(proven: Stack, regions: Regions) -> None:
    with scratch_topic(regions, records=20) as topic:
        group = f"{topic.topic}-readers"
        kafka.commit(regions.kafka("east"), group, topic.topic, 20)
        try:
            until("its translation", lambda: group_of(proven, group)["trouble"] == "exact", seconds=120)
            with kafka.member(regions.kafka("west"), group, topic.topic):
                until("blocked", lambda: group_of(proven, group)["trouble"] == "blocked", seconds=60)
            until("free again", lambda: group_of(proven, group)["trouble"] == "exact", seconds=120)
            kafka.commit(regions.kafka("west"), group, topic.topic, 10_000)
            until("past the end", lambda: group_of(proven, group)["trouble"] == "past-end", seconds=60)
        finally:
            kafka.delete_group(regions.kafka("east"), group)
            kafka.delete_group(regions.kafka("west"), group)


def test_a_watch_survives_a_broker_that_restarts(proven: Stack, regions: Regions) -> None:
    watching = subprocess.Popen(
        argv(proven, "--json", "--watch", "2"),
        cwd=proven.project,
        env=dict(proven.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background job ignores Ctrl-C, and so would this one if the tests run in one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    lines: list[dict[str, Any]] = []

    def read() -> None:
        assert watching.stdout is not None
        lines.extend(json.loads(line) for line in watching.stdout)

    reading = threading.Thread(target=read)
    reading.start()
    try:
        until("a first look", lambda: lines, seconds=120)
        with regions.frozen("west-kafka"):
            until(
                "a look that says why",
                lambda: any(line["problems"] or line["verdict"] == "unknown" for line in list(lines)),
                seconds=180,
            )
        regions.kill("west-kafka")
        count = len(lines)
        until(
            "it to flow again",
            lambda: any(line["verdict"] == "flowing" for line in list(lines)[count:]),
            seconds=300,
        )
    finally:
        watching.send_signal(signal.SIGINT)
        try:
            watching.wait(60)
        finally:
            watching.kill()
            reading.join()
    assert watching.returncode == 130, watching.stderr.read() if watching.stderr else ""
    for line in lines:
        SCHEMA.validate(line)
