"""A canary that is killed behind the fence, and the next one, which rolls it back and goes there and back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from settings.acls import Acl
from tests.lab.support import admin_login, kafka
from tests.lab.support.command import Ran, run
from tests.lab.support.lab import NAMESPACE, KafkaUser, Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror
from tests.lab.support.wait import until


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    """A deployed mirror with one topic of production, and a user that may write the canary."""

    def short(config: dict[str, Any]) -> None:
        config["mirror"]["sync_group_offsets_interval_seconds"] = 2
        config["mirror"]["emit_checkpoints_interval_seconds"] = 2
        config["verification"]["deadline_seconds"] = 900

    with own_mirror(regions, "birds", short) as made, ExitStack() as undo:
        kafka.create_topic(regions.kafka("east"), made.topic())
        made.produce(*(f"order {number}" for number in range(20)))
        for region in ("east", "west"):
            undo.callback(kafka.delete_group, regions.kafka(region), made.topic("canary"))
        rules = [
            Acl("topic", made.topic("canary"), "literal", ("Create", "Describe", "Read", "Write")),
            Acl("group", made.topic("canary"), "literal", ("Read",)),
            Acl("cluster", "kafka-cluster", "literal", ("Describe",)),
        ]
        regions.make_user("east", writer(made), "scram-sha-512", rules)
        undo.callback(regions.remove_user, "east", writer(made))
        made.stack.up().ok()
        yield made


def writer(mirror: OwnMirror) -> str:
    return f"{mirror.name}-writer"


def argv(mirror: OwnMirror, *words: str) -> list[str]:
    return [sys.executable, "-m", "mirror", *words, "--config-file", str(mirror.stack.file)]


def canary(mirror: OwnMirror, *words: str) -> Ran:
    command = argv(mirror, "drill", "canary", *words)
    return run(command, cwd=mirror.stack.project, env=mirror.stack.environment)


def user_of(mirror: OwnMirror) -> Any:
    return mirror.regions.kubernetes("east").get(KafkaUser, writer(mirror), namespace=NAMESPACE)


def test_without_a_login_nothing_is_created(mirror: OwnMirror) -> None:
    refused = canary(mirror, "--yes")
    assert refused.code == 2
    assert f"no login may write on {mirror.alias}: add --source-admin-config FILE" in refused.stderr
    assert mirror.topic("canary") not in kafka.topics(mirror.regions.kafka("east"))


def test_a_killed_canary_is_rolled_back_by_the_next_which_goes_there_and_back(
    mirror: OwnMirror, tmp_path: Path
) -> None:
    before, admin = (
        user_of(mirror).spec,
        (
            "--source-admin-config",
            admin_login.written(mirror.regions.scram("east", writer(mirror)), tmp_path),
        ),
    )
    told = canary(mirror, "--dry-run", *admin).ok()
    assert writer(mirror) in told.stdout

    first = tmp_path / "killed.jsonl"
    killed = subprocess.Popen(
        argv(mirror, "drill", "canary", "--yes", "--quiet", "--record", str(first), *admin),
        cwd=mirror.stack.project,
        env=mirror.stack.environment,
        start_new_session=True,
    )
    try:
        until(
            "the fence to be proven",
            lambda: first.exists() and '"event": "done", "step": "prove-fence"' in first.read_text(),
            seconds=240,
        )
    finally:
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
    assert user_of(mirror).spec != before

    second = tmp_path / "canary.jsonl"
    ran = canary(mirror, "--yes", "-o", "json", "--record", str(second), *admin)
    assert ran.code == 0, ran.output
    report = json.loads(ran.stdout)
    assert report["problems"] == []
    assert report["phases"][0]["phase"] == "roll-back-first"
    assert (report["fence"], report["untouched"]) == ("refused", True)
    assert [(one["skipped"], one["read_again"]) for one in report["places"][:2]] == [(0, 0), (0, 0)]
    assert user_of(mirror).spec == before
    assert mirror.topic("canary") in kafka.topics(mirror.regions.kafka("east"))
