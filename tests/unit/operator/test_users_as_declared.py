"""What a KafkaUser asks for, as Strimzi's User Operator understands it."""

from typing import Any

import pytest

from lab.operator.failures import Failure, execution, reconciliation
from lab.operator.user.model import AclRule, belongs_to, resource_name, user


def kafka_user(name: str = "u", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaUser",
        "metadata": {
            "name": name,
            "namespace": "kafka",
            "uid": "1",
            "labels": {"strimzi.io/cluster": "west"},
        },
        "spec": spec,
    }


@pytest.mark.parametrize(
    ("authentication", "username"),
    [
        ({"type": "scram-sha-512"}, "u"),
        ({"type": "tls"}, "CN=u"),
        ({"type": "tls-external"}, "CN=u"),
        (None, "u"),
    ],
)
def test_username(authentication: dict[str, str] | None, username: str) -> None:
    assert user(kafka_user(authentication=authentication)).username == username


def test_one_acl_an_operation_with_defaults() -> None:
    acl = {"resource": {"type": "topic", "name": "t"}, "operations": ["Read", "Describe"]}
    acls = user(kafka_user(authorization={"type": "simple", "acls": [acl]})).acls
    assert acls == {
        AclRule("topic", "t", "literal", "Read", "*", "allow"),
        AclRule("topic", "t", "literal", "Describe", "*", "allow"),
    }


def test_prefix_deny_host_and_cluster() -> None:
    acls = [
        {
            "type": "deny",
            "host": "10.0.0.1",
            "resource": {"type": "group", "name": "g", "patternType": "prefix"},
            "operations": ["All"],
        },
        {"resource": {"type": "cluster"}, "operations": ["IdempotentWrite"]},
    ]
    assert user(kafka_user(authorization={"type": "simple", "acls": acls})).acls == {
        AclRule("group", "g", "prefix", "All", "10.0.0.1", "deny"),
        AclRule("cluster", "kafka-cluster", "literal", "IdempotentWrite", "*", "allow"),
    }


def test_an_acl_without_a_name_fails_after_all_else() -> None:
    acls = [
        {"resource": {"type": "topic"}, "operations": ["Read"]},
        {"resource": {"type": "topic", "name": "t"}, "operations": ["Read"]},
    ]
    declared = user(kafka_user(authorization={"type": "simple", "acls": acls}))
    assert {rule.name for rule in declared.acls} == {"t"}
    assert declared.acl_failure is not None
    assert declared.acl_failure.message == "Name is required for resource type: TOPIC"


def test_quotas_by_kafkas_names() -> None:
    quotas = {"producerByteRate": 1, "controllerMutationRate": 1.5, "requestPercentage": None}
    assert user(kafka_user(quotas=quotas)).quotas == {
        "producer_byte_rate": 1.0,
        "controller_mutation_rate": 1.5,
    }
    assert user(kafka_user()).quotas == {}


def test_labels_of_the_secret() -> None:
    template = {"secret": {"metadata": {"labels": {"x": "y"}, "annotations": {"a": "b"}}}}
    declared = user(kafka_user(template=template))
    assert declared.secret_annotations == {"a": "b"}
    assert declared.secret_labels == {
        "strimzi.io/cluster": "west",
        "strimzi.io/kind": "KafkaUser",
        "app.kubernetes.io/name": "strimzi-user-operator",
        "app.kubernetes.io/managed-by": "strimzi-user-operator",
        "app.kubernetes.io/instance": "u",
        "app.kubernetes.io/part-of": "strimzi-u",
        "x": "y",
    }


def test_names_too_long_for_a_certificate() -> None:
    with pytest.raises(Failure) as refused:
        user(kafka_user("x" * 65, authentication={"type": "tls"}))
    told = execution(reconciliation(refused.value))
    assert told.reason == "ExecutionException"
    assert told.message == (
        "io.strimzi.operator.common.ReconciliationException:"
        " io.strimzi.operator.common.model.InvalidResourceException:"
        " Users with TLS client authentication can have a username (name of the KafkaUser custom resource)"
        " only up to 64 characters long."
    )
    assert user(kafka_user("x" * 65, authentication={"type": "scram-sha-512"})).username == "x" * 65


@pytest.mark.parametrize("password", [{}, {"valueFrom": {"secretKeyRef": {"name": "s"}}}])
def test_a_password_from_nowhere(password: dict[str, Any]) -> None:
    with pytest.raises(Failure, match="doesn't specify the secret name and/or key"):
        user(kafka_user(authentication={"type": "scram-sha-512", "password": password}))


def test_only_users_of_the_cluster_are_minded() -> None:
    assert belongs_to(kafka_user(), "west")
    assert not belongs_to(kafka_user(), "east")
    unlabelled = kafka_user()
    del unlabelled["metadata"]["labels"]
    assert not belongs_to(unlabelled, "west")


@pytest.mark.parametrize(
    ("username", "name"),
    [("u", "u"), ("CN=u", "u"), ("CN=u,O=y", "u"), ("O=y, CN=u", "u"), ("*", "*"), ("CN=u,nonsense", None)],
)
def test_which_user_a_principal_stands_for(username: str, name: str | None) -> None:
    assert resource_name(username) == name
