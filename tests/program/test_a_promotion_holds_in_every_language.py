"""A program in YAML has no plan: what contradicts a promotion is read with its inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import components.region_mirror
import provider.construct
import provider.inputs
from manifests.metadata import PHASE
from mirror.estate.ownership import DeployedObject
from mirror.problems import CouldNotConnect
from provider.construct import PREPARED, Components
from tests.program.sample import estate
from tests.unit.settings.sample import settings

PROMOTED = DeployedObject(
    "KafkaMirrorMaker2 east-to-west", None, {"metadata": {"annotations": {PHASE: "promoted"}}}
)


class Told(Exception):
    pass


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> list[DeployedObject]:
    """What is deployed on the target."""
    found: list[DeployedObject] = []

    def identities(*_: Any, contradicted: tuple[str, ...] = (), **__: Any) -> None:
        raise Told(*contradicted)

    monkeypatch.setattr(provider.inputs, "settings_of", lambda _: settings())
    monkeypatch.setattr(provider.inputs, "read_estates", lambda mirrors, _: [estate(mirrors[0])])
    monkeypatch.setattr(provider.inputs, "deployed_objects", lambda *_: found, raising=False)
    monkeypatch.setattr(components.region_mirror, "MirrorIdentities", identities)
    monkeypatch.setattr(provider.construct, "MirrorIdentities", identities)
    return found


def told(kind: str) -> str:
    inputs = {PREPARED: provider.inputs.prepared({}, Path())}
    with pytest.raises(Told) as raised:
        Components().construct("mirror", f"region-mirror:index:{kind}", inputs)
    return str(raised.value)


@pytest.mark.parametrize("kind", ["RegionMirror", "MirrorMaker2"])
def test_the_owner_is_told_of_a_promotion(there: list[DeployedObject], kind: str) -> None:
    """`pulumi up --target` of the KafkaMirrorMaker2 does not ask the guard, and started its connectors."""
    there.append(PROMOTED)
    assert "mirror east-to-west was promoted" in told(kind)


def test_a_mirror_that_replicates_contradicts_nothing(there: list[DeployedObject]) -> None:
    assert told("RegionMirror") == ""


def test_a_target_that_does_not_answer_is_left_to_the_guard(
    there: list[DeployedObject], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(*_: Any) -> None:
        raise CouldNotConnect("reading west", "it does not answer", "start it")

    monkeypatch.setattr(provider.inputs, "deployed_objects", unread)
    assert told("RegionMirror") == ""
