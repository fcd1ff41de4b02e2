"""What a stack tells the people and pipelines that come after it."""

from __future__ import annotations

from tests.program.conftest import Declare
from tests.unit.settings.sample import settings


def test_the_outputs_name_both_ends(declare: Declare) -> None:
    outputs = declare(settings()).outputs
    assert outputs["mirror"] == "kafka/east-to-west"
    assert outputs["sourceBootstrapServers"] == "localhost:19093"
    assert outputs["targetBootstrapServers"] == "localhost:29094"
    assert outputs["connectors"] == [
        "east->west.MirrorSourceConnector",
        "east->west.MirrorCheckpointConnector",
    ]


def test_clients_learn_where_their_credentials_are(declare: Declare) -> None:
    users = declare(settings()).outputs["copiedUsers"]
    assert list(users) == ["orders-consumer", "orders-producer"]
    assert users["orders-consumer"]["secret"] == "kafka/orders-consumer"
    assert users["orders-consumer"]["change"] == "none: the password is the source's"


def test_each_client_learns_the_listener_that_takes_its_login(declare: Declare) -> None:
    """The mirror's own listener takes certificates: a user with a password is refused there."""
    clients = declare(settings()).outputs["clients"]
    assert clients["orders-consumer"] == {
        "authentication": "scram-sha-512",
        "listener": "scram",
        "bootstrapServers": "localhost:29094",
        "securityProtocol": "SASL_SSL",
        "saslMechanism": "SCRAM-SHA-512",
        "caSecret": "kafka/west-cluster-ca-cert",
        "caKeys": ["*.crt"],
        "secret": "kafka/orders-consumer",
        "keys": ["password", "sasl.jaas.config"],
        "change": "none: the password is the source's",
    }


def test_consumers_learn_where_to_go(declare: Declare) -> None:
    text = declare(settings()).outputs["consumers"]
    assert "localhost:29095" not in text  # the listener for certificates; only SCRAM users are copied
    for needed in (
        "SCRAM users: bootstrap.servers=localhost:29094 (listener scram of Kafka kafka/west)",
        "kafka/west-cluster-ca-cert",
        "topics keep their names",
    ):
        assert needed in text


def test_consumers_learn_of_renamed_topics(declare: Declare) -> None:
    assert "east.<topic>" in declare(settings(mirror__replication_policy="default")).outputs["consumers"]
