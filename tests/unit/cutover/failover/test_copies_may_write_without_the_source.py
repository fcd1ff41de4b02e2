"""Copied users may write after a failover, although nobody can ask for the source's users."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import MIRROR, PHASE
from manifests.strimzi.kafka_user import copied_user
from mirror.cutover.step import World
from mirror.cutover.users import read
from mirror.cutover.users.read import read_only_copies, without_write
from mirror.estate.kafka_user_acls import rules_of
from mirror.problems import CouldNotConnect
from tests.unit.settings.sample import settings
from tests.unit.support.fake_kubernetes import FakeKubernetes

SPEC: dict[str, Any] = {
    "authorization": {
        "type": "simple",
        "acls": [{"operations": ["Read", "Write"], "resource": {"type": "topic", "name": "orders"}}],
    }
}


class Gone:
    """The origin of a source that does not answer."""

    def bootstrap_servers(self, notes: object) -> str:
        raise CouldNotConnect("reaching https://east", "no answer in time", "check it")


def world(phase: str = "replicate") -> World:
    given, west = settings(), FakeKubernetes("west")
    for name in given.users.copy:
        west.resources[("KafkaUser", name)] = {
            "metadata": {"name": name, "annotations": {MIRROR: given.mirror.name}},
            "spec": copied_user(given, name, SPEC)["spec"],
        }
    resource = {"metadata": {"annotations": {PHASE: phase}}}
    deployed = SimpleNamespace(kubernetes=west, read=lambda: resource)
    return World(given, Path(), cast(Any, SimpleNamespace(deployed=deployed)))


def test_the_rules_of_the_standby_are_taken_away_by_the_copy_alone() -> None:
    there = world()
    found = read_only_copies(there)
    assert set(found) == set(there.settings.users.copy)
    promoted = copied_user(there.settings.in_phase("promoted"), "ann", SPEC)["spec"]
    assert all(rules_of(spec) == rules_of(promoted) for spec in found.values())


def test_a_cutover_waits_for_its_source_and_a_promoted_mirror_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(read, "origin_of", lambda settings, root: Gone())
    with pytest.raises(CouldNotConnect):
        without_write(world())
    assert without_write(world("promoted")) == read_only_copies(world())
