"""The login of the source's administrator, as librdkafka properties. Only one command gets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AdminLogin:
    """librdkafka properties with which an AdminClient logs in as an administrator."""

    properties: Mapping[str, str] = field(repr=False)
