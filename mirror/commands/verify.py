"""`python -m mirror verify`: proves that the mirrors of a stack are complete."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from mirror.commands.answers import (
    Answers,
    JsonOption,
    MarkdownOption,
    OutputOption,
    QuietOption,
    progress_console,
)
from mirror.commands.one_by_one import OneByOne
from mirror.commands.stack_files import Chosen, FileOption, MirrorOption, StackOption, choose
from mirror.estate.connection import connect
from mirror.exit_codes import COULD_NOT_RUN, code_of
from mirror.last_look.keeper import Keeper
from mirror.problems import CouldNotRun
from mirror.status.reading import SnapshotReader
from mirror.text.busy import Busy
from mirror.text.failures import reason_of
from mirror.text.foreign import printable
from mirror.verify.published import ConfigMapPublisher, Publisher
from mirror.verify.reading.look import Session
from mirror.verify.register import NAMES
from mirror.verify.render import markdown, render
from mirror.verify.report import Report
from mirror.verify.run import verify as run_verification
from settings.model import Settings

EPILOG = (
    "Exit codes: 0 proven, 1 a check failed (see the remedies), 2 it could not run, or not for each mirror."
)


def verify(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    wait: Annotated[
        float,
        typer.Option(
            "--wait",
            "-w",
            min=0,
            metavar="SECONDS",
            help="Repeat a failed verification for at most this long.",
        ),
    ] = 0,
    check: Annotated[
        list[str] | None,
        typer.Option(
            "--check", "-c", metavar="NAME", help=f"Only this check; repeatable. One of: {', '.join(NAMES)}."
        ),
    ] = None,
    as_up: Annotated[
        bool,
        typer.Option(
            "--as-up",
            help="Leave out mirrors that `pulumi up` does not verify: by their stack file promoted, retired, "
            "paused or stopped, or with `verification.enabled: false`. For pipelines.",
        ),
    ] = False,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
    result_config_map: Annotated[
        str,
        typer.Option(
            "--result-config-map",
            metavar="NAME",
            show_default=False,
            help="Also write the report into this ConfigMap in the target's namespace. It must exist. Used "
            "by the Job of `verification.runner: job`.",
        ),
    ] = "",
) -> None:
    """Prove that a mirror is complete: connectors are running, all topics exist, the lag is small, the newest
    records are the same on both sides, and consumer groups can move without skipping a record.

    Reads Kafka with the credentials that the stack deployed. It can run at any time, during traffic.

      python -m mirror verify --stack lab
      python -m mirror verify --stack prod-west --wait 300 --json > report.json
      python -m mirror verify --stack lab --check lag --check tail-matches
    """
    answers = Answers.of(output, as_json, as_markdown)
    chosen = choose(stack, config_file, mirror)
    publisher = _publisher(chosen, result_config_map)
    proven, one_by_one = True, OneByOne(answers, "verified", len(chosen.mirrors) == 1)
    for settings in chosen.mirrors:
        if as_up and settings.unverified:
            one_by_one.without(settings.mirror.name, "left_out", settings.unverified)
            continue
        with one_by_one.hiding_no_other(settings.mirror.name):
            with publisher:
                report = publisher.said(_look(settings, chosen.root, wait, check or (), quiet))
            proven = proven and report.passed
            answers.show(report, alone=one_by_one.alone, markdown=markdown, render=render)
    raise typer.Exit(COULD_NOT_RUN if one_by_one.unread else code_of(proven))


def _publisher(chosen: Chosen, config_map: str) -> Publisher:
    if not config_map:
        return Publisher()
    if len(chosen.mirrors) > 1:
        raise CouldNotRun(
            "reading the command line",
            "--result-config-map holds the report of one mirror, but the stack has several",
            "add --mirror",
        )
    (settings,) = chosen.mirrors
    return ConfigMapPublisher(connect(settings.target, chosen.root), settings.target.namespace, config_map)


def _look(settings: Settings, root: Path, wait: float, only: Collection[str], quiet: bool) -> Report:
    with Busy(progress_console(quiet), f"verifying mirror {settings.mirror.name} ...") as status:
        return run_verification(
            settings,
            root=root,
            deadline_seconds=wait,
            progress=lambda report: _show_progress(status, report, wait),
            only=frozenset(only),
            seen=lambda session: _keep(settings, root, session),
        )


def _keep(settings: Settings, root: Path, session: Session) -> None:
    """Keep the last look beside the mirror, for a failover. A failure is printed: it fails no check."""
    keeper = Keeper(settings, root, "verify", lambda reason: typer.echo(printable(reason), err=True))
    try:
        with ExitStack() as stack:
            keeper(SnapshotReader(settings, root, stack, session).look())
    except Exception as error:
        typer.echo(printable(f"the last look was not kept: {reason_of(error)}"), err=True)


def _show_progress(status: Busy, report: Report, wait: float) -> None:
    if report.passed or not wait:
        return
    failing = ", ".join(check.name for check in report.checks if not check.passed)
    status.update(f"attempt {report.looks}: not yet proven ({failing}); trying again")
