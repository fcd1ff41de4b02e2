"""Probes change their mind when Kubernetes' would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.kubelet.pod import Unsupported
from lab.kubelet.probe import probe

CONTAINER = {
    "ports": [{"name": "metrics", "containerPort": 9404}],
    "readinessProbe": {"httpGet": {"path": "/healthz", "port": "metrics"}, "periodSeconds": 5},
    "livenessProbe": {"httpGet": {"path": "/healthz", "port": 80}, "failureThreshold": 2},
}


def answers(*given: bool) -> tuple[list[tuple[str, int, str]], object]:
    """What is asked, and a server that answers so."""
    asked: list[tuple[str, int, str]] = []
    following: Iterator[bool] = iter(given)

    def answer(address: str, port: int, path: str, _timeout: float) -> bool:
        asked.append((address, port, path))
        return next(following)

    return asked, answer


def test_it_is_ready_after_the_first_success_and_not_before() -> None:
    one = probe(CONTAINER, "readinessProbe")
    assert one is not None
    asked, answer = answers(False, True, False, False, False)
    seen = [one.look("127.0.0.9", now=now, answers=answer) for now in (0, 1, 5, 10, 15, 20)]  # type: ignore[arg-type]
    assert seen == [False, False, True, True, True, False]
    assert asked == [("127.0.0.9", 9404, "/healthz")] * 5


def test_it_is_alive_until_it_has_failed_often_enough() -> None:
    one = probe(CONTAINER, "livenessProbe")
    assert one is not None
    _, answer = answers(False, True, False, False)
    seen = [one.look("127.0.0.9", now=now, answers=answer) for now in (0, 10, 20, 30)]  # type: ignore[arg-type]
    assert seen == [True, True, True, False]


def test_nobody_answers() -> None:
    one = probe(CONTAINER, "readinessProbe")
    assert one is not None
    assert one.look("127.255.255.254") is False


def test_a_container_without_one_has_none() -> None:
    assert probe({}, "livenessProbe") is None


@pytest.mark.parametrize(
    "given",
    [
        {"exec": {"command": ["true"]}},
        {"httpGet": {"port": 1, "scheme": "HTTPS"}},
        {"httpGet": {"port": "unknown"}},
    ],
)
def test_what_it_cannot_ask_it_refuses(given: dict[str, object]) -> None:
    with pytest.raises(Unsupported):
        probe({"readinessProbe": given}, "readinessProbe")
