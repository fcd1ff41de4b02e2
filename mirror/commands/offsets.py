"""`python -m mirror offsets export | apply`: groups' offsets on the target, as a file for review."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mirror.commands.answers import QuietOption, agreed, progress_console
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose_one
from mirror.exit_codes import FOUND, PROVEN
from mirror.offsets import table
from mirror.offsets.applying import OffsetChange, changes, problems
from mirror.offsets.commit import commit
from mirror.offsets.metadata import with_metadata
from mirror.offsets.proposal import NONE
from mirror.offsets.survey import surveyor
from mirror.problems import CouldNotRun, Finding
from mirror.status.filters import Filters
from mirror.text.busy import Busy
from mirror.text.files import file_problem
from mirror.text.foreign import printable_lines
from mirror.text.numbers import counted
from mirror.text.page import console, pipe_width, print_page

EXPORT_EPILOG = (
    "Exit codes: 0 every group has an offset, 1 some have none (see the notes), 2 could not read the groups."
)
APPLY_EPILOG = (
    "Exit codes: 0 the groups have the offsets of the file, 1 refused, nothing was changed, 2 could "
    "not run or "
    "not finish: run it again."
)

_ONE = "each mirror has its own file"
_CHANGED = (
    "the groups' offsets on the target have changed since the table was printed: nothing was changed. Run "
    "the same command again"
)

app = typer.Typer(
    no_args_is_help=True,
    help="Groups' offsets on the target, as a file for review: `export` only reads, `apply` sets offsets.",
)


@app.command(epilog=EXPORT_EPILOG)
def export(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    exact: Annotated[
        bool,
        typer.Option(
            "--exact",
            help="Propose the exact offset by content where records are re-read after MM2's translation.",
        ),
    ] = False,
    topic: Annotated[
        list[str] | None,
        typer.Option(
            "--topic", "-t", metavar="PATTERN", help="Only these topics, by their source names; repeatable."
        ),
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option("--group", "-g", metavar="PATTERN", help="Only these groups; repeatable."),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Write a CSV with the proposed offset of each group on the target. Changes nothing.

    The proposal is MM2's translation where that is safe. Where MM2 has none, it is the offset of the first
    record that the group has not read, found by comparing records. A group that has moved to the target is
    marked `moved` and has no proposal.

      python -m mirror offsets export --stack prod-west --exact > offsets.csv
      python -m mirror offsets export --stack lab --group 'orders-.*' > orders.csv
    """
    chosen = Filters.of(topic or (), group or ())
    settings, root = choose_one(stack, config_file, mirror, _ONE)
    console = _console(sys.stderr.isatty())
    with Busy(progress_console(quiet), "reading groups and records ..."), surveyor(settings, root) as at:
        rows, survey = at.proposals(exact=exact)
    rows = [one for one in rows if chosen.shows(one.source.topic, one.group)]
    unreadable = {one: reason for one, reason in survey.unreadable.items() if chosen.shows_group(one)}
    text = table.write(rows)
    # A file keeps every character of a name; a terminal would interpret some.
    print(printable_lines(text) if sys.stdout.isatty() else text, end="")
    for name, reason in sorted(unreadable.items()):
        console.print(f"group {name} is not in the file: {reason}", markup=False)
    if survey.blind:
        console.print(f"the offsets that MM2 is about to write are unknown: {survey.blind}", markup=False)
    ways = Counter(one.how.split(" ")[0] for one in rows)
    nothing = "no such group has offsets" if topic or group else "no group has offsets"
    told = ", ".join(f"{count} {way}" for way, count in sorted(ways.items())) or nothing
    console.print(f"{counted(len(rows), 'offset')}: {told}", markup=False)
    raise typer.Exit(FOUND if ways[NONE] or unreadable else PROVEN)


@app.command(epilog=APPLY_EPILOG)
def apply(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The reviewed file of `offsets export`.", show_default=False),
    ],
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    allow_skip: Annotated[
        bool,
        typer.Option(
            "--allow-skip",
            help="Also set offsets that skip records or may skip records. The groups lose them.",
        ),
    ] = False,
    allow_rewind: Annotated[
        bool,
        typer.Option(
            "--allow-rewind",
            help="Also set groups back to lower offsets. The groups re-read records.",
        ),
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Set the groups' offsets on the target to those of the file. Changes nothing else.

    All rows are checked first: the group is idle on the target, the offset is within the log and skips no
    record that the group has not read, is not lower than the current one, and MM2 will not overwrite it. With
    one problem, nothing is changed.
    Then the command shows the changes and asks for confirmation. Offsets that are already set are skipped, so
    run it again after an interruption.

    It logs in as the mirror's user, the only user of the stack that may commit offsets for the groups.

      python -m mirror offsets apply --stack prod-west offsets.csv
    """
    settings, root = choose_one(stack, config_file, mirror, _ONE)
    console = _console(sys.stdout.isatty(), stderr=False)
    content = table.read(_text(file))
    if content.problems:
        _refuse(console, content.problems)
    with surveyor(settings, root) as at:

        def judged() -> list[OffsetChange]:
            scene = at.scene({row.group for row in content.rows})
            found = problems(content.rows, scene, allow_skip=allow_skip, allow_rewind=allow_rewind)
            if found:
                _refuse(console, found)
            return changes(content.rows, scene)

        todo = judged()
        same = len(content.rows) - len(todo)
        verb = "is" if content.without == 1 else "are"
        left = (
            f"; {counted(content.without, 'line')} without an offset {verb} skipped"
            if content.without
            else ""
        )
        if not todo:
            console.print(f"nothing to do: {_already_set(same)}{left}", markup=False)
            raise typer.Exit(PROVEN)
        print_page(lambda page: page.print(_changes_table(todo)))
        console.print(f"{counted(len(todo), 'offset')} to set, {_already_set(same)}{left}", markup=False)
        if not yes:
            if not agreed("Set these offsets?"):
                raise typer.Exit(FOUND)
            if judged() != todo:  # an answer may take an hour, in which groups read on
                console.print(_CHANGED, markup=False)
                raise typer.Exit(FOUND)
        commit(
            at.committing_access(),
            with_metadata(todo, at.commits({one.row.group for one in todo})),
            lambda group, count: console.print(
                f"group {group}: {counted(count, 'offset')} set", markup=False
            ),
        )


def _already_set(count: int) -> str:
    return f"{counted(count, 'offset')} {'is' if count == 1 else 'are'} already set"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotRun(f"reading {file}", file_problem(error), "check the file") from error


def _refuse(console: Console, found: tuple[Finding, ...] | list[Finding]) -> None:
    """Print all problems and end the command."""
    for one in found:
        console.print(Text.assemble((one.subject, "bold"), f": {one.message}\n  Way out: {one.remedy}"))
    console.print(f"{counted(len(found), 'problem')}: nothing was changed", markup=False)
    raise typer.Exit(FOUND)


def _changes_table(todo: list[OffsetChange]) -> Table:
    shown = Table(box=None, header_style="bold")
    for column in ("group", "partition", "now", "will be"):
        shown.add_column(column)
    for one in todo:
        now = "-" if one.before is None else str(one.before)
        will = (
            f"{one.row.offset} (rewinds by up to {one.rewinds:,} records)"
            if one.rewinds
            else str(one.row.offset)
        )
        shown.add_row(Text(one.row.group), Text(str(one.row.target)), now, will)
    return shown


def _console(is_terminal: bool, *, stderr: bool = True) -> Console:
    return console(stderr=stderr, width=None if is_terminal else pipe_width())
