"""A Kubernetes API that puts a request off is asked again, as kubectl does; in the end it is an error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from mirror.clients import patient
from mirror.clients.kubeconfig import open_api
from mirror.clients.kubernetes import Kubernetes
from mirror.problems import CouldNotConnect
from tests.unit.clients.test_ambient_kubernetes import written
from tests.unit.support.clock import Clock

MESSAGE = {"message": "too many requests, please try again later"}
Api = Callable[..., tuple[Kubernetes, list[str]]]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(patient, "time", clock)
    return clock


@pytest.fixture
def api(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Api:
    """An API that puts off so many requests, each for `after`; and the methods of all that it was sent."""

    def of(busy: int, after: str | None = "2") -> tuple[Kubernetes, list[str]]:
        sent: list[str] = []

        def answer(request: httpx2.Request) -> httpx2.Response:
            sent.append(f"{request.method} {request.read().decode()}".strip())
            if len(sent) > busy:
                return httpx2.Response(200, json={"data": {"key": "dmFsdWU="}})
            return httpx2.Response(429, json=MESSAGE, headers={"Retry-After": after} if after else {})

        kept = httpx2.MockTransport(answer)
        monkeypatch.setattr(httpx2.Client, "_transport_for_url", lambda *_: kept)
        return Kubernetes(*open_api(written(tmp_path / "kubeconfig", "api"))), sent

    return of


def test_a_busy_api_is_waited_for_as_long_as_it_says(api: Api, clock: Clock) -> None:
    """A `pulumi up` failed, and a look of the exporter, where kubectl and Pulumi's provider went on."""
    kubernetes, sent = api(busy=2)
    assert kubernetes.secret("kafka", "password") == {"key": b"value"}
    assert (len(sent), clock.passed) == (3, 4)


@pytest.mark.parametrize("after", [None, "Mon, 30 Nov 2026 21:00:00 GMT", "0"])
def test_without_a_number_of_seconds_it_waits_for_one(api: Api, clock: Clock, after: str | None) -> None:
    kubernetes, sent = api(1, after)
    kubernetes.secret("kafka", "password")
    assert (len(sent), clock.passed) == (2, 1)


def test_a_change_that_was_put_off_is_sent_whole(api: Api) -> None:
    """The API has done nothing of it."""
    kubernetes, sent = api(busy=1)
    kubernetes.request("PATCH", "/api/v1/x", "x", verb="patch", body={"data": 1})
    assert sent == ['PATCH {"data": 1}'] * 2


def test_one_that_stays_busy_is_an_error_with_its_words(api: Api, clock: Clock) -> None:
    kubernetes, _ = api(busy=1000)
    with pytest.raises(CouldNotConnect, match="it answered 429: too many requests"):
        kubernetes.secret("kafka", "password")
    assert clock.passed <= patient.MOST_SECONDS


def test_nobody_waits_for_an_hour(api: Api, clock: Clock) -> None:
    kubernetes, sent = api(1, "3600")
    with pytest.raises(CouldNotConnect):
        kubernetes.secret("kafka", "password")
    assert (len(sent), clock.passed) == (1, 0)
