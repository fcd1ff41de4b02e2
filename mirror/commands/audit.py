"""`python -m mirror audit`: compare every record of the source with the target."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from mirror.audit.mirror_audit import AuditOptions, audit_mirror
from mirror.audit.progress import shown
from mirror.audit.render import markdown, render
from mirror.audit.selection import WHOLE, PartitionSlice
from mirror.audit.state import default_root
from mirror.commands import audit_slices
from mirror.commands.answers import (
    Answers,
    JsonOption,
    MarkdownOption,
    OutputOption,
    QuietOption,
    progress_console,
)
from mirror.commands.before_subcommand import subcommand_follows
from mirror.commands.one_by_one import OneByOne
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption
from mirror.commands.stack_files import choose as choose_stack
from mirror.estate.deployed import read_deployed
from mirror.exit_codes import COULD_NOT_RUN, code_of
from mirror.problems import CouldNotRun
from mirror.text.files import write_file

EPILOG = (
    "Exit codes: 0 no record differs, 1 records differ or could not be compared, 2 the audit could not run, "
    "or not for each mirror."
)
INDEX = "JOB_COMPLETION_INDEX"
"""Kubernetes sets it in the pods of an Indexed Job."""

app = typer.Typer(
    invoke_without_command=True, add_completion=False, pretty_exceptions_enable=False, epilog=EPILOG
)


@app.callback()
def audit(
    context: typer.Context,
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    topic: audit_slices.TopicOption = None,
    lanes: Annotated[
        int,
        typer.Option(
            "--lanes",
            metavar="N",
            min=1,
            max=64,
            help="Number of partitions compared in parallel.",
            show_default="two for each core, at most 8",
        ),
    ] = min(8, 2 * (os.cpu_count() or 1)),
    partition_slice: Annotated[
        str,
        typer.Option(
            "--partition-slice",
            metavar="I/N",
            help=f"Audit slice I of N only; with `/N`, {INDEX} says which.",
        ),
    ] = "",
    state: Annotated[
        Path | None,
        typer.Option(
            "--state", metavar="FOLDER", help="Folder for the state from which an interrupted audit resumes."
        ),
    ] = None,
    sample: audit_slices.SampleOption = None,
    max_records: Annotated[
        int | None,
        typer.Option("--max-records", min=1, metavar="N", help="Compare a sample of about N records."),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Start again from the beginning; do not resume an interrupted audit."),
    ] = False,
    findings: Annotated[
        Path | None,
        typer.Option(
            "--findings", metavar="FILE", help="Write every difference to FILE, one JSON object on each line."
        ),
    ] = None,
    progress_json: Annotated[
        bool, typer.Option("--progress-json", help="Write the progress to stderr as JSON lines.")
    ] = False,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare every record of every mirrored partition, source against target: key, value, headers,
    timestamp, order. Reports lost, duplicated, reordered, altered and alien records.

    The audit compares up to a consistent cut while producers and MM2 keep running. If it is interrupted,
    run the same command again: it resumes.

      python -m mirror audit --stack lab
      python -m mirror audit --stack prod-west --topic orders --findings found.jsonl
      python -m mirror audit merge slice-*.json
    """
    if subcommand_follows(context):
        return
    answers = Answers.of(output, as_json, as_markdown)
    options = AuditOptions(
        state or default_root(),
        tuple(topic or ()),
        parse_slice(partition_slice),
        lanes,
        sample,
        max_records,
        fresh,
        findings,
    )
    chosen = choose_stack(stack, config_file, mirror)
    if findings is not None:
        write_file(findings, "", "--findings")
    console = progress_console(quiet)
    proven, one_by_one = True, OneByOne(answers, "audited", len(chosen.mirrors) == 1)
    for settings in chosen.mirrors:
        with one_by_one.hiding_no_other(settings.mirror.name):
            access = read_deployed(settings, chosen.root)
            with shown(settings.mirror.name, console, as_json=progress_json) as show:
                report = audit_mirror(settings, access, options, partial(_say, console), show)
            proven = proven and report.passed
            answers.show(report, alone=one_by_one.alone, markdown=markdown, render=render)
    raise typer.Exit(COULD_NOT_RUN if one_by_one.unread else code_of(proven))


def parse_slice(text: str) -> PartitionSlice:
    """Parse `2/8`, or `/8` in a pod of an Indexed Job. Raises CouldNotRun."""
    if not text:
        return WHOLE
    number, slash, count = text.partition("/")
    number = number or os.environ.get(INDEX, "")
    if slash and number.isdigit() and count.isdigit() and int(number) < int(count):
        return PartitionSlice(int(number), int(count))
    raise CouldNotRun(
        "reading --partition-slice",
        f"{text!r} is not I/N with I from 0 to N-1" + ("" if number else f", and {INDEX} is not set"),
        "for example 0/4, 1/4, 2/4 and 3/4",
    )


def _say(console: Console, line: str) -> None:
    console.print(line, style="dim", highlight=False)


app.command(name="job")(audit_slices.job)
app.command(name="merge", epilog=EPILOG)(audit_slices.merge_reports)
