"""`python -m mirror status`: how a mirror does now, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mirror.commands.answers import JsonOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose
from mirror.exit_codes import FOUND, PROVEN
from mirror.status.filters import Filters
from mirror.status.watch import Output, watch

EPILOG = "Exit codes: 0 every mirror flows, 1 one does not, 2 it could not be looked at, 130 ended by Ctrl-C."
DEFAULT_SECONDS = "5"


def spelled_out(arguments: Sequence[str]) -> list[str]:
    """`status --watch` without its number gets one: the command line's library knows no optional values."""
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
            help=f"Look again and again, that often; {DEFAULT_SECONDS} without a number.",
        ),
    ] = None,
    topic: Annotated[
        list[str] | None,
        typer.Option("--topic", "-t", metavar="PATTERN", help="Only these topics, by partition; repeatable."),
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option("--group", "-g", metavar="PATTERN", help="Only these groups; repeatable."),
    ] = None,
    as_json: JsonOption = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Also write a page with the tables and charts."),
    ] = None,
) -> None:
    """Show how far behind a mirror is, what is worst, whether it catches up, whether retention wins, and
    which consumer groups could move.

    One screen for people, whatever the size; with --json one line a look for machines; with --html one page
    that needs nothing else.

      python -m mirror status --stack lab
      python -m mirror status --stack lab --watch 10 --html status.html
      python -m mirror status --stack prod-west --topic 'orders.*' --json
    """
    chosen = choose(stack, config_file, mirror)
    filters = Filters.of(topic or (), group or ())
    output = Output(as_json=as_json, html=html, filters=filters)
    flows = watch(chosen.mirrors, chosen.root, output, watching)
    raise typer.Exit(PROVEN if flows else FOUND)
