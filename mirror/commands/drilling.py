"""Shared by the drills: their options and programs, the recording, the report."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Annotated, NoReturn

import typer

from mirror.commands.answers import Form
from mirror.cutover.canary.judge import is_canary, judge_canary
from mirror.cutover.canary.results import CanaryReport, presented_canary
from mirror.cutover.drill.disaster.judge import is_disaster, judge_disaster
from mirror.cutover.drill.disaster.presented import presented_disaster
from mirror.cutover.drill.disaster.results import DisasterReport
from mirror.cutover.drill.judge import judge
from mirror.cutover.drill.markdown import markdown
from mirror.cutover.drill.page import page
from mirror.cutover.drill.presented import presented
from mirror.cutover.drill.recording import Line
from mirror.cutover.drill.results import DrillReport
from mirror.cutover.drill.screen import render
from mirror.exit_codes import FOUND, PROVEN
from mirror.problems import CouldNotRun, one_line
from mirror.text.files import write_file
from mirror.text.foreign import json_text
from mirror.text.page import print_page

LOAD_VARIABLE = "REGION_MIRROR_DRILL_LOAD"
OUTAGE_VARIABLE = "REGION_MIRROR_DRILL_OUTAGE"

HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write the report as a self-contained page, too."),
]
RecordOption = Annotated[
    Path,
    typer.Option(
        "--record",
        metavar="FILE",
        help="Where every event is recorded; an earlier recording there is replaced.",
    ),
]
LoadOption = Annotated[
    str,
    typer.Option(
        "--load",
        metavar="COMMAND",
        help="The program that writes and reads numbered records (docs/drills.md); run without a shell. "
        f"Default: {LOAD_VARIABLE}, which `make lab-env` sets for the lab.",
        show_default=False,
    ),
]
RECORDING = Path("drill.jsonl")


def own_command(*words: str) -> list[str]:
    """Return the argv of a command of this program, as an operator types it."""
    return [sys.executable, "-m", "mirror", *words]


def rehearse(form: Form, *words: str) -> NoReturn:
    """Run the command itself with --dry-run: a rehearsal never differs from it. Exits with its code."""
    argv = own_command(*words, "--dry-run", "--output", form.value)
    raise typer.Exit(subprocess.run(argv, check=False).returncode)  # noqa: S603 - argv of this program


def passed_on(options: Mapping[str, object]) -> list[str]:
    """Return the options that were given, each as often as it has values, for the command of a drill."""
    given = [(name, one) for name, of in options.items() for one in (of if isinstance(of, list) else [of])]
    return [text for name, one in given if one for text in (name, str(one))]


def selected(
    stack: str,
    config_file: Path | None,
    mirror: str,
    admin: Path | None = None,
    kubeconfig: Path | None = None,
) -> list[str]:
    """Return the options that select a mirror, and the logins at its source."""
    return passed_on(
        {
            "--stack": stack,
            "--config-file": config_file,
            "--mirror": mirror,
            "--source-admin-config": admin,
            "--source-kubeconfig": kubeconfig,
        }
    )


def program(given: str, variable: str, lacks: str, way_out: str) -> list[str]:
    """Split the command line of a program of the drill. Raises CouldNotRun where there is none."""
    text = given or os.environ.get(variable, "")
    try:
        found = shlex.split(text)
    except ValueError as error:
        way_out = "write it as for a shell, with both quotation marks"
        raise CouldNotRun(f"reading the command line {text!r}", one_line(error), way_out) from error
    if not found:
        raise CouldNotRun(
            "starting a drill",
            lacks,
            f"{way_out} (docs/drills.md), or rehearse with --dry-run; on the lab "
            f'`eval "$(make -s lab-env)"` sets {variable}',
        )
    return found


def recording_file(record: Path) -> IO[str]:
    """Open the recording for writing; each line is there at once, also for a run that is killed. Raises
    CouldNotRun.
    """
    try:
        return record.open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise CouldNotRun(f"writing {record}", one_line(error), "choose another --record") from error


def finish(title: str, lines: Iterable[Line], html: Path | None, form: Form) -> None:
    """Judge what was recorded, and print the report. Exits with the code of its verdict."""
    recorded = list(lines)
    made: DrillReport | DisasterReport | CanaryReport
    if is_canary(recorded):
        made = judge_canary(recorded)
        shown = presented_canary(made)
    elif is_disaster(recorded):
        made = judge_disaster(recorded)
        shown = presented_disaster(made, recorded)
    else:
        made = judge(recorded)
        shown = presented(made)
    if form is Form.JSON:
        print(json_text(made.to_json(), indent=2))
    elif form is Form.MARKDOWN:
        print(markdown(title, shown), end="")
    else:
        print_page(lambda console: render(title, shown, recorded, console))
    if html is not None:  # last: a page that cannot be written hides no result
        write_file(html, page(title, shown, recorded), "--html")
    raise typer.Exit(PROVEN if made.passed else FOUND)
