"""The running transactions: the same call after a time-out, an abort after a failure, an end when fenced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from lab.workload import streams
from lab.workload.connection import Cluster
from lab.workload.roster import topic_named
from lab.workload.running import Brokers
from lab.workload.streams import TRANSACTION_SIZE, TransactionalStream

TIMED_OUT = KafkaError(KafkaError._TIMED_OUT, retriable=True)
MUST_ABORT = KafkaError(KafkaError.INVALID_TXN_STATE, txn_requires_abort=True)
FATAL = KafkaError(KafkaError.INVALID_TXN_STATE, fatal=True)
FENCED = KafkaError(KafkaError._FENCED, fatal=True)


class FakeProducer:
    """Notes the calls of librdkafka's producer; the next call of a name can be made to fail."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.calls: list[str] = []
        self.undelivered = 0
        self.failures: dict[str, list[KafkaError]] = {}

    def flush(self, seconds: float) -> int:
        self.calls.append("flush")
        return self.undelivered

    def __getattr__(self, name: str) -> Callable[..., int]:
        def call(*_: object, **__: object) -> int:
            self.calls.append(name)
            if self.failures.get(name):
                raise KafkaException(self.failures[name].pop(0))
            return 0

        return call

    @property
    def noted(self) -> list[str]:
        """The calls since last asked, without the polls."""
        noted, self.calls = [name for name in self.calls if name != "poll"], []
        return noted


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> TransactionalStream:
    monkeypatch.setattr(streams, "Producer", FakeProducer)
    topic = topic_named("payments")
    assert topic is not None
    return TransactionalStream(Cluster("east", lambda user: {}), topic, 5_000, Brokers())


def fake(stream: TransactionalStream) -> FakeProducer:
    producer: Any = stream.producer
    assert isinstance(producer, FakeProducer)
    return producer


def test_a_full_transaction_is_committed(stream: TransactionalStream) -> None:
    assert stream.write(TRANSACTION_SIZE) == TRANSACTION_SIZE
    calls = fake(stream).noted
    assert (calls[0], calls[1], calls[-1]) == ("init_transactions", "begin_transaction", "commit_transaction")
    assert calls.count("produce") == TRANSACTION_SIZE


def test_one_in_five_is_delivered_and_then_aborted(stream: TransactionalStream) -> None:
    for _ in range(10):
        stream.write(TRANSACTION_SIZE)
    calls = fake(stream).noted
    assert calls.count("commit_transaction") == 8
    assert calls.count("abort_transaction") == calls.count("flush") == 2
    assert stream.counts.aborted == 2 * TRANSACTION_SIZE


@pytest.mark.parametrize("call", ["init_transactions", "commit_transaction"])
def test_a_call_that_timed_out_is_made_again_before_any_other(stream: TransactionalStream, call: str) -> None:
    fake(stream).failures[call] = [TIMED_OUT]
    stream.write(TRANSACTION_SIZE)
    assert fake(stream).noted[-1] == call
    stream.write(1)
    assert fake(stream).noted[0] == call


def test_a_failed_transaction_is_aborted_and_its_numbers_are_not_used_again(
    stream: TransactionalStream,
) -> None:
    fake(stream).failures["produce"] = [MUST_ABORT]
    stream.write(3)
    assert fake(stream).noted[-1] == "produce"
    assert stream.write(1) == 1
    assert fake(stream).noted == ["abort_transaction", "begin_transaction", "produce"]
    assert stream.next == 5_000 + TRANSACTION_SIZE + 1


def test_nothing_is_aborted_before_it_is_delivered(stream: TransactionalStream) -> None:
    for _ in range(3):  # from number 501 on: the fourth is one to be aborted
        stream.write(TRANSACTION_SIZE)
    fake(stream).undelivered = 2
    stream.write(TRANSACTION_SIZE)
    assert fake(stream).noted[-1] == "flush"
    fake(stream).undelivered = 0
    stream.write(0)
    assert fake(stream).noted == ["flush", "abort_transaction"]


def test_a_fatal_error_is_left_behind_with_the_producer_that_had_it(stream: TransactionalStream) -> None:
    fake(stream).failures["commit_transaction"] = [FATAL]
    broken = fake(stream)
    stream.write(TRANSACTION_SIZE)
    assert fake(stream) is not broken
    assert stream.write(1) == 1
    assert fake(stream).noted == ["init_transactions", "begin_transaction", "produce"]
    assert stream.next == 5_000 + TRANSACTION_SIZE + 1


def test_a_fenced_producer_ends_the_process(stream: TransactionalStream) -> None:
    fake(stream).failures["begin_transaction"] = [FENCED]
    with pytest.raises(SystemExit):
        stream.write(1)


def test_the_open_transaction_is_aborted_when_stopped(stream: TransactionalStream) -> None:
    stream.write(3)
    stream.stop(0.1)
    assert fake(stream).noted[-1] == "abort_transaction"


def test_stopping_leaves_a_transaction_to_kafka_when_brokers_are_silent(stream: TransactionalStream) -> None:
    stream.write(3)
    fake(stream).failures["abort_transaction"] = [TIMED_OUT]
    stream.stop(0.1)
