"""Kafka Connect's REST API as Strimzi's KafkaConnectApiImpl uses it: same paths, retries and messages."""

import logging
import ssl
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

import httpx

from lab.operator.failures import Failure

log = logging.getLogger(__name__)

_EXCEPTION = "io.strimzi.operator.cluster.operator.assembly.ConnectRestException"
_TIMEOUT = httpx.Timeout(100.0, connect=5.0)
"""Connect itself gives up after 90 s; the real operator has no time limit of its own."""

PLAIN_HTTP = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no authority, since Connect's REST API is plain HTTP here. Without it, each client of httpx takes 30
ms of CPU time to load the authorities that Python knows."""

T = TypeVar("T")


class ConnectError(Failure):
    """Connect answered with a status code that was not asked for."""

    def __init__(self, method: str, path: str, code: int, message: str) -> None:
        super().__init__(_EXCEPTION, f"{method} {path} returned {code} ({code}): {message}")
        self.code = code
        self.bare = False
        """Whether Strimzi sees it as it is: only calls with back-off unwrap the CompletionException."""

    @property
    def seen(self) -> Failure:
        """As it gets into a condition."""
        return self if self.bare else self.wrapped()


class NeverSettled(Exception):
    """Connect answered 409 until the time was over. Strimzi repeats the call and never writes a status."""


class Connect:
    """One Connect cluster. Any of its workers will do: the first that takes a connection is asked."""

    def __init__(
        self,
        base_urls: Sequence[str],
        conflict_seconds: float = 300.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._base_urls = list(base_urls)
        self._conflict_seconds = conflict_seconds
        self._client = httpx.Client(
            timeout=_TIMEOUT,
            transport=transport,
            headers={"Accept": "application/json"},
            verify=PLAIN_HTTP,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def list_connectors(self) -> list[str]:
        """The names of all connectors."""
        names: list[str] = self._call("GET", "/connectors", {200}, body_message=False).json()
        return names

    def config(self, name: str) -> dict[str, str] | None:
        """The connector's configuration; None when there is no such connector."""

        def get() -> dict[str, str]:
            config: dict[str, str] = self._call("GET", f"/connectors/{name}/config", {200, 201}).json()
            return config

        try:
            return self._backing_off(get, {409}, attempts=6)
        except ConnectError as error:
            if error.code == 404:
                return None
            raise

    def create(self, creation: dict[str, Any]) -> None:
        """Create a connector; wait while Connect rebalances."""
        self._settle(lambda: self._call("POST", "/connectors", {201}, json=creation))

    def update(self, name: str, config: dict[str, Any]) -> None:
        """Replace a connector's configuration; wait while Connect rebalances."""
        self._settle(lambda: self._call("PUT", f"/connectors/{name}/config", {200, 201}, json=config))

    def delete(self, name: str) -> None:
        """Delete the connector and wait until its status is gone too."""
        self._settle(lambda: self._call("DELETE", f"/connectors/{name}", {204}))

        def gone() -> None:
            self._call("GET", f"/connectors/{name}/status", {404})

        self._backing_off(gone, {200})

    def status(self, name: str) -> dict[str, Any]:
        """The states of a connector and its tasks."""
        status: dict[str, Any] = self._call("GET", f"/connectors/{name}/status", {200}).json()
        return status

    def status_with_backoff(self, name: str) -> dict[str, Any]:
        """The status of a connector that was created just now, or is just being restarted."""
        return self._backing_off(lambda: self.status(name), {404})

    def set_state(self, name: str, action: str) -> None:
        """`action`: pause | resume | stop."""
        self._call(
            "PUT", f"/connectors/{name}/{action}", {204 if action == "stop" else 202}, body_message=False
        )

    def restart(self, name: str, include_tasks: bool, only_failed: bool) -> dict[str, Any] | None:
        """The status after the restart was asked for, where Connect gives one (202)."""
        query = f"includeTasks={str(include_tasks).lower()}&onlyFailed={str(only_failed).lower()}"
        path = f"/connectors/{name}/restart"
        response = self._call("POST", path, {202, 204}, query=query, body_message=False)
        status: dict[str, Any] | None = response.json() if response.status_code == 202 else None
        return status

    def restart_task(self, name: str, task: int) -> None:
        """Restart one task."""
        self._call("POST", f"/connectors/{name}/tasks/{task}/restart", {202, 204}, body_message=False)

    def topics(self, name: str) -> list[str]:
        """The topics that a connector has used."""
        response = self._call("GET", f"/connectors/{name}/topics", {200}, body_message=False)
        topics: list[str] = response.json()[name]["topics"]
        return topics

    def offsets(self, name: str) -> Any:
        """The offsets of a connector, as Connect's JSON."""
        return self._call("GET", f"/connectors/{name}/offsets", {200}).json()

    def alter_offsets(self, name: str, offsets: Any) -> None:
        """Change offsets of a stopped connector."""
        self._call("PATCH", f"/connectors/{name}/offsets", {200}, json=offsets)

    def reset_offsets(self, name: str) -> None:
        """Forget all offsets of a stopped connector."""
        self._call("DELETE", f"/connectors/{name}/offsets", {200})

    def _call(
        self,
        method: str,
        path: str,
        expected: Collection[int],
        *,
        json: Any = None,
        query: str = "",
        body_message: bool = True,
    ) -> httpx.Response:
        encoded = path.replace("->", "%2D%3E") + (f"?{query}" if query else "")
        log.debug("%s %s", method, encoded)
        response = self._send(method, encoded, json)
        if response.status_code in expected:
            return response
        message = _message(response) if body_message else "Unexpected status code"
        raise ConnectError(method, path, response.status_code, message)

    def _send(self, method: str, path: str, json: Any) -> httpx.Response:
        for base_url in self._base_urls:
            try:
                return self._client.request(method, f"{base_url}{path}", json=json)
            except httpx.ConnectError:
                continue  # as a Service would, which knows only ready Pods
            except httpx.HTTPError as error:
                raise Failure("java.io.IOException", str(error) or type(error).__name__).wrapped() from None
        raise Failure("java.net.ConnectException", None).wrapped()

    def _settle(self, call: Callable[[], T]) -> T:
        """Repeat while Connect answers 409: it rebalances, or another connector has the name."""
        deadline = time.monotonic() + self._conflict_seconds
        delay = 0.2
        while True:
            try:
                return call()
            except ConnectError as error:
                if error.code != 409:
                    raise
                if time.monotonic() + delay > deadline:
                    raise NeverSettled(error.message) from None
            time.sleep(delay)
            delay = min(delay * 2, 5.0)

    def _backing_off(self, call: Callable[[], T], retriable: set[int], attempts: int = 10) -> T:
        """BackOff(200 ms, 2, attempts): 0, 0.2, 0.4, 0.8 ... seconds between the calls."""
        for attempt in range(attempts + 1):
            try:
                return call()
            except ConnectError as error:
                if error.code not in retriable or attempt == attempts:
                    error.bare = True
                    raise
            time.sleep(0.2 * 2 ** (attempt - 1) if attempt else 0)
        raise AssertionError("unreachable")


def _message(response: httpx.Response) -> str:
    try:
        message = response.json().get("message")
    except (ValueError, AttributeError):
        message = None
    return str(message) if message is not None else "Unknown error message"
