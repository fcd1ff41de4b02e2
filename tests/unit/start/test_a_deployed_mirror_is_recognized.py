"""A KafkaMirrorMaker2 that runs under this identity is the mirror itself, and nothing of it a leftover."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

import mirror.start.first_deployment as module
from manifests.declaration import Declaration
from manifests.estate import StrimziApi
from mirror.problems import CouldNotConnect, NotThere
from mirror.start.first_deployment import FirstDeployment, LeftoversFound, Prepared
from mirror.start.leftovers.judge import Leftovers, NonEmptyTopic
from settings.model import Settings
from tests.program.sample import estate
from tests.unit.settings.sample import settings


def manifest(declared: Settings, api: StrimziApi = "v1") -> dict[str, Any]:
    found = estate(declared)
    served = dataclasses.replace(found, target=dataclasses.replace(found.target, api=api))
    return Declaration.of(declared, served).mirror_maker2


class Resource:
    """Stands in for DeployedResource: `there` is what Kubernetes has."""

    def __init__(self, there: dict[str, Any] | None) -> None:
        self.there = there

    def read(self) -> dict[str, Any]:
        if self.there is None:
            raise NotThere("reading it", "it does not exist", "deploy")
        return self.there


def first(
    monkeypatch: pytest.MonkeyPatch, there: dict[str, Any] | None, declared: Settings
) -> FirstDeployment:
    monkeypatch.setattr(module, "DeployedResource", lambda *_: Resource(there))
    return FirstDeployment(declared, manifest(declared), None, Path())


@pytest.mark.parametrize("api", ["v1", "v1beta2"])
def test_the_same_identity_is_the_same_mirror_in_either_generation(
    monkeypatch: pytest.MonkeyPatch, api: StrimziApi
) -> None:
    deployed = manifest(settings(workers__replicas=7, mirror__topics=["other"]), api)
    seen = first(monkeypatch, deployed, settings()).prepare()
    assert seen.leftovers == "none: this mirror is already deployed"


@pytest.mark.parametrize(
    "change",
    [
        {"mirror__group_id": "g"},
        {"mirror__offsets_topic": "o"},
        {"mirror__replication_policy": "default"},
        {"source__alias": "orient"},
    ],
)
def test_another_identity_is_looked_at(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]) -> None:
    deployment = first(monkeypatch, manifest(settings(**change)), settings())
    monkeypatch.setattr(deployment, "_look_once", lambda **_: Prepared("looked", ""))
    assert deployment.prepare().leftovers == "looked"


def test_leftovers_are_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    deployment, looks = first(monkeypatch, None, settings()), []

    def look(**_: object) -> Prepared:
        looks.append(1)
        raise LeftoversFound(Leftovers(copies=[NonEmptyTopic("orders", 1, 1)]), "found")

    monkeypatch.setattr(deployment, "_look_once", look)
    for attempt in (deployment.prepare, deployment.preview):
        with pytest.raises(LeftoversFound, match="found"):
            attempt()
    assert len(looks) == 2


def test_workers_that_have_just_been_stopped_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = first(monkeypatch, None, settings())
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.0)
    looks = []

    def look(**_: object) -> Prepared:
        looks.append(1)
        if len(looks) < 3:
            raise LeftoversFound(Leftovers(members=1), "found")
        return Prepared("none", "earliest")

    monkeypatch.setattr(deployment, "_look_once", look)
    assert deployment.prepare().leftovers == "none"
    assert len(looks) == 3


def test_a_preview_leaves_workers_to_the_deployment_that_can_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    deployment, looks = first(monkeypatch, None, settings()), []

    def look(**_: object) -> Prepared:
        looks.append(1)
        raise LeftoversFound(Leftovers(members=1), "found")

    monkeypatch.setattr(deployment, "_look_once", look)
    deployment.preview()
    assert len(looks) == 1


def test_workers_that_stay_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = first(monkeypatch, None, settings())
    monkeypatch.setattr(module, "LEAVING_SECONDS", 0.0)

    def look(**_: object) -> Prepared:
        raise LeftoversFound(Leftovers(members=1), "found")

    monkeypatch.setattr(deployment, "_look_once", look)
    with pytest.raises(LeftoversFound):
        deployment.prepare()


def unreachable(**_: object) -> Prepared:
    raise CouldNotConnect("connecting to west", "no answer", "start it")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.0)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("change", [{}, {"verification__enabled": False, "mirror__start_from": "latest"}])
def test_an_unreachable_cluster_ends_it(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]) -> None:
    deployment = first(monkeypatch, None, settings(**change))
    monkeypatch.setattr(deployment, "_look_once", unreachable)
    with pytest.raises(CouldNotConnect):
        deployment.prepare()


@pytest.mark.usefixtures("impatient")
def test_who_verifies_nothing_from_here_is_told_what_was_not_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployment = first(monkeypatch, None, settings(verification__enabled=False))
    monkeypatch.setattr(deployment, "_look_once", unreachable)
    assert deployment.prepare().leftovers == "not checked: no answer"


def test_a_preview_leaves_to_the_update_what_it_cannot_see(monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = first(monkeypatch, None, settings())
    monkeypatch.setattr(deployment, "_look_once", unreachable)
    deployment.preview()
