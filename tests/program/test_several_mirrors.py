"""A stack with several mirrors: each whole by itself, on one provider a target."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime.config import set_all_config

import components.region_stack
import mirror.estate.all_mirrors
import mirror.plan.reading
from manifests.estate import Estate
from mirror.estate.all_mirrors import read_estates
from mirror.estate.findings import EstateError
from mirror.plan.planned import Plan
from mirror.problems import Finding
from settings.load import load_stack
from settings.model import Settings
from tests.program.conftest import recording
from tests.program.sample import estate
from tests.unit.settings.sample import raw, settings

PROGRAM = Path(__file__).parents[2] / "__main__.py"


def three_sources() -> dict[str, Any]:
    """Three sources, one target; topics get their source's alias."""
    common = raw()
    source, mirror = common.pop("source"), common.pop("mirror")
    del mirror["name"]
    common["mirror"] = {**mirror, "replication_policy": "default"}
    common["users"] = {}
    common["mirrors"] = {
        f"{alias}-to-west": {"source": {**source, "alias": alias, "cluster": alias}}
        for alias in ("east", "north", "south")
    }
    return common


def test_each_mirror_is_whole_and_they_share_the_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = three_sources()
    monkeypatch.setattr(
        mirror.estate.all_mirrors, "read_estates", lambda mirrors, *_: [estate(one) for one in mirrors]
    )
    monitor = recording()
    set_all_config({f"region-mirror:{name}": json.dumps(section) for name, section in stack.items()})
    exported: dict[str, Any] = {}
    monkeypatch.setattr(pulumi, "export", exported.__setitem__)

    @pulumi.runtime.test
    def run_it() -> None:
        runpy.run_path(str(PROGRAM), run_name="__main__")

    run_it()
    kinds = [resource.kind for resource in monitor.declared]
    assert kinds.count("kubernetes") == 1
    for name in ("east-to-west", "north-to-west", "south-to-west"):
        assert [r.kind for r in monitor.declared if r.name == name].count("KafkaMirrorMaker2") == 1
    assert set(exported["mirrors"]) == {"east-to-west", "north-to-west", "south-to-west"}


def test_the_owner_is_told_which_promotions_are_contradicted(monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--target` or `--exclude` Pulumi does not ask the guard of them."""

    class Told(Exception):
        pass

    def identities(*_: Any, contradicted: list[str], **__: Any) -> None:
        raise Told(*contradicted)

    monkeypatch.setattr(components.region_stack, "MirrorIdentities", identities)
    given = settings()
    plan = Plan("east-to-west", "east", "west", False, contradicted=("it was promoted",))
    with pytest.raises(Told, match="it was promoted"):
        components.region_stack.declare([(given, estate(given))], [plan])


def test_a_target_that_is_reached_in_two_ways_has_two_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    """They had one name: `Duplicate resource URN` ended the preview of a valid stack file."""
    stack = three_sources()
    for name, context in (("north-to-west", "for-north"), ("south-to-west", "for-south")):
        stack["mirrors"][name]["target"] = {"context": context}
    monkeypatch.setattr(
        mirror.estate.all_mirrors, "read_estates", lambda mirrors, *_: [estate(one) for one in mirrors]
    )
    monitor = recording()
    set_all_config({f"region-mirror:{name}": json.dumps(section) for name, section in stack.items()})
    monkeypatch.setattr(pulumi, "export", lambda *_: None)

    @pulumi.runtime.test
    def run_it() -> None:
        runpy.run_path(str(PROGRAM), run_name="__main__")

    run_it()
    providers = [one for one in monitor.declared if one.kind == "kubernetes"]
    assert len({one.name for one in providers}) == len(providers) == 3


def test_problems_of_all_mirrors_are_told_at_once_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Finding("Secret kafka/west-cluster-ca-cert", "it does not exist", "create it")

    def read(settings: Settings, *_: object) -> Estate:
        own = Finding(f"Kafka {settings.source.cluster}", "it does not exist", "create it")
        raise EstateError([shared, own])

    monkeypatch.setattr(mirror.estate.all_mirrors, "read_estate", read)
    with pytest.raises(EstateError) as refused:
        read_estates(load_stack(three_sources()), Path())
    subjects = [finding.subject for finding in refused.value.findings]
    assert subjects == [shared.subject, "Kafka east", "Kafka north", "Kafka south"]


def test_a_source_that_is_down_names_the_mirrors_that_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing told why the others were not deployed, nor what lets them be."""

    def read(settings: Settings, *_: object) -> Estate:
        if settings.source.alias == "north":
            raise EstateError([Finding("reading Kafka north", "it does not answer", "check the network")])
        return estate(settings)

    monkeypatch.setattr(mirror.estate.all_mirrors, "read_estate", read)
    with pytest.raises(EstateError) as refused:
        read_estates(load_stack(three_sources()), Path())
    north, waiting = refused.value.findings
    assert north.subject == "reading Kafka north"
    assert waiting.subject == "Mirrors east-to-west, south-to-west"
    assert "not deployed either" in waiting.message
    assert "`mirror.phase: promoted`" in waiting.remedy
