"""`python -m mirror status`: the current state of a mirror, most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mirror.commands.answers import (
    Form,
    JsonOption,
    MarkdownOption,
    OutputOption,
    QuietOption,
    chosen_form,
)
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose
from mirror.exit_codes import FOUND, INTERRUPTED, PROVEN
from mirror.last_look.keeper import Keeper
from mirror.status.filters import Filters
from mirror.status.watch import Output, watch
from mirror.text.foreign import printable

EPILOG = "Exit codes: 0 every mirror flows, 1 one does not, 2 it could not run, 130 ended by Ctrl-C."
DEFAULT_SECONDS = "5"


def spelled_out(arguments: Sequence[str]) -> list[str]:
    """Add the default number to `status --watch` without one: Typer knows no options with optional values."""
    found = list(arguments)
    if found[:1] == ["status"]:
        for at, argument in enumerate(found):
            if argument in ("--watch", "-w") and not _number(found[at + 1 : at + 2]):
                found.insert(at + 1, DEFAULT_SECONDS)
                break
    return found


def _number(argument: list[str]) -> bool:
    return bool(argument) and argument[0].replace(".", "", 1).isdigit()


def status(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    watching: Annotated[
        float | None,
        typer.Option(
            "--watch",
            "-w",
            min=1,
            metavar="[SECONDS]",
            help=f"Repeat after this many seconds; {DEFAULT_SECONDS} without a number.",
        ),
    ] = None,
    topic: Annotated[
        list[str] | None,
        typer.Option(
            "--topic", "-t", metavar="PATTERN", help="Only these topics, each partition in a row; repeatable."
        ),
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option("--group", "-g", metavar="PATTERN", help="Only these groups; repeatable."),
    ] = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Also write a page with tables and charts."),
    ] = None,
) -> None:
    """Show how far behind a mirror is, most urgent first: whether it catches up, whether retention deletes
    records before they are mirrored, and which consumer groups could move to the target.

    The table fits one screen of any size. With --output json each look is one line. --html writes one file
    that needs no other file. --watch keeps the last look beside the mirror, for a failover.

      python -m mirror status --stack lab
      python -m mirror status --stack lab --watch 10 --html status.html
      python -m mirror status --stack prod-west --topic 'orders.*' --json
    """
    form = chosen_form(output, as_json, as_markdown)
    chosen = choose(stack, config_file, mirror)
    shown = Output(
        as_json=form is Form.JSON,
        as_markdown=form is Form.MARKDOWN,
        quiet=quiet,
        html=html,
        filters=Filters.of(topic or (), group or ()),
    )
    if watching is None:
        raise typer.Exit(PROVEN if watch(chosen.mirrors, chosen.root, shown, None) else FOUND)
    reasons: list[str] = []
    watch(
        chosen.mirrors,
        chosen.root,
        shown,
        watching,
        lambda one: Keeper(one, chosen.root, "status --watch", reasons.append, watching),
    )
    # The screen is closed now: a line on it would have been overwritten.
    for reason in dict.fromkeys(reasons):
        typer.echo(printable(reason), err=True)
    raise typer.Exit(INTERRUPTED)  # only Ctrl-C ends a watch
