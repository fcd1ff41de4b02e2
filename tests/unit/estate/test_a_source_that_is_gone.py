"""A promoted mirror whose source does not answer is declared from what is deployed: the same manifests."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from manifests.declaration import Declaration
from manifests.metadata import MIRROR
from mirror.estate import reading
from mirror.estate.findings import EstateError
from mirror.estate.reading import read_estate
from settings.model import Settings, UsersSettings
from tests.unit.support.fake_kubernetes import FakeKubernetes, two_regions
from tests.unit.support.made_up import settings
from tests.unit.support.pki import issue

Sides = dict[str, FakeKubernetes]


@pytest.fixture
def sides(monkeypatch: pytest.MonkeyPatch) -> Sides:
    both = two_regions(issue("ca", days=36_500))
    both["east"].add_user("billing", password="of billing")
    monkeypatch.setattr(reading, "connect", lambda side, root: both[side.alias])
    return both


def stack(phase: Any, **mirror: Any) -> Settings:
    return replace(settings(phase=phase, **mirror), users=UsersSettings(copy=("billing",)))


def deploy(declaration: Declaration, west: FakeKubernetes) -> None:
    """Put the declared objects where `pulumi up` puts them."""
    for one in declaration.manifests:
        kind, name = one["kind"], one["metadata"]["name"]
        if kind == "Secret":
            west.secrets_there[name] = {key: base64.b64decode(value) for key, value in one["data"].items()}
            west.secret_annotations[name] = one["metadata"]["annotations"]
        elif kind in ("KafkaUser", "KafkaMirrorMaker2"):
            west.resources[(kind, name)] = one


@pytest.mark.parametrize("policy", ["identity", "default"])
def test_it_declares_the_same_as_with_its_source(sides: Sides, policy: str) -> None:
    given = stack("promoted", replication_policy=policy)
    with_source = Declaration.of(given, read_estate(given, Path()))
    deploy(with_source, sides["west"])
    sides["east"].dead = True
    found = read_estate(given, Path())
    assert Declaration.of(given, found).manifests == with_source.manifests
    [warning] = [one for one in found.warnings if "as they are deployed" in one]
    assert warning.startswith("reaching https://east: no answer in time. Mirror east-to-west is promoted")


def test_a_mirror_that_replicates_needs_its_source(sides: Sides) -> None:
    sides["east"].dead = True
    with pytest.raises(EstateError, match="no answer in time"):
        read_estate(stack("replicate"), Path())


def test_a_copy_that_was_deleted_is_named(sides: Sides) -> None:
    given = stack("promoted")
    deploy(Declaration.of(given, read_estate(given, Path())), sides["west"])
    del sides["west"].secrets_there["east-to-west-billing-password"]
    sides["east"].dead = True
    with pytest.raises(EstateError, match="east-to-west-billing-password"):
        read_estate(given, Path())


def test_users_of_other_mirrors_are_left_alone(sides: Sides) -> None:
    given = stack("promoted")
    deploy(Declaration.of(given, read_estate(given, Path())), sides["west"])
    sides["west"].resources[("KafkaUser", "other")] = {
        "metadata": {"name": "other", "annotations": {MIRROR: "another"}},
        "spec": {"authentication": {"type": "tls"}},
    }
    sides["east"].dead = True
    assert [one.name for one in read_estate(given, Path()).source.kafka_users] == ["billing"]
