"""What is wrong with a stack file, told so that it can be put right in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_SHOWN = 80  # characters of a value that a message repeats


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule that one setting breaks.

    `path` is the setting as the stack file spells it (`mirror.topics[2]`), `value` what stands there, `rule`
    what has to be true of it, `remedy` what to do.
    """

    path: str
    value: object
    rule: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}{_shown(self.value)}: {self.rule}. {self.remedy}"


class _Missing:
    """Stands for "the stack file does not say": None is something that a stack file can say."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


class SettingsError(ValueError):
    """The settings cannot be used. `problems` holds all that is wrong, in the order of the stack file's
    sections.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        super().__init__(
            "\n".join([f"{head} in the settings:", *(f"  - {problem}" for problem in self.problems)])
        )


def _shown(value: object) -> str:
    if isinstance(value, _Missing):
        return ""
    text = repr(value)
    return f" = {text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}"
