"""Requests to a forge: with a token that no message contains, a bounded number of repetitions, and pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from mirror.problems import CouldNotRun, one_line

_TRIES = 4
_LONGEST_WAIT = 60.0
"""Seconds that all repetitions of one request wait together, at most."""
_BUSY = frozenset({502, 503, 504})
_MOST_PAGES = 100
_PAGE = 100
"""Entries of a page: the most that both forges give."""
TIMEOUT = httpx2.Timeout(20.0, connect=5.0)


class Gone(CouldNotRun):
    """The comment does not exist: somebody deleted it."""


class Unanswered(CouldNotRun):
    """No answer, so a comment may have been created or not."""


@dataclass(frozen=True, slots=True)
class Api:
    """A forge's REST API. `permission` says which permission a token needs for pull requests."""

    client: httpx2.Client
    permission: str
    sleep: Callable[[float], None] = time.sleep

    def request(
        self,
        method: str,
        path: str,
        doing: str,
        body: Mapping[str, str] | None = None,
        parameters: Mapping[str, int | str] | None = None,
    ) -> Any:
        """Send a request and return its JSON. It is repeated while the forge is busy or limits the rate, but
        one that creates something only where the forge says that it was not carried out. Raises CouldNotRun.
        """
        waited = 0.0
        for attempt in range(1, _TRIES + 1):
            response = self._send(method, path, doing, body, parameters, last=attempt == _TRIES)
            wait = None if response is None else _wait(response, method, attempt)
            if response is not None and wait is None:
                return self._answer(response, doing)
            wait = 2.0 ** (attempt - 1) if wait is None else wait
            if attempt == _TRIES or waited + wait > _LONGEST_WAIT:
                break
            waited += wait
            self.sleep(wait)
        if response is not None and not _limited(response):
            return self._answer(response, doing)
        way_out = "run the job again later; the comment is optional, the report is in the run's summary"
        raise CouldNotRun(
            doing, f"the forge limits the rate of requests ({_LONGEST_WAIT:.0f} s waited at most)", way_out
        )

    def entry(
        self, method: str, path: str, doing: str, body: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Send a request that is answered with one JSON object, and return it. Raises CouldNotRun."""
        found = self.request(method, path, doing, body)
        if not isinstance(found, dict):
            raise CouldNotRun(doing, "an answer in another form", "check the address of the forge's API")
        return found

    def pages(self, path: str, doing: str) -> Iterator[dict[str, Any]]:
        """Return the entries of all pages of a list. Raises CouldNotRun."""
        for page in range(1, _MOST_PAGES + 1):
            found = self.request("GET", path, doing, parameters={"per_page": _PAGE, "page": page})
            if not isinstance(found, list):
                raise CouldNotRun(doing, "an answer in another form", "check the address of the forge's API")
            yield from found
            if len(found) < _PAGE:
                return
        raise CouldNotRun(
            doing, f"there are more than {_MOST_PAGES * _PAGE:,} comments", "open a new pull request"
        )

    def _send(
        self,
        method: str,
        path: str,
        doing: str,
        body: Mapping[str, str] | None,
        parameters: Mapping[str, int | str] | None,
        *,
        last: bool,
    ) -> httpx2.Response | None:
        """Return the answer, or None where there was none and the request may be repeated."""
        try:
            return self.client.request(method, path, json=body, params=dict(parameters or {}))
        except httpx2.HTTPError as error:
            if method != "POST" and not last:
                return None
            happened = one_line(error) or type(error).__name__
            way_out = "check the network and the address of the forge's API, and run the job again"
            raise Unanswered(doing, happened, way_out) from error

    def _answer(self, response: httpx2.Response, doing: str) -> Any:
        status = response.status_code
        if status < 300:
            try:
                return response.json() if response.content else None
            except ValueError as error:
                raise CouldNotRun(
                    doing, "an answer that is not JSON", "check the address of the forge's API"
                ) from error
        message = _message(response)
        if status == 401:
            raise CouldNotRun(doing, "the token is not valid (401)", "renew the token")
        if status in (404, 410) and response.request.method in ("PATCH", "PUT", "DELETE"):
            raise Gone(
                doing, f"the comment does not exist or the token must not see it ({status})", self.permission
            )
        if status in (403, 404, 410):
            raise CouldNotRun(doing, f"refused ({status}: {message})", self.permission)
        if response.request.method == "POST" and status >= 500:
            raise Unanswered(doing, f"the forge answered {status}: {message}", "run the job again")
        raise CouldNotRun(
            doing, f"the forge answered {status}: {message}", "check the forge's state, and run the job again"
        )


def _limited(response: httpx2.Response) -> bool:
    """Whether the forge refused because of its rate limit. GitHub does so with 403, too."""
    headers = response.headers
    exhausted = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
    return response.status_code == 429 or (response.status_code == 403 and exhausted)


def _wait(response: httpx2.Response, method: str, attempt: int) -> float | None:
    """Seconds to wait before the request is repeated; None: it is not repeated."""
    if _limited(response):
        return _asked_wait(response.headers) or 2.0 ** (attempt - 1)
    if response.status_code in _BUSY and method != "POST":
        return 2.0 ** (attempt - 1)
    return None


def _asked_wait(headers: httpx2.Headers) -> float:
    """Seconds that the forge asks to wait (RFC 9110 Retry-After; GitHub's X-RateLimit-Reset is a time)."""
    after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if after.isdecimal():
        return float(after)
    return max(0.0, float(reset) - time.time()) if reset.isdecimal() else 0.0


def _message(response: httpx2.Response) -> str:
    try:
        found = response.json()
        text = found.get("message") or found.get("error") if isinstance(found, dict) else ""
    except ValueError:
        text = ""
    return one_line(text or response.reason_phrase)[:300]
