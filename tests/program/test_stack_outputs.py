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


def test_consumers_learn_where_to_go(declare: Declare) -> None:
    text = declare(settings()).outputs["consumers"]
    for needed in (
        "bootstrap.servers=localhost:29094",
        "kafka/west-cluster-ca-cert",
        "topics keep their names",
    ):
        assert needed in text


def test_consumers_learn_of_renamed_topics(declare: Declare) -> None:
    assert "east.<topic>" in declare(settings(mirror__replication_policy="default")).outputs["consumers"]
