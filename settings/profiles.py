"""What a profile sets, and why: producer, consumer and task settings that fit a mirror."""

from __future__ import annotations

from settings.model import Settings

_TASKS = 4


def tasks_max(settings: Settings) -> int:
    """Return the most tasks of the source connector."""
    return _TASKS if settings.mirror.tasks_max is None else settings.mirror.tasks_max
