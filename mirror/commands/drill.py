"""`python -m mirror drill cutover` and `drill report`: a cutover under a load that numbers every record."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from mirror.commands.answers import (
    Form,
    JsonOption,
    MarkdownOption,
    OutputOption,
    QuietOption,
    agreed,
    chosen_form,
    progress_console,
)
from mirror.commands.moving import ONE_AT_A_TIME
from mirror.commands.moving_options import AcceptOption, AdminOption, KubeconfigOption, YesOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose_one
from mirror.cutover.drill.judge import DrillReport, judge
from mirror.cutover.drill.markdown import markdown
from mirror.cutover.drill.page import page
from mirror.cutover.drill.recording import Line, parsed
from mirror.cutover.drill.run import drill, json_events, recording
from mirror.cutover.drill.screen import render
from mirror.exit_codes import FOUND, PROVEN
from mirror.problems import CouldNotRun, one_line
from mirror.text.busy import Busy
from mirror.text.files import write_file
from mirror.text.foreign import json_text
from mirror.text.page import print_page

EPILOG = (
    "Exit codes: 0 no record was lost or doubled (or, with --dry-run, no step is blocked), 1 otherwise (see "
    "the report), 2 it could not run."
)
LOAD_VARIABLE = "REGION_MIRROR_DRILL_LOAD"
_AFTER_SECONDS = 5.0

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write the report as a self-contained page, too."),
]


@app.callback()
def drills() -> None:
    """Rehearse a cutover under a load that numbers every record, and report what became of them."""


@app.command(epilog=EPILOG)
def cutover(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Judge every step and predict the window. Moves and changes nothing."),
    ] = False,
    load: Annotated[
        str,
        typer.Option(
            "--load",
            metavar="COMMAND",
            help="The program that writes and reads numbered records (docs/drills.md); run without a shell. "
            f"Default: {LOAD_VARIABLE}, which `make lab-env` sets for the lab.",
            show_default=False,
        ),
    ] = "",
    record: Annotated[
        Path,
        typer.Option("--record", metavar="FILE", help="Where every event is recorded."),
    ] = Path("drill.jsonl"),
    html: HtmlOption = None,
    yes: YesOption = False,
    accept_unfenced: AcceptOption = None,
    source_admin_config: AdminOption = None,
    source_kubeconfig: KubeconfigOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Move a mirror's clients to the target under a load that numbers every record. It is a real cutover:
    the target is promoted. With --dry-run nothing is moved.

      python -m mirror drill cutover --stack lab --html drill.html
      python -m mirror drill cutover --stack prod-west --dry-run
    """
    form = chosen_form(output, as_json, as_markdown)
    settings, _ = choose_one(stack, config_file, mirror, ONE_AT_A_TIME)
    passed_on = _passed_on(
        {
            "--stack": stack,
            "--config-file": config_file,
            "--mirror": mirror,
            "--source-admin-config": source_admin_config,
            "--source-kubeconfig": source_kubeconfig,
        }
    )
    for user in accept_unfenced or ():
        passed_on += ["--accept-unfenced", user]
    argv = [sys.executable, "-m", "mirror", "cutover", *passed_on]
    here = Path.cwd()
    if dry_run:
        # The same command, so that a rehearsal and a cutover never differ.
        argv += ["--dry-run", "--output", form.value]
        raise typer.Exit(subprocess.run(argv, cwd=here, check=False).returncode)  # noqa: S603
    program = shlex.split(load or os.environ.get(LOAD_VARIABLE, ""))
    if not program:
        raise CouldNotRun(
            "starting a drill",
            "no program writes and reads numbered records",
            f"name one with --load (docs/drills.md), or rehearse with --dry-run; on the lab "
            f'`eval "$(make -s lab-env)"` sets {LOAD_VARIABLE}',
        )
    name = settings.mirror.name
    question = f"This promotes the target of mirror {name}: clients cannot go back. Begin the drill?"
    if not yes and not agreed(question):
        raise typer.Exit(FOUND)
    progress = progress_console(quiet)
    try:
        file = record.open("w", encoding="utf-8")
    except OSError as error:
        raise CouldNotRun(f"writing {record}", one_line(error), "choose another --record") from error
    with file, Busy(progress, "...") as status:
        lines = drill(
            program,
            json_events(argv),
            here,
            file,
            status.update,
            _AFTER_SECONDS,
        )
    _finish(f"drill of the cutover of mirror {name}", lines, html, form)


@app.command(epilog=EPILOG)
def report(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The recording of a drill.")],
    html: HtmlOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make the report of a recording again.

    python -m mirror drill report drill.jsonl --html drill.html
    """
    form = chosen_form(output, as_json, as_markdown)
    _finish(f"drill recorded in {file.name}", parsed(recording(file), str(file)), html, form)


def _passed_on(options: dict[str, object]) -> list[str]:
    return [text for name, value in options.items() if value for text in (name, str(value))]


def _finish(title: str, lines: Iterable[Line], html: Path | None, form: Form) -> None:
    recorded = list(lines)
    made: DrillReport = judge(recorded)
    if html is not None:
        write_file(html, page(title, made, recorded), "--html")
    if form is Form.JSON:
        print(json_text(made.to_json(), indent=2))
    elif form is Form.MARKDOWN:
        print(markdown(title, made), end="")
    else:
        print_page(lambda console: render(title, made, recorded, console))
    raise typer.Exit(PROVEN if made.passed else FOUND)
