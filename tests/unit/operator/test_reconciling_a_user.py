"""One reconciliation of a KafkaUser: Kafka, Secret and status."""

import pytest

from tests.unit.operator.user_world import ACLS, RULE, World, scram, world_without_users


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return world_without_users(monkeypatch)


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


def test_paused(world: World) -> None:
    world.declare(authentication=scram())
    world.kube.resources["KafkaUser", "u"]["metadata"]["annotations"] = {
        "strimzi.io/pause-reconciliation": "true"
    }
    world.operator.reconcile("u")
    assert world.status["conditions"][0]["type"] == "ReconciliationPaused"
    assert world.status["observedGeneration"] == 0
    assert world.kafka.passwords == {}


@pytest.mark.parametrize(("secret", "ready"), [(None, "Ready"), ("nope", "NotReady")])
def test_unknown_fields_are_warned_of_either_way(world: World, secret: str | None, ready: str) -> None:
    acls = [{"resource": {"type": "cluster", "name": "kafka-cluster"}, "operations": ["Describe"]}]
    world.declare(authentication=scram(secret), authorization={"type": "simple", "acls": acls})
    world.operator.reconcile("u")
    conditions = [(c["type"], c.get("reason")) for c in world.status["conditions"]]
    assert [type_ for type_, _ in conditions] == [ready, "Warning"]
    assert conditions[1] == ("Warning", "UnknownFields")
