"""How users of the binding connect to the source and to the target, from Strimzi's resources and Secrets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.cutover.binding import read
from mirror.cutover.binding.read import connection, logins
from mirror.cutover.step import World
from mirror.estate.origin_kubernetes import LiveOrigin
from mirror.problems import CouldNotRun
from settings.load import load
from tests.unit.settings.sample import raw
from tests.unit.support.fake_kubernetes import FakeKubernetes

USERS = ["orders-consumer", "orders-producer"]
NAMES = {"scram-sha-512": "scram", "tls": "mtls"}


def kafka(alias: str, *authentications: str) -> dict[str, Any]:
    return {
        "spec": {
            "kafka": {
                "listeners": [
                    {"name": NAMES[one], "type": "route", "tls": True, "authentication": {"type": one}}
                    for one in authentications
                ]
            }
        },
        "status": {
            "listeners": [
                {"name": NAMES[one], "bootstrapServers": f"{NAMES[one]}.{alias}:9094"}
                for one in authentications
            ]
        },
    }


class Scene:
    """orders-consumer logs in by SCRAM, orders-producer by certificate."""

    def __init__(self) -> None:
        self.sides = {name: FakeKubernetes(f"https://{name}") for name in ("east", "west")}
        for name, side in self.sides.items():
            side.resources[("Kafka", name)] = kafka(name, "scram-sha-512", "tls")
            side.secrets_there[f"{name}-cluster-ca-cert"] = {
                "ca.crt": f"new CA of {name}".encode(),
                "ca-2025.crt": f"old CA of {name}".encode(),
                "ca.password": b"x",
            }
            side.add_user("orders-consumer", password="pw", cluster=name)
            side.add_user("orders-producer", cluster=name)
            side.secrets_there["orders-producer"] = {
                "user.crt": f"crt {name}".encode(),
                "user.key": b"key",
            }
        for name in USERS:
            one = self.sides["west"].resources[("KafkaUser", name)]
            one["metadata"]["annotations"] = {"region-mirror/mirror": "east-to-west"}
            one["status"] = {"conditions": [{"type": "Ready", "status": "True"}], "secret": name}

    def world(self, *users: str, **changes: object) -> World:
        binding = {"name": "kafka-active", "users": list(users)}
        made = SimpleNamespace(
            settings=load(raw(cutover__binding=binding, **changes)),
            root=None,
            source_kubernetes=self.sides["east"],
            target_kubernetes=self.sides["west"],
        )
        return cast(World, made)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = Scene()
    monkeypatch.setattr(
        read, "origin_of", lambda settings, root: LiveOrigin(settings, cast(Any, made.sides["east"]))
    )
    return made


@pytest.mark.parametrize(("side", "alias"), [("source", "east"), ("target", "west")])
def test_each_user_gets_the_listener_of_its_login(scene: Scene, side: Any, alias: str) -> None:
    world = scene.world(*USERS)
    found = logins(world, side)
    consumer, producer = found["orders-consumer"], found["orders-producer"]
    assert consumer.connection.bootstrap_servers == f"scram.{alias}:9094"
    assert consumer.connection.security_protocol == "SASL_SSL"
    assert consumer.to_data()["password"] == b"pw"
    assert producer.connection.bootstrap_servers == f"mtls.{alias}:9094"
    assert producer.connection.security_protocol == "SSL"
    assert producer.to_data()["ssl.keystore.crt"] == f"crt {alias}".encode()
    assert consumer.connection.ca_pem == f"old CA of {alias}\nnew CA of {alias}\n"
    assert connection(world, side, found) == consumer.connection


def test_the_address_of_the_stack_file_is_that_of_its_login_only(scene: Scene) -> None:
    world = scene.world(*USERS, source__bootstrap_servers="public.example.com:443")
    found = logins(world, "source")
    assert found["orders-consumer"].connection.bootstrap_servers == "public.example.com:443"
    assert found["orders-producer"].connection.bootstrap_servers == "mtls.east:9094"


def test_a_login_without_a_listener_is_named(scene: Scene) -> None:
    scene.sides["east"].resources[("Kafka", "east")] = kafka("east", "scram-sha-512")
    with pytest.raises(CouldNotRun, match="no listener of east with TLS and an address takes tls users"):
        logins(scene.world(*USERS), "source")


def test_a_user_that_was_not_copied_yet_is_named(scene: Scene) -> None:
    del scene.sides["west"].resources[("KafkaUser", "orders-consumer")]
    with pytest.raises(CouldNotRun, match="user orders-consumer: there is no KafkaUser"):
        logins(scene.world("orders-consumer"), "target")


def test_no_users_have_no_secrets(scene: Scene) -> None:
    assert logins(scene.world(), "source") == {}
    assert scene.sides["east"].asked == []
