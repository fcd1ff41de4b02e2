"""Connectors that Kafka Connect refuses for ever, and two sources with one alias that take turns."""

from typing import Any

import pytest

from lab.operator.mirror_maker2.names import Names
from tests.unit.operator.mirror_maker_world import World, world_of


@pytest.fixture
def world(resource: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> World:
    return world_of(resource, monkeypatch)


def test_a_conflict_that_never_settles_writes_no_status(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(10_000))
    monkeypatch.setattr("lab.operator.mirror_maker2.connect_rest.time.monotonic", lambda: next(clock))
    world.connect.answers["POST", "/connectors"] = [(409, {"message": "already exists"})] * 1000
    world.reconcile()
    assert world.kube.statuses == []


@pytest.fixture
def shared_alias(resource: dict[str, Any]) -> dict[str, Any]:
    """Two mirrors whose sources have one alias, and so connectors of one name."""
    first = resource["spec"]["mirrors"][0]
    second = {**first, "source": {**first["source"], "bootstrapServers": "elsewhere:9093"}}
    resource["spec"]["mirrors"].append(second)
    return resource


def test_a_shared_source_alias_is_refused_for_ever(
    world: World, shared_alias: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """KafkaConnectApiImpl.createConnector (1.2.0) repeats on 409; withLock of AbstractOperator never ends."""
    clock = iter(range(10_000))
    monkeypatch.setattr("lab.operator.mirror_maker2.connect_rest.time.monotonic", lambda: next(clock))
    world.kube.add(shared_alias)
    world.reconcile()
    assert world.connect.calls.count("POST /connectors") > 3
    created = dict(world.connect.connectors)
    del shared_alias["spec"]["mirrors"][1]
    world.kube.add(shared_alias)
    world.connect.calls.clear()
    world.reconcile()
    assert world.kube.statuses == []
    assert world.connect.calls == []
    assert world.connect.connectors == created


def test_a_locked_resource_can_be_deleted_and_made_again(
    world: World, shared_alias: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(10_000))
    monkeypatch.setattr("lab.operator.mirror_maker2.connect_rest.time.monotonic", lambda: next(clock))
    world.kube.add(shared_alias)
    world.reconcile()
    world.kube.delete("KafkaMirrorMaker2", "mm2", "dr")
    world.reconcile()
    assert world.workers.withdrawn == [Names("mm2", "dr")]
    world.connect.connectors.clear()
    del shared_alias["spec"]["mirrors"][1]
    world.kube.add(shared_alias)
    world.reconcile()
    assert world.reason == ("Ready", None, None)


def test_an_alias_that_is_shared_later_makes_the_sources_take_turns(
    world: World, resource: dict[str, Any]
) -> None:
    """The connector exists, so AbstractConnectOperator (1.2.0) never creates it: each pass replaces it."""
    world.reconcile()
    first = resource["spec"]["mirrors"][0]
    resource["spec"]["mirrors"].append(
        {**first, "source": {**first["source"], "bootstrapServers": "elsewhere:9093"}}
    )
    world.kube.add(resource)
    servers = []
    for _ in range(3):
        world.reconcile()
        [server] = {c["source.cluster.bootstrap.servers"] for c in world.connect.connectors.values()}
        servers.append(server)
        assert world.reason == ("Ready", None, None)
    assert servers == ["elsewhere:9093", first["source"]["bootstrapServers"], "elsewhere:9093"]
