"""The drill of the disaster, short: the source is killed under load, and production goes on on the target."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator

import pytest

from tests.lab.support import drill_load
from tests.lab.support.command import run
from tests.lab.support.lab import Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.stack import CHECKOUT


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    with own_mirror(regions, "disaster") as made:
        drill_load.topics(made)
        made.stack.up().ok()
        yield made


def test_every_record_is_accounted_for(mirror: OwnMirror) -> None:
    with drill_load.production(mirror) as production:
        load = shlex.join([sys.executable, "-m", "lab.drill", "--production", str(production)])
        argv = [sys.executable, "-m", "mirror", "drill", "failover", "--until", "promoted", "--yes"]
        argv += [
            "--config-file",
            str(mirror.stack.file),
            "--load",
            load,
            "--html",
            "drill.html",
            "-o",
            "json",
        ]
        ran = run(
            argv, cwd=mirror.stack.project, env={**mirror.stack.environment, "PYTHONPATH": str(CHECKOUT)}
        )
    report = json.loads(ran.stdout)
    assert ran.code == 0, report["problems"]
    assert [one["phase"] for one in report["phases"]] == [
        "at-source",
        "kill",
        "failover",
        "at-target",
        "count",
    ]
    assert report["rpo"]["records"] <= report["rpo"]["announced_at_most"]
    for stream in report["streams"]:
        assert min(stream["before"], stream["at_target"]) > 0
        assert (stream["lost"], stream["doubled"], stream["visible_aborts"]) == (0, 0, 0)
    for name in ("first read", "first write"):
        reached = report["rto"][name]
        assert 0 < reached["from_decision_seconds"] < reached["from_kill_seconds"]
        assert reached["plain_client_seconds"] > 0
    assert "<svg" in (mirror.stack.project / "drill.html").read_text()
