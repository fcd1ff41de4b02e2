"""The problems of a stack file, all reported together so that they can be fixed in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from settings.model.secret import contains_secret

_SHOWN = 80  # characters of a value that a message repeats


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule that one setting breaks.

    `path` is the setting as the stack file spells it (`mirror.topics[2]`), `value` its value, `rule` the rule
    that the value breaks, `remedy` what to do. A value that may contain a secret is not shown.
    """

    path: str
    value: object
    rule: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}{_shown(self.value)}: {self.rule}. {self.remedy}"


class _Missing:
    """Means that there is no value to show; None is a value that a stack file can have."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


class SettingsError(ValueError):
    """The settings cannot be used. `problems` holds all problems, in the order of the file's sections."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        super().__init__(
            "\n".join([f"{head} in the settings:", *(f"  - {problem}" for problem in self.problems)])
        )


def _shown(value: object) -> str:
    if isinstance(value, _Missing) or contains_secret(value):
        return ""
    text = repr(value)
    return f" = {text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}"
