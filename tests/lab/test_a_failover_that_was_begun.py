"""A failover that was begun, and whose source is back: no other command takes its stop for its own, and its
rollback leaves a mirror that is proven. Afterwards it is promoted, and nobody judges the mirror any more.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from lab.layout import NAMESPACE
from mirror.estate.fenced_user import annotation
from mirror.exporter.observer import MirrorObserver
from mirror.verify.register import NAMES
from settings.acls import Acl
from tests.lab.support import kafka
from tests.lab.support.command import Ran, run
from tests.lab.support.lab import KafkaUser, Regions
from tests.lab.support.own_mirror import OwnMirror, own_mirror


@pytest.fixture(scope="module")
def mirror(regions: Regions) -> Iterator[OwnMirror]:
    with own_mirror(regions, "begun") as made:
        kafka.create_topic(regions.kafka("east"), made.topic())
        made.produce("a", "b", "c")
        made.stack.up().ok()
        yield made


def command(mirror: OwnMirror, *arguments: str) -> Ran:
    argv = [sys.executable, "-m", "mirror", *arguments, "--config-file", str(mirror.stack.file), "-o", "json"]
    return run(argv, cwd=mirror.stack.project, env=mirror.stack.environment)


def steps(ran: Ran) -> dict[str, dict[str, Any]]:
    return {one["step"]: one for one in json.loads(ran.stdout)["steps"]}


def test_only_its_own_rollback_undoes_it(mirror: OwnMirror) -> None:
    command(mirror, "failover", "--yes", "--source-is-alive", "--until", "stop-mirror").ok()

    again = command(mirror, "failover", "--dry-run")
    assert again.code == 1
    assert steps(again)["look-at-source"]["state"] == "blocked"

    moved = command(mirror, "cutover", "--yes")
    assert moved.code == 1
    assert "a failover is in progress" in moved.stdout
    assert '"acting"' not in moved.stdout, "no producer is fenced"

    back = command(mirror, "cutover", "rollback", "--yes")
    assert back.code == 1
    assert "region-mirror failover rollback" in back.stdout

    command(mirror, "failover", "rollback", "--yes").ok()
    command(mirror, "verify", "--wait", "120").ok()


@pytest.fixture
def writer(regions: Regions, mirror: OwnMirror) -> Iterator[str]:
    """A KafkaUser that the fence takes Write from."""
    name = f"{mirror.name}-writer"
    write = Acl("topic", mirror.topic(), "literal", ("Describe", "Write"))
    regions.make_user("east", name, "scram-sha-512", [write])
    yield name
    regions.remove_user("east", name)


def test_behind_a_cutover_that_was_begun_each_rollback_undoes_its_own(
    regions: Regions, mirror: OwnMirror, writer: str
) -> None:
    """The region was lost in the middle of a cutover."""

    def fenced() -> bool:
        user: Any = regions.kubernetes("east").get(KafkaUser, writer, namespace=NAMESPACE)
        return annotation(mirror.name) in (user.metadata.annotations or {})

    command(mirror, "cutover", "--yes", "--until", "stop-sync").ok()
    assert fenced()
    command(mirror, "failover", "--yes", "--source-is-alive", "--until", "stop-mirror").ok()

    moved = command(mirror, "cutover", "--yes")
    assert moved.code == 1
    assert "a failover is in progress" in moved.stdout
    back = command(mirror, "cutover", "rollback", "--yes")
    assert back.code == 1
    assert "region-mirror failover rollback" in back.stdout

    undone = command(mirror, "failover", "rollback", "--yes").ok()
    assert "a cutover was begun before the failover, and is not undone" in undone.stdout
    assert fenced()
    command(mirror, "cutover", "rollback", "--yes").ok()  # proves the mirror
    assert not fenced()
    assert "was begun" not in command(mirror, "failover", "rollback", "--yes").ok().stdout


def test_a_promoted_mirror_is_not_judged_by_the_exporter_nor_by_a_pipeline(mirror: OwnMirror) -> None:
    (settings,) = mirror.stack.settings()
    observe = MirrorObserver(settings, mirror.stack.project, NAMES)
    try:
        assert observe() is not None
        command(mirror, "failover", "--yes", "--source-is-alive").ok()
        assert observe() is None
    finally:
        observe.close()
    assert command(mirror, "verify").code == 1
    mirror.stack.configure(lambda config: config["mirror"].update(phase="promoted"))
    assert json.loads(command(mirror, "verify", "--as-up").ok().stdout)["left_out"] == (
        "mirror.phase is promoted"
    )
