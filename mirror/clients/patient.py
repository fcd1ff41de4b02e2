"""Sends a request again that a Kubernetes API has put off, as kubectl does (`withRetry` of client-go).

An API server answers 429 where too many requests wait (API Priority and Fairness), and while it shuts down.
It has done nothing then, whatever the request is, and `Retry-After` says when to come back.
"""

from __future__ import annotations

import time
from typing import Any

import httpx2

MOST_SECONDS = 15.0
"""So long one request is sent again at most."""
_PAUSE_SECONDS = 1.0
_TOO_MANY = 429


class PatientClient(httpx2.Client):
    """A client that waits where it is asked to, within bounds."""

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send a request, again where it was put off; the last answer counts."""
        ends = time.monotonic() + MOST_SECONDS
        while True:
            response = super().send(request, **options)
            pause = _seconds(response)
            if response.status_code != _TOO_MANY or time.monotonic() + pause > ends:
                return response
            response.close()
            time.sleep(pause)


def _seconds(response: httpx2.Response) -> float:
    """Seconds until it may be sent again. A date, which HTTP allows, is not what an API server writes."""
    text = response.headers.get("Retry-After", "")
    return max(_PAUSE_SECONDS, float(text)) if text.isdecimal() else _PAUSE_SECONDS
