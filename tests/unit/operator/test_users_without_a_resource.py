"""Which users the periodic pass looks at, and what is deleted where no KafkaUser declares it."""

import pytest

from tests.unit.operator.user_world import OWN, RULE, World, scram, world_without_users


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return world_without_users(monkeypatch)


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
