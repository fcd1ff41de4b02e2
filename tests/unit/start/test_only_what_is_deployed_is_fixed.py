"""An identity is fixed while its KafkaMirrorMaker2 exists, and while nobody can tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror.clients.kubernetes import Kubernetes
from mirror.mm2.identity import Identity
from mirror.start.deployed import is_deployed
from tests.unit.settings.sample import settings
from tests.unit.support.fake_kubernetes import FakeKubernetes

SIDE = {"kubeconfig": "west.yaml", "context": None}


@pytest.fixture
def west(monkeypatch: pytest.MonkeyPatch) -> FakeKubernetes:
    fake = FakeKubernetes("west")
    monkeypatch.setattr(Kubernetes, "connect", lambda kubeconfig, context: fake)
    return fake


def deployed() -> bool:
    return is_deployed(Identity.of(settings()), SIDE, Path("/stack"))


def test_nothing_is_fixed_before_the_resource_exists(west: FakeKubernetes) -> None:
    assert not deployed()
    assert west.asked == ["KafkaMirrorMaker2 kafka/east-to-west"]


def test_a_resource_fixes_it(west: FakeKubernetes) -> None:
    west.resources["KafkaMirrorMaker2", "east-to-west"] = {}
    assert deployed()


def test_it_stays_fixed_where_nobody_can_tell(west: FakeKubernetes) -> None:
    west.dead = True
    assert deployed()
