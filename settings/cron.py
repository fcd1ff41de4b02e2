"""The rule for a CronJob's schedule, as Kubernetes parses it (robfig/cron, `ParseStandard`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MACROS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_ITEM = re.compile(r"(?:[*?]|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?")

# Field, smallest and largest value, and the names that stand for values.
_FIELDS: Sequence[tuple[str, int, int, Mapping[str, int]]] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("day of the week", 0, 6, {name: number for number, name in enumerate(_DAYS)}),
)


def schedule(value: str) -> tuple[str, str] | None:
    """Check the five fields of a schedule, or a macro such as `@daily`."""
    if value in MACROS:
        return None
    parts = value.split()
    if len(parts) != len(_FIELDS):
        return (
            f"must be five fields (minute, hour, day of the month, month, day of the week) or one of "
            f"{', '.join(MACROS)}",
            'Write e.g. "*/15 * * * *", in quotes',
        )
    for text, (name, low, high, names) in zip(parts, _FIELDS, strict=True):
        if not all(_sound(item, low, high, names) for item in text.split(",")):
            return (
                f"has {text!r} as its {name}, which must be *, a number from {low} to {high}, a range (1-5), "
                "a list (1,3) or one of them with a step (*/15)",
                'Write e.g. "*/15 * * * *", in quotes',
            )
    return None


def _sound(item: str, low: int, high: int, names: Mapping[str, int]) -> bool:
    found = _ITEM.fullmatch(item)
    if found is None or (found["step"] is not None and int(found["step"]) == 0):
        return False
    given = [end for end in (found["first"], found["last"]) if end is not None]
    values = [_number(end, names) for end in given]
    return all(low <= value <= high for value in values) and values == sorted(values)


def _number(text: str, names: Mapping[str, int]) -> int:
    return int(text) if text.isdecimal() else names.get(text.lower(), -1)
