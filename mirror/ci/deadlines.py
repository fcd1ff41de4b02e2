"""How long a pipeline's job may deploy a stack. Pure.

A job that ends earlier than `pulumi up` kills it: the stack stays locked, and its verification is not
recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from settings.yaml_errors import UNREADABLE
from settings.yaml_text import PulumiLoader

LONGEST = 350
"""Minutes that any job may take. GitHub ends every job of its own runners after 360."""
_LEAST = 60
_BESIDE_THE_PROOF = 30
"""Minutes for everything else that `pulumi up` waits for, and for `verify` after it."""


def minutes(stack_files: Iterable[str]) -> int:
    """Return the minutes for a job that deploys these stack files, one of them at a time. A file that cannot
    be read counts as one without a deadline: `ci check` tells of it.
    """
    seconds = [_deadline_in(text) for text in stack_files]
    return min(LONGEST, max([_LEAST, *(-(-one // 60) + _BESIDE_THE_PROOF for one in seconds)]))


def _deadline_in(text: str) -> int:
    try:
        return _deadline(yaml.load(text, PulumiLoader))  # noqa: S506 - a SafeLoader
    except UNREADABLE:
        return 0


def _deadline(value: Any) -> int:
    """Return the sum of `deadline_seconds` in a stack file: its mirrors may be verified in turn."""
    if isinstance(value, Mapping):
        own = value.get("deadline_seconds")
        found = own if isinstance(own, int) and not isinstance(own, bool) and own > 0 else 0
        return found + sum(_deadline(one) for one in value.values())
    return sum(_deadline(one) for one in value) if isinstance(value, list) else 0
