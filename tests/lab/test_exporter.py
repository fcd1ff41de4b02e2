"""The exporter shows a proven mirror as proven, a connector that stops within a look, and no secret."""

from __future__ import annotations

import copy
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client.parser import text_string_to_metric_families

from manifests.monitoring.metrics import METRICS
from mirror.verify.register import NAMES
from tests.lab.support.known_secrets import known_secrets, leaks
from tests.lab.support.lab import Regions
from tests.lab.support.scrape import PASSED, Exporter
from tests.lab.support.stack import Stack
from tests.lab.support.wait import until

NAME = "east-to-west"
RUNNING = "region_mirror_connector_running"


@contextmanager
def exporter(mirror: Stack) -> Iterator[Exporter]:
    """`python -m mirror exporter` on a port that was free; ends as in a pod, by SIGTERM."""
    where = ["--config-file", str(mirror.file), "--listen", "127.0.0.1:0", "--every", "5s", "--copied-users"]
    process = subprocess.Popen(
        [sys.executable, "-m", "mirror", "exporter", *where],
        cwd=mirror.project,
        env=dict(mirror.environment),
        stderr=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []

    def read() -> None:
        assert process.stderr is not None
        said.extend(process.stderr)

    reading = threading.Thread(target=read)
    reading.start()
    try:
        found = until("its address", lambda: re.search(r"http://\S+:\d+", "".join(said)), seconds=60)
        yield Exporter(found.group())
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, "".join(said)
    finally:
        process.kill()
        process.wait()
        reading.join()


def test_what_prometheus_sees(proven: Stack, regions: Regions) -> None:
    everything = dict.fromkeys(NAMES, 1.0)
    declared = regions.mirror_resource(NAME).spec["mirrors"]
    paused = copy.deepcopy(declared)
    paused[0]["checkpointConnector"]["state"] = "paused"

    def fails() -> bool:
        """A look may wait for a checkpoint that is late, and then rightly says that it is overdue, too. One
        that comes amid the pause may find the tasks paused, and their connector still running.
        """
        failed = {name for name, passed in running.values(PASSED, "check").items() if not passed}
        states = sorted(running.values(RUNNING, "connector").values())
        follows = failed <= {"connectors-running", "groups-translated"}
        return "connectors-running" in failed and follows and states == [0, 1]

    with exporter(proven) as running:
        until(
            "every check to pass in one look",
            lambda: running.values(PASSED, "check") == everything,
            seconds=300,
        )
        text = running.text()
        assert running.text("/healthz") == "ok\n"
        assert leaks(known_secrets(regions), text) == []
        exported = {family.name for family in text_string_to_metric_families(text)}
        assert exported <= {one.name.removesuffix("_total") for one in METRICS}
        assert running.values("region_mirror_look_success", "mirror") == {NAME: 1}
        assert running.values("region_mirror_topic_lag_records", "topic").keys() >= {"orders", "payments"}
        assert set(running.values(RUNNING, "connector").values()) == {1}
        assert sum(running.values("region_mirror_groups", "state").values()) >= 4
        certificates = running.values("region_mirror_certificate_expiry_timestamp_seconds", "certificate")
        assert any(name.startswith("broker 0 of") for name in certificates)
        regions.patch_mirror(NAME, {"mirrors": paused})
        try:
            until("connectors-running to fail, and nothing that does not follow", fails, seconds=120)
        finally:
            regions.patch_mirror(NAME, {"mirrors": declared})
        until("proof again", lambda: running.values(PASSED, "check") == everything, seconds=300)
