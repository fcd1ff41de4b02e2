"""A log says when the brokers went silent and when they were back, not twenty times a second."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from lab.workload import running
from lab.workload.running import Brokers

DOWN = KafkaError(KafkaError._ALL_BROKERS_DOWN)
REFUSED = KafkaError(KafkaError._AUTHENTICATION)


def test_silence_and_return_are_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    brokers = Brokers()
    for _ in range(20):
        brokers.error(DOWN)
    brokers.answered()
    brokers.answered()
    silent, back = capsys.readouterr().out.splitlines()
    assert "do not answer" in silent
    assert "answer again" in back


def test_a_login_that_stays_refused_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    brokers = Brokers()
    brokers.error(REFUSED)
    brokers.check()  # a moment of refusal is a broker that has just started
    monkeypatch.setattr(running, "LOGIN_PATIENCE_SECONDS", 0.0)
    with pytest.raises(SystemExit):
        brokers.check()


def test_a_login_that_works_again_is_forgiven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LOGIN_PATIENCE_SECONDS", 0.0)
    brokers = Brokers()
    brokers.error(REFUSED)
    brokers.answered()
    brokers.check()
