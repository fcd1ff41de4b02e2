"""Clients of a test's own, as super user, and how long they wait for an answer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

Config = Mapping[str, Any]


ASKED_AGAIN_SECONDS = 30.0
"""A client that was last used longer ago is asked whether it still gets answers."""
PROBE_SECONDS = 15
ANSWER_SECONDS = 120
"""For a broker's answer. It asserts nothing: a broker of a machine with two labs may take long."""

_kept: dict[tuple[tuple[str, Any], ...], tuple[AdminClient, float]] = {}
"""Clients by their properties, and when each was asked for last."""


def administrator(config: Config) -> AdminClient:
    """A client for these properties, kept for the run: a login costs the broker more than a request. One that
    gets no answer any more is replaced: after a broker had hung, a kept one once found no controller for the
    rest of a run, while new ones did.
    """
    key = tuple(sorted(config.items()))
    client, used = _kept.get(key, (None, 0.0))
    idle = time.monotonic() - used
    if client is None or (idle > ASKED_AGAIN_SECONDS and not _answers(client)):
        client = AdminClient(dict(config))
    _kept[key] = client, time.monotonic()
    return client


def forget_administrators() -> None:
    """Close the kept clients: one whose cluster has ended reports that again and again."""
    _kept.clear()


def _answers(client: AdminClient) -> bool:
    try:
        return client.describe_cluster(request_timeout=PROBE_SECONDS).result(2 * PROBE_SECONDS) is not None
    except (KafkaException, TimeoutError):
        return False
