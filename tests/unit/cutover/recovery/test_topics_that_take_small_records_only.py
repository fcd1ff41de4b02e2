"""`max.message.bytes` of the target bounds the batches of `recover`; a refused record names its topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from mirror.clients.cluster import Cluster
from mirror.cutover.recovery import write
from mirror.problems import CouldNotRun
from tests.unit.cutover.recovery.two_clusters import Scene


class Refused:
    """What a delivery report says of a record."""

    def topic(self) -> str:
        return "orders"


def test_batches_are_as_small_as_the_smallest_topic_wants(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Mapping[str, Any]] = []

    def producer(config: Mapping[str, Any]) -> Producer:
        given.append(config)
        return Producer(dict(config))

    monkeypatch.setattr(write, "Producer", producer)
    monkeypatch.setattr(Cluster, "topic_configs", lambda *_: {"orders": {"max.message.bytes": "20000"}})
    scene.promoted({"orders": [250, 0, 0, 0]})
    assert scene.run(write=True, to="topic").left == 0
    assert [config["batch.size"] for config in given] == [20_000]


@pytest.mark.parametrize(("there", "batch"), [(True, 1_000_000), (False, 9_000)])
def test_a_topic_that_the_target_lacks_bounds_them_by_its_original(
    there: bool, batch: int, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its quarantine topic was created with the small limit, and refused each batch."""
    given: list[Mapping[str, Any]] = []

    def producer(config: Mapping[str, Any]) -> Producer:
        given.append(config)
        return Producer(dict(config))

    def configs(cluster: Cluster, topics: Iterable[str]) -> dict[str, Mapping[str, str]]:
        here = cluster.access is scene.source.access
        return {one: {"max.message.bytes": "9000"} for one in topics if one == "payments.small" and here}

    monkeypatch.setattr(write, "Producer", producer)
    monkeypatch.setattr(Cluster, "topic_configs", configs)
    scene.source.write("payments.small", 0, [(None, b"1")])
    if there:
        scene.target.write("payments.small", 0, [(None, b"1")])
    scene.promoted({"orders": [250, 0, 0, 0], "payments.small": [1, 0, 0, 0]})
    scene.run(write=True)
    assert [config["batch.size"] for config in given] == [batch]


def test_a_record_that_is_too_large_names_the_topic_and_what_to_raise() -> None:
    """To run the same command again would not help."""

    class Broken(write.Writer):
        def __init__(self) -> None:
            self._where, self._refused = "west", []

    writer = Broken()
    writer._delivered(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE), cast(Any, Refused()))

    def commit() -> None:
        raise KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))

    with pytest.raises(CouldNotRun) as caught:
        writer._call("committing recovered records", commit)
    assert caught.value.tried == "writing to topic orders on west"
    assert "raise max.message.bytes of orders by 4,096 at least" in caught.value.way_out
