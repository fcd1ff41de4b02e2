"""`python -m mirror drill failover`: the source is killed under load, and production comes home again."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

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
    OUTAGE_VARIABLE,
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
from mirror.commands.moving_options import AcceptOption, YesOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose_one, stack_file
from mirror.cutover.drill.disaster.run import Commands, Plan, drill_disaster
from mirror.cutover.drill.run import json_events
from mirror.exit_codes import FOUND
from mirror.problems import CouldNotRun
from mirror.text.busy import Busy

EPILOG = (
    "Exit codes: 0 every record is accounted for (or, with --dry-run, a failover is possible now), 1 "
    "otherwise (see the report), 2 it could not run."
)
WATCH_SECONDS = "5"
_AFTER_SECONDS = 5.0
_QUESTION = (
    "This kills the source of mirror {mirror}, and promotes its target: records that were not mirrored are "
    "missing there. Begin the drill?"
)


class Until(StrEnum):
    """The last phase."""

    HOME = "home"
    PROMOTED = "promoted"


def failover(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Print what a failover would do and what would be missing. Changes nothing."
        ),
    ] = False,
    until: Annotated[
        Until,
        typer.Option(
            "--until",
            help="`promoted`: end once production works on the target. `home`: recover the missing records, "
            "and move production back to the source.",
        ),
    ] = Until.HOME,
    load: LoadOption = "",
    outage: Annotated[
        str,
        typer.Option(
            "--outage",
            metavar="COMMAND",
            help="The program that takes the source away and brings it back (docs/drills.md); run without a "
            f"shell. Default: {OUTAGE_VARIABLE}, which `make lab-env` sets for the lab.",
            show_default=False,
        ),
    ] = "",
    kill_after: Annotated[
        float,
        typer.Option("--kill-after", min=0.0, metavar="SECONDS", help="Seconds under load before the kill."),
    ] = 10.0,
    way_back: Annotated[
        str,
        typer.Option(
            "--way-back",
            metavar="STACK",
            help="The stack of the way back, which is created. Default: <stack>-back.",
            show_default=False,
        ),
    ] = "",
    target_admin_config: Annotated[
        Path | None,
        typer.Option(
            "--target-admin-config",
            metavar="FILE",
            help="For `recover --write`: librdkafka properties of a login that writes on the target.",
        ),
    ] = None,
    accept_unfenced: AcceptOption = None,
    record: RecordOption = RECORDING,
    html: HtmlOption = None,
    yes: YesOption = False,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Kill a mirror's source under a load that numbers every record, fail over, recover, and move production
    home by the commands of an operator. For the lab and for clusters that may be killed: in production use
    --dry-run, which is `failover --dry-run`.

      python -m mirror drill failover --stack lab --html drill.html
      python -m mirror drill failover --stack lab --until promoted
      python -m mirror drill failover --stack prod-west --dry-run
    """
    form = chosen_form(output, as_json, as_markdown)
    settings, root = choose_one(stack, config_file, mirror, ONE_AT_A_TIME)
    selection = selected(stack, config_file, mirror)
    if dry_run:
        rehearse(form, "failover", *selection)
    load_argv = program(
        load, LOAD_VARIABLE, "no program writes and reads numbered records", "name one with --load"
    )
    outage_argv = program(outage, OUTAGE_VARIABLE, "no program kills the source", "name one with --outage")
    file = stack_file(stack, config_file)
    back = way_back or f"{file.owner.stack if file.owner else settings.mirror.name}-back"
    back_file = file.path.with_name(f"Pulumi.{back}{file.path.suffix}")
    if until is Until.HOME and back_file.exists():
        raise CouldNotRun(
            "starting a drill", f"{back_file} exists", "delete it, or name another stack with --way-back"
        )
    if not yes and not agreed(_QUESTION.format(mirror=settings.mirror.name)):
        raise typer.Exit(FOUND)
    accepted = passed_on({"--accept-unfenced": accept_unfenced})
    writer = passed_on({"--target-admin-config": target_admin_config})
    with (
        TemporaryDirectory(prefix="drill-") as folder,
        recording_file(record) as recorded,
        Busy(progress_console(quiet), "...") as status,
    ):
        commands = _commands(selection, Path(folder), back, back_file, root, accepted, writer)
        plan = Plan(
            load_argv,
            outage_argv,
            commands,
            Path.cwd(),
            kill_after,
            _AFTER_SECONDS,
            until is Until.HOME,
        )
        lines = drill_disaster(plan, recorded, status.update)
    finish(f"drill of the failover of mirror {settings.mirror.name}", lines, html, form)


def _commands(
    selection: Sequence[str],
    folder: Path,
    back: str,
    back_file: Path,
    root: Path,
    accepted: Sequence[str],
    writer: Sequence[str],
) -> Commands:
    report, user = folder / "failover.json", folder / "user.yaml"
    pulumi = ["pulumi", "--cwd", str(root), "--non-interactive", "--color", "never"]
    home = ["--config-file", str(back_file)]
    return Commands(
        watch=own_command("status", *selection, "--watch", WATCH_SECONDS, "--output", "json"),
        failover=json_events(own_command("failover", *selection, "--report", str(report)), asks=True),
        report=report,
        recover=own_command("recover", *selection, *writer, "--output", "json", "--quiet"),
        fence=["--fence", *accepted],
        reverse=own_command("reverse", *selection, "--out", str(back_file), "--quiet"),
        source_user=own_command("source-user", *home),
        user=user,
        deploy=[
            [*pulumi, "stack", "select", "--create", "--stack", back],
            [*pulumi, "up", "--yes", "--skip-preview", "--stack", back],
        ],
        home=json_events(own_command("cutover", *home, *accepted)),
    )
