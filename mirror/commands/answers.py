"""How a command answers: for people, as JSON for machines, or as Markdown for a pull request."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, TypeVar

import typer
from rich.console import Console

from mirror.problems import CouldNotRun

JsonOption = Annotated[
    bool, typer.Option("--json", help="JSON on stdout: one document, one line each for several mirrors.")
]
MarkdownOption = Annotated[bool, typer.Option("--markdown", help="GitHub-flavoured Markdown on stdout.")]
# A pipe has no width of its own; 80 columns would fold every line.
PIPE_WIDTH = 160


class HasJson(Protocol):
    """What can be printed as JSON."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values only."""
        ...


T = TypeVar("T", bound=HasJson)


@dataclass(frozen=True, slots=True)
class Answers:
    """Prints one answer a mirror. Raises CouldNotRun when two forms are asked for at once."""

    as_json: bool
    as_markdown: bool

    def __post_init__(self) -> None:
        if self.as_json and self.as_markdown:
            raise CouldNotRun(
                "reading the command line", "--json and --markdown exclude each other", "drop one"
            )

    def show(
        self,
        answer: T,
        *,
        alone: bool,
        markdown: Callable[[T], str],
        render: Callable[[T, Console], None],
    ) -> None:
        """`alone`: the only answer, whose JSON may take several lines."""
        if self.as_json:
            print(json.dumps(answer.to_json(), indent=2 if alone else None, ensure_ascii=False))
        elif self.as_markdown:
            print(markdown(answer), end="")
        else:
            render(answer, Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False))
