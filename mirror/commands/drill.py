"""`python -m mirror drill`: a cutover under a load that numbers every record; the report of a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mirror.commands import drill_canary, drill_failover
from mirror.commands.answers import (
    JsonOption,
    MarkdownOption,
    OutputOption,
    QuietOption,
    agreed,
    chosen_form,
    progress_console,
)
from mirror.commands.drilling import (
    LOAD_VARIABLE,
    RECORDING,
    HtmlOption,
    LoadOption,
    RecordOption,
    finish,
    own_command,
    passed_on,
    program,
    recording_file,
    rehearse,
    selected,
)
from mirror.commands.moving import ONE_AT_A_TIME
from mirror.commands.moving_options import AcceptOption, AdminOption, KubeconfigOption, YesOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose_one
from mirror.cutover.drill.recording import parsed
from mirror.cutover.drill.run import drill, json_events, recording
from mirror.exit_codes import FOUND
from mirror.text.busy import Busy

EPILOG = (
    "Exit codes: 0 no record was lost or doubled (or, with --dry-run, no step is blocked), 1 otherwise (see "
    "the report), 2 it could not run."
)
_AFTER_SECONDS = 5.0

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def drills() -> None:
    """Rehearse a cutover, or a failover and the way home, under a load that numbers every record, and report
    what became of them. In production: `canary`, or any other one with --dry-run.
    """


@app.command(epilog=EPILOG)
def cutover(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Judge every step and predict the window. Moves and changes nothing."),
    ] = False,
    load: LoadOption = "",
    record: RecordOption = RECORDING,
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
    selection = selected(stack, config_file, mirror, source_admin_config, source_kubeconfig)
    selection += passed_on({"--accept-unfenced": accept_unfenced})
    if dry_run:
        rehearse(form, "cutover", *selection)
    argv_of_load = program(
        load, LOAD_VARIABLE, "no program writes and reads numbered records", "name one with --load"
    )
    name = settings.mirror.name
    question = f"This promotes the target of mirror {name}: clients cannot go back. Begin the drill?"
    if not yes and not agreed(question):
        raise typer.Exit(FOUND)
    progress = progress_console(quiet)
    with recording_file(record) as file, Busy(progress, "...") as status:
        lines = drill(
            argv_of_load,
            json_events(own_command("cutover", *selection)),
            Path.cwd(),
            file,
            status.update,
            _AFTER_SECONDS,
        )
    finish(f"drill of the cutover of mirror {name}", lines, html, form)


app.command(epilog=drill_canary.EPILOG)(drill_canary.canary)
app.command(epilog=drill_failover.EPILOG)(drill_failover.failover)


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
    finish(f"drill recorded in {file.name}", parsed(recording(file), str(file)), html, form)
