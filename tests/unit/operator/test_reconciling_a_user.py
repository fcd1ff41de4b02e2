"""One reconciliation of a KafkaUser: Kafka, Secret and status; and of what Kafka holds without one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from lab.operator.failures import Failure
from lab.operator.user import reconcile as module
from lab.operator.user.model import AclRule
from lab.operator.user.reconcile import UserOperator
from tests.unit.operator.fake_kubernetes import FakeKubernetes

OWN = {"strimzi.io/cluster": "west", "strimzi.io/kind": "KafkaUser"}
RULE = AclRule("topic", "t", "literal", "Read", "*", "allow")
ACLS = {
    "type": "simple",
    "acls": [{"resource": {"type": "topic", "name": "t"}, "operations": ["Read"]}],
}


@dataclass
class FakeKafka:
    passwords: dict[str, str] = field(default_factory=dict)
    acls: dict[str, set[AclRule]] = field(default_factory=dict)
    quotas: dict[str, dict[str, float]] = field(default_factory=dict)
    refuses: str | None = None

    def reconcile_acls(self, username: str, desired: Iterable[AclRule]) -> None:
        self.acls[username] = set(desired)
        if not self.acls[username]:
            del self.acls[username]

    def upsert_password(self, username: str, password: str) -> None:
        if self.refuses:
            raise Failure("org.apache.kafka.common.errors.TimeoutException", self.refuses)
        self.passwords[username] = password

    def delete_password(self, username: str) -> None:
        self.passwords.pop(username, None)

    def scram_users(self) -> set[str]:
        return set(self.passwords)

    def acl_users(self) -> set[str]:
        return set(self.acls)

    # The quotas of the cluster, as UserQuotas: the connection is not looked at.
    def reconcile(self, client: object, username: str, desired: Mapping[str, float]) -> None:
        self.quotas[username] = dict(desired)
        if not desired:
            del self.quotas[username]

    def users(self, client: object) -> set[str]:
        return set(self.quotas)


@dataclass
class World:
    kube: FakeKubernetes
    kafka: FakeKafka
    operator: UserOperator

    def declare(self, name: str = "u", labels: Mapping[str, str] | None = None, **spec: Any) -> None:
        metadata = {
            "name": name,
            "namespace": "kafka",
            "uid": "1",
            "generation": 3,
            "labels": dict(labels if labels is not None else {"strimzi.io/cluster": "west"}),
        }
        kind = {"apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaUser"}
        self.kube.add({**kind, "metadata": metadata, "spec": spec})

    @property
    def status(self) -> Any:
        return self.kube.resources["KafkaUser", "u"].get("status")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    kube, kafka = FakeKubernetes(), FakeKafka()
    api: Any = kube
    quotas: Any = kafka
    monkeypatch.setattr(module, "kafka_client", lambda *where: FakeClient())
    monkeypatch.setattr(module, "Kafka", lambda config: kafka)
    return World(kube, kafka, UserOperator(api, "kafka", "west", quotas))


@dataclass(frozen=True)
class FakeClient:
    librdkafka: Mapping[str, str] = field(default_factory=dict, hash=False)


def scram(secret: str | None = None) -> dict[str, Any]:
    if secret is None:
        return {"type": "scram-sha-512"}
    reference = {"secretKeyRef": {"name": secret, "key": "pw"}}
    return {"type": "scram-sha-512", "password": {"valueFrom": reference}}


def test_a_password_user(world: World) -> None:
    world.declare(authentication=scram(), authorization=ACLS, quotas={"producerByteRate": 5})
    world.operator.reconcile("u")
    secret = world.kube.secret("kafka", "u")
    assert secret is not None
    assert world.kafka.passwords == {"u": secret["password"].decode()}
    assert world.kafka.acls == {"u": {RULE}}
    assert world.kafka.quotas == {"u": {"producer_byte_rate": 5.0}}
    del world.status["conditions"][0]["lastTransitionTime"]
    assert world.status == {
        "conditions": [{"type": "Ready", "status": "True"}],
        "observedGeneration": 3,
        "secret": "u",
        "username": "u",
    }


def test_again_it_keeps_the_password_and_writes_nothing(world: World) -> None:
    world.declare(authentication=scram())
    world.operator.reconcile("u")
    before = dict(world.kafka.passwords)
    world.kube.writes.clear()
    world.kube.statuses.clear()
    world.operator.reconcile("u")
    assert world.kafka.passwords == before
    assert (world.kube.writes, world.kube.statuses) == ([], [])


def test_a_given_password_and_its_rotation(world: World) -> None:
    world.declare(authentication=scram("given"))
    for password in (b"one", b"two"):
        world.kube.add_secret("given", pw=password)
        world.operator.reconcile("u")
        secret = world.kube.secret("kafka", "u")
        assert secret is not None
        assert secret["password"] == password
        assert world.kafka.passwords == {"u": password.decode()}


def test_a_given_password_that_is_not_there(world: World) -> None:
    world.declare(authentication=scram("nope"))
    world.operator.reconcile("u")
    [condition] = world.status["conditions"]
    assert (condition["type"], condition["reason"]) == ("NotReady", "ExecutionException")
    assert condition["message"] == (
        "java.util.concurrent.CompletionException: io.strimzi.operator.common.model.InvalidResourceException:"
        " Secret nope in namespace kafka not found"
    )
    assert not {"username", "secret"} & world.status.keys()
    assert world.kafka.passwords == {}


def test_an_unlabelled_secret_of_the_same_name_is_overwritten(world: World) -> None:
    world.kube.add_secret("u", password=b"mine", other=b"x")
    world.declare(authentication=scram())
    world.operator.reconcile("u")
    secret = world.kube.secret("kafka", "u")
    assert secret is not None
    assert secret.keys() == {"password", "sasl.jaas.config"}
    assert secret["password"] != b"mine"


def test_kafka_gets_what_an_ascii_secret_cannot_hold(world: World) -> None:
    world.kube.add_secret("given", pw="ü".encode())
    world.declare(authentication=scram("given"))
    world.operator.reconcile("u")
    secret = world.kube.secret("kafka", "u")
    assert secret is not None
    assert (secret["password"], world.kafka.passwords["u"]) == (b"??", "\ufffd\ufffd")


def test_another_authentication_moves_acls_and_quotas(world: World) -> None:
    world.declare(authentication=scram(), authorization=ACLS, quotas={"producerByteRate": 5})
    world.operator.reconcile("u")
    world.declare(authentication={"type": "tls-external"}, authorization=ACLS, quotas={"producerByteRate": 5})
    world.operator.reconcile("u")
    assert world.kafka.passwords == {}
    assert world.kafka.acls.keys() == world.kafka.quotas.keys() == {"CN=u"}
    assert world.kube.secret("kafka", "u") is None
    assert world.status["username"] == "CN=u"
    assert "secret" not in world.status


def test_an_invalid_acl_is_told_when_all_else_is_done(world: World) -> None:
    world.kafka.acls["u"] = {RULE}
    acls = [{"resource": {"type": "topic"}, "operations": ["Read"]}]
    world.declare(authentication=scram(), authorization={"type": "simple", "acls": acls})
    world.operator.reconcile("u")
    assert world.status["conditions"][0]["message"].endswith("Name is required for resource type: TOPIC")
    assert world.kafka.acls == {}
    assert world.kafka.passwords.keys() == {"u"}


def test_kafka_that_does_not_answer(world: World) -> None:
    world.kafka.refuses = "Call timed out"
    world.declare(authentication=scram(), authorization=ACLS)
    world.operator.reconcile("u")
    assert world.status["conditions"][0]["message"] == (
        "java.util.concurrent.CompletionException:"
        " org.apache.kafka.common.errors.TimeoutException: Call timed out"
    )
    assert world.kafka.acls == {"u": {RULE}}


@pytest.mark.parametrize("labels", [None, {}, {"strimzi.io/cluster": "east"}])
def test_what_no_user_of_the_cluster_declares_goes(world: World, labels: dict[str, str] | None) -> None:
    if labels is not None:
        world.declare(labels=labels, authentication=scram())
    world.kube.add_secret("u", OWN, password=b"p")
    world.kafka.passwords = {"u": "p", "other": "p"}
    world.kafka.acls = {"u": {RULE}, "CN=u": {RULE}, "CN=other": {RULE}}
    world.kafka.quotas = {"u": {"a": 1.0}, "CN=u": {"a": 1.0}}
    world.operator.reconcile("u")
    assert world.kube.secret("kafka", "u") is None
    assert world.kafka.passwords.keys() == {"other"}
    assert world.kafka.acls.keys() == {"CN=other"}
    assert world.kafka.quotas == {}
    assert world.kube.statuses == []


def test_paused(world: World) -> None:
    world.declare(authentication=scram())
    world.kube.resources["KafkaUser", "u"]["metadata"]["annotations"] = {
        "strimzi.io/pause-reconciliation": "true"
    }
    world.operator.reconcile("u")
    assert world.status["conditions"][0]["type"] == "ReconciliationPaused"
    assert world.status["observedGeneration"] == 0
    assert world.kafka.passwords == {}


def test_a_user_that_is_being_deleted_is_left_alone(world: World) -> None:
    world.declare(authentication=scram())
    world.kube.resources["KafkaUser", "u"]["metadata"]["deletionTimestamp"] = "now"
    world.operator.reconcile("u")
    assert (world.kube.writes, world.kube.statuses) == ([], [])


def test_whom_the_periodic_pass_looks_at(world: World) -> None:
    world.declare("declared")
    world.declare("another-clusters", labels={"strimzi.io/cluster": "east"})
    world.kube.add_secret("left-over-secret", OWN)
    world.kube.add_secret("unrelated")
    world.kafka.passwords = {"scram": "p"}
    world.kafka.acls = {"CN=acl": {RULE}}
    world.kafka.quotas = {"CN=quota": {"a": 1.0}}
    assert world.operator.all_users() == {"declared", "left-over-secret", "scram", "acl", "quota"}


def test_ignored_users_are_not_looked_at(world: World) -> None:
    """The pattern of UserOperatorConfig (1.2.0) matches whole names as Kafka knows them, with "CN="."""
    variable = {"name": "STRIMZI_IGNORED_USERS_PATTERN", "value": "legacy-.*|CN=old|declared"}
    template = {"userOperatorContainer": {"env": [{"name": "other", "value": "x"}, variable]}}
    kafka = {
        "kind": "Kafka",
        "metadata": {"name": "west"},
        "spec": {"entityOperator": {"template": template}},
    }
    world.kube.add(kafka)
    world.declare("declared")
    world.kafka.passwords = {"legacy-a": "p", "a-legacy-b": "p", "declared": "p"}
    world.kafka.acls = {"CN=old": {RULE}, "CN=old-2": {RULE}, "legacy-b": {RULE}}
    world.kafka.quotas = {"legacy-c": {"a": 1.0}, "old": {"a": 1.0}}
    assert world.operator.all_users() == {"declared", "a-legacy-b", "old-2", "old"}


@pytest.mark.parametrize(("secret", "ready"), [(None, "Ready"), ("nope", "NotReady")])
def test_unknown_fields_are_warned_of_either_way(world: World, secret: str | None, ready: str) -> None:
    acls = [{"resource": {"type": "cluster", "name": "kafka-cluster"}, "operations": ["Describe"]}]
    world.declare(authentication=scram(secret), authorization={"type": "simple", "acls": acls})
    world.operator.reconcile("u")
    conditions = [(c["type"], c.get("reason")) for c in world.status["conditions"]]
    assert [type_ for type_, _ in conditions] == [ready, "Warning"]
    assert conditions[1] == ("Warning", "UnknownFields")
