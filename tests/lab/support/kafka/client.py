"""Clients of a test's own, as super user, and how long they wait for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from confluent_kafka.admin import (
    AdminClient,
)

Config = Mapping[str, Any]


ANSWER_SECONDS = 120
"""For a broker's answer. It asserts nothing: a broker of a machine with two labs may take long."""


def administrator(config: Config) -> AdminClient:
    """A client for these properties, kept for the run: a login costs the broker more than a request."""
    return _administrator(tuple(sorted(config.items())))


def forget_administrators() -> None:
    """Close the kept clients: one whose cluster has ended reports that again and again."""
    _administrator.cache_clear()


@lru_cache(maxsize=32)
def _administrator(properties: tuple[tuple[str, Any], ...]) -> AdminClient:
    return AdminClient(dict(properties))
