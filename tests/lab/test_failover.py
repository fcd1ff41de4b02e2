"""The command failover on a real mirror whose source is killed whole under load.

The producer counts the records that the source acknowledged: the report must not count fewer missing records
than there are.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from lab.layout import NAMESPACE
from manifests.monitoring.metrics import SOURCE_SILENT
from mirror.clients.source_look import SOURCE_SECONDS
from mirror.exporter.last_look import LastLookThread
from tests.lab.support import kafka
from tests.lab.support.command import Ran, run
from tests.lab.support.lab import KafkaUser, Regions
from tests.lab.support.outage import dead
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.traffic import Traffic

READ = 7


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    with own_mirror(regions, "failover") as made:
        kafka.create_topic(regions.kafka("east"), made.topic())
        made.produce(*(f"old {number}" for number in range(20)))
        kafka.commit(regions.kafka("east"), group(made), made.topic(), READ)
        made.stack.up().ok()
        try:
            yield made
        finally:
            kafka.delete_group(regions.kafka("west"), group(made))


def group(mirror: OwnMirror) -> str:
    return f"{mirror.name}-readers"


def command(mirror: OwnMirror, *arguments: str) -> list[str]:
    file = str(mirror.stack.file)
    return [sys.executable, "-m", "mirror", *arguments, "--config-file", file, "-o", "json"]


def failover(mirror: OwnMirror, *arguments: str) -> Ran:
    argv = command(mirror, "failover", *arguments)
    return run(argv, cwd=mirror.stack.project, env=mirror.stack.environment)


@contextmanager
def watched(mirror: OwnMirror) -> Iterator[None]:
    """Somebody watches the mirror, which keeps a last look that is some seconds old at most."""
    with subprocess.Popen(
        command(mirror, "status", "--watch", "5"),
        cwd=mirror.stack.project,
        env=dict(mirror.stack.environment),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for _ in range(4):  # the rate of the traffic is known from two looks that are kept
            assert json.loads(process.stdout.readline())["verdict"] != "unknown"
        try:
            yield
        finally:
            process.send_signal(signal.SIGKILL)


def steps(ran: Ran) -> dict[str, dict[str, Any]]:
    return {one["step"]: one for one in json.loads(ran.stdout)["steps"]}


def silence(mirror: OwnMirror) -> object:
    """What an exporter tells alert MirrorSourceSilent of the source, after one look."""
    (settings,) = mirror.stack.settings()
    looking = LastLookThread(settings, mirror.stack.project, print)
    try:
        looking.look()
        return looking.samples().get(SOURCE_SILENT)
    finally:
        looking.stop()


def test_a_healthy_source_is_refused(mirror: OwnMirror) -> None:
    assert silence(mirror) == {(): 0}
    ran = failover(mirror, "--dry-run")
    assert ran.code == 1
    assert steps(ran)["look-at-source"]["state"] == "blocked"
    assert "--source-is-alive" in steps(ran)["look-at-source"]["remedy"]


def test_a_dead_source_is_left_behind_and_stays_behind(
    mirror: OwnMirror, regions: Regions, tmp_path: Any
) -> None:
    west, traffic = regions.kafka("west"), Traffic(regions.kafka("east"), mirror.topic())
    report = tmp_path / "incident.json"
    with ExitStack() as outage:
        traffic.start()
        with watched(mirror):
            traffic.some_more()
            outage.enter_context(dead(regions, "east"))
        accepted = 20 + traffic.cut()
        assert silence(mirror) == {(): 1}
        rehearsed = failover(mirror, "--dry-run").ok()
        assert steps(rehearsed)["look-at-source"]["state"] == "done"
        assert steps(rehearsed)["stop-mirror"]["state"] == "todo"
        assert json.loads(rehearsed.stdout)["source_look"]["seconds"] < SOURCE_SECONDS
        moved = failover(mirror, "--yes", "--report", str(report)).ok()
        events = [one for one in map(json.loads, moved.stdout.splitlines()) if one["event"] == "done"]
        done = {one["step"]: one["text"] for one in events}
        assert list(done)[-2:] == ["promote", "confirm-stop"], (
            "clients go on before Connect confirms the stop"
        )
        assert done["stop-mirror"].startswith("the mirror may not write to its topics any more")
        own = regions.kubernetes("west").get(KafkaUser, mirror.name, namespace=NAMESPACE)
        assert not [acl for acl in own.spec["authorization"]["acls"] if acl.get("type") == "deny"]

        there = mirror.copied()
        found = json.loads(report.read_text())
        really = accepted - len(there)
        assert found["missing"]["missing_at_most_estimate"] >= really, found["missing"]["text"]
        [row] = found["missing"]["partitions"]
        assert row["last_mirrored_source_offset"] is not None
        placed = found["groups"][group(mirror)]
        assert placed["state"] == "kept"

        offset = kafka.committed(west, group(mirror), mirror.copy())
        unread = kafka.read(west, mirror.copy(), start=offset)
        reads_again = READ - int((unread[0].value or b"").removeprefix(b"old "))
        assert 0 <= reads_again <= placed["rereads_at_most"]
        kafka.produce(west, mirror.copy(), ["written on west"])
        assert "nothing to do" in failover(mirror, "--yes").ok().stdout
        mirror.stack.configure(lambda config: config["mirror"].update(phase="promoted"))
        mirror.stack.up().ok()

    mirror.produce("written on east, too late")
    copied = len(mirror.copied())
    mirror.stack.up().ok()
    assert len(mirror.copied()) == copied == len(there) + 1, "the mirror must not start again"
    states = {
        one["name"]: one["connector"]["state"]
        for one in regions.mirror_resource(mirror.name).status["connectors"]
    }
    assert set(states.values()) == {"STOPPED"}
    assert "promoted" in failover(mirror, "status").ok().stdout
