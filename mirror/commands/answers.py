"""What commands share: options of the output, the printing of results, the question before a change."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Protocol, Self, TypeVar

import typer
from rich.console import Console

from mirror.problems import CouldNotRun
from mirror.text.foreign import json_text
from mirror.text.page import console, print_page


class Form(StrEnum):
    """The form of a result on stdout."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


OutputOption = Annotated[
    Form | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FORM",
        show_default=Form.TABLE.value,
        help="Form of the result on stdout: table, json (one document, or one line for each mirror or event) "
        "or markdown (for a pull request).",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="The same as --output json.")]
MarkdownOption = Annotated[bool, typer.Option("--markdown", help="The same as --output markdown.")]
QuietOption = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Print no progress on stderr; results and errors are still printed."),
]


def not_empty(context: typer.Context, parameter: typer.CallbackParam, given: str) -> str:
    """Refuse `--stack "$STACK"` or `--until "$STEP"` where the variable is empty: the selected stack, or all
    steps, would be meant.
    """
    source = context.get_parameter_source(parameter.name or "")
    if not given and source is not None and source.name == "COMMANDLINE":
        raise typer.BadParameter("it is empty.")
    return given


class HasJson(Protocol):
    """A result that can be printed as JSON."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values only."""
        ...


T = TypeVar("T", bound=HasJson)


def chosen_form(output: Form | None, as_json: bool, as_markdown: bool) -> Form:
    """The one form that the options name. Raises CouldNotRun where they name different ones."""
    named = {"--output " + output: output} if output else {}
    if as_json:
        named["--json"] = Form.JSON
    if as_markdown:
        named["--markdown"] = Form.MARKDOWN
    if len(set(named.values())) > 1:
        options = " and ".join(named)
        raise CouldNotRun("reading the command line", f"{options} exclude each other", "drop one")
    return next(iter(named.values()), Form.TABLE)


@dataclass(frozen=True, slots=True)
class Answers:
    """Prints the result of each mirror in one form."""

    form: Form

    @classmethod
    def of(cls, output: Form | None, as_json: bool, as_markdown: bool) -> Self:
        """Take the form from a command's options. Raises CouldNotRun where they name different ones."""
        return cls(chosen_form(output, as_json, as_markdown))

    def show(
        self,
        answer: T,
        *,
        alone: bool,
        markdown: Callable[[T], str],
        render: Callable[[T, Console], None],
    ) -> None:
        """Print a result. `alone`: there is no other result, so its JSON may take several lines."""
        if self.form is Form.JSON:
            print(json_text(answer.to_json(), indent=2 if alone else None))
        elif self.form is Form.MARKDOWN:
            print(markdown(answer), end="")
        else:
            print_page(lambda console: render(answer, console))


def progress_console(quiet: bool) -> Console:
    """The console for progress, on stderr. It prints nothing when `quiet`."""
    return console(stderr=True, quiet=quiet)


def agreed(question: str) -> bool:
    """Ask on the terminal. Raises CouldNotRun where there is none."""
    if not sys.stdin.isatty():
        raise CouldNotRun("asking for confirmation", "stdin is not a terminal", "add --yes")
    return typer.confirm(question, err=True)
