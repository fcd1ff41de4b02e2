"""The hidden first line of a comment, by which a later run finds it again."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Pulumi's names of projects and stacks (tokens.QName) contain no space and no angle bracket, so they cannot
# end the HTML comment.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")
_MARK = re.compile(
    r"<!-- region-mirror:comment project=(?P<project>[A-Za-z0-9_.-]+) stack=(?P<stack>[A-Za-z0-9_.-]+)"
    r" commit=(?P<commit>[0-9a-f]+) run=(?P<run>[0-9]+) -->"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose comment it is, the commit that it reports, and the number of the run that wrote it: a later run
    has a greater number.
    """

    project: str
    stack: str
    commit: str
    run: int

    def __str__(self) -> str:
        line = (
            f"<!-- region-mirror:comment project={self.project} stack={self.stack}"
            f" commit={self.commit} run={self.run} -->"
        )
        if _MARK.fullmatch(line) is None:
            raise ValueError(f"not a project, stack, commit and run: {line}")
        return line


def marked(body: str) -> Mark | None:
    """Return the mark of a comment, or None for a comment of somebody else. Only the start counts: people
    quote.
    """
    found = _MARK.match(body)
    return found and Mark(found["project"], found["stack"], found["commit"], int(found["run"]))


def is_stack_name(text: str) -> bool:
    """Whether a stack can have this name, and a mark can contain it."""
    return _NAME.fullmatch(text) is not None
