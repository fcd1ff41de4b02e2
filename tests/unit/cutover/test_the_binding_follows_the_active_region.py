"""The ConfigMap and Secrets of `cutover.binding`: their keys, and that they change with the promotion."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.cutover.binding.render import Connection, Login, objects
from mirror.cutover.step import World
from mirror.cutover.steps import bind
from mirror.cutover.steps.bind import Bind
from mirror.problems import CouldNotRun
from settings.load import load
from tests.unit.settings.sample import raw
from tests.unit.support.memory_api import MemoryApi
from tests.unit.support.memory_journal import MemoryJournal

SECRET = "/api/v1/namespaces/shop/secrets/kafka-active-orders-consumer"
CONFIG_MAP = "/api/v1/namespaces/shop/configmaps/kafka-active"
PEM = "-----BEGIN CERTIFICATE-----\n"


def decoded(resource: dict[str, Any]) -> dict[str, str]:
    return {key: base64.b64decode(value).decode() for key, value in resource["data"].items()}


def connection(region: str) -> Connection:
    return Connection(region, f"{region}:9094", "SASL_SSL", PEM)


def login(region: str, **secret: bytes) -> Login:
    return Login("orders-consumer", "scram-sha-512", connection(region), secret)


def test_a_scram_user_has_the_keys_of_the_access_operator() -> None:
    [secret, config_map] = objects(
        "kafka-active",
        "shop",
        connection("west"),
        {"orders-consumer": login("west", **{"password": b"pw", "sasl.jaas.config": b"jaas", "other": b"x"})},
    )
    made = secret.manifest("east-to-west")
    assert made["type"] == "servicebinding.io/kafka"
    assert decoded(made) == {
        "type": "kafka",
        "provider": "strimzi",
        "bootstrap.servers": "west:9094",
        "bootstrapServers": "west:9094",
        "bootstrap-servers": "west:9094",
        "security.protocol": "SASL_SSL",
        "securityProtocol": "SASL_SSL",
        "ssl.truststore.crt": PEM,
        "username": "orders-consumer",
        "user": "orders-consumer",
        "password": "pw",
        "sasl.jaas.config": "jaas",
        "sasl.mechanism": "SCRAM-SHA-512",
        "saslMechanism": "SCRAM-SHA-512",
    }
    data = config_map.manifest("east-to-west")["data"]
    assert data["region"] == "west"
    assert data["bootstrapServers"] == "west:9094"
    assert not {"password", "username", "sasl.jaas.config"} & set(data)
    assert "pw" not in repr(secret)


def test_a_user_with_a_certificate_has_a_key_store() -> None:
    there = Connection("west", "west:9093", "SSL")
    data = Login("svc", "tls", there, {"user.crt": b"crt", "user.key": b"key", "user.p12": b"x"}).to_data()
    assert (data["ssl.keystore.crt"], data["ssl.keystore.key"]) == (b"crt", b"key")
    assert not {"user.p12", "password", "sasl.mechanism", "ssl.truststore.crt"} & set(data)


class Scene:
    def __init__(self) -> None:
        self.api = MemoryApi()
        self.phase = "replicate"
        self.passwords = {"source": b"pw", "target": b"pw"}

    @property
    def world(self) -> World:
        annotations = {} if self.phase == "replicate" else {"region-mirror/phase": self.phase}
        binding = {"name": "kafka-active", "namespace": "shop", "users": ["orders-consumer"]}
        made = SimpleNamespace(
            settings=load(raw(cutover__binding=binding)),
            target_kubernetes=self.api,
            resource=lambda: {"metadata": {"annotations": annotations}},
        )
        return cast(World, made)

    def logins(self, world: World, side: str) -> dict[str, Login]:
        if side not in self.passwords:
            raise CouldNotRun("reading the connection", "no listener takes scram-sha-512 users", "add one")
        region = {"source": "east", "target": "west"}[side]
        return {"orders-consumer": login(region, password=self.passwords[side])}


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = Scene()
    monkeypatch.setattr(bind, "logins", made.logins)
    return made


def test_it_leads_to_the_source_until_the_promotion_and_to_the_target_after_it(scene: Scene) -> None:
    source, target = Bind("source"), Bind("target")
    assert source.look(scene.world).state == "todo"
    assert target.look(scene.world).state == "waiting"
    source.do(scene.world, MemoryJournal())
    assert source.look(scene.world).state == "done"
    assert decoded(scene.api.objects[SECRET])["bootstrapServers"] == "east:9094"
    scene.phase = "promoted"
    assert source.look(scene.world).state == "done"
    found = target.look(scene.world)
    assert (found.state, found.remaining) == ("todo", 2)
    target.do(scene.world, MemoryJournal())
    assert target.look(scene.world).state == "done"
    assert decoded(scene.api.objects[SECRET])["bootstrapServers"] == "west:9094"
    assert scene.api.objects[CONFIG_MAP]["data"]["region"] == "west"
    before = len(scene.api.writes)
    target.do(scene.world, MemoryJournal())
    assert len(scene.api.writes) == before


def test_a_new_password_is_written_and_a_key_that_is_gone_is_removed(scene: Scene) -> None:
    step = Bind("source")
    step.do(scene.world, MemoryJournal())
    scene.api.objects[SECRET]["data"]["ssl.keystore.key"] = "b2xk"
    scene.passwords["source"] = b"new"
    assert step.look(scene.world).state == "todo"
    step.do(scene.world, MemoryJournal())
    assert decoded(scene.api.objects[SECRET])["password"] == "new"
    assert "ssl.keystore.key" not in scene.api.objects[SECRET]["data"]


def test_an_object_of_others_is_named_and_left_alone(scene: Scene) -> None:
    scene.api.put(SECRET, {"metadata": {"name": "kafka-active-orders-consumer"}, "data": {"a": "Yg=="}})
    found = Bind("source").look(scene.world)
    assert (found.state, found.text) == (
        "blocked",
        "Secret shop/kafka-active-orders-consumer exists already, and mirror east-to-west has not made it",
    )
    Bind("source").do(scene.world, MemoryJournal())
    assert scene.api.objects[SECRET]["data"] == {"a": "Yg=="}


def test_a_target_that_cannot_be_bound_blocks_before_anything_is_changed(scene: Scene) -> None:
    del scene.passwords["target"]
    found = Bind("source").look(scene.world)
    assert (found.state, found.remedy) == ("blocked", "add one")


def test_no_verdict_holds_a_credential(scene: Scene) -> None:
    scene.passwords = {"source": b"s3cret", "target": b"s3cret"}
    step = Bind("source")
    texts = [str(step.look(scene.world).to_json())]
    step.do(scene.world, MemoryJournal())
    texts.append(str(step.look(scene.world).to_json()))
    assert not any("s3cret" in text or "czNjcmV0" in text for text in texts)
