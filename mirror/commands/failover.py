"""`python -m mirror failover`, `failover status` and `failover rollback`: the move without a source."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mirror.clients.source_look import SOURCE_SECONDS
from mirror.commands import failover_job
from mirror.commands.answers import (
    JsonOption,
    MarkdownOption,
    OutputOption,
    QuietOption,
    agreed,
    chosen_form,
)
from mirror.commands.before_subcommand import subcommand_follows
from mirror.commands.failover_report import keep_report, show, write_report
from mirror.commands.moving import (
    CODES,
    EPILOG,
    ONE_AT_A_TIME,
    STATUS_EPILOG,
    clients_left,
    engine_of,
    refused,
)
from mirror.commands.moving_display import Display
from mirror.commands.moving_options import (
    AliveOption,
    LeaveOutOption,
    ReportOption,
    UnconfirmedOption,
    UnreadOption,
    UntilOption,
    YesOption,
)
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose_one
from mirror.cutover.engine import selected
from mirror.cutover.failover.begun_cutover import read_left_of_cutover
from mirror.cutover.failover.report import FailoverReport, report_of
from mirror.cutover.failover.scene import FailoverOptions, Scene, world_of
from mirror.cutover.failover.steps import failover_steps, without_source
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.lease import Lease
from mirror.cutover.remaining import remaining
from mirror.cutover.step import Options, Step, Verdict, World
from mirror.cutover.steps.renew_offsets import not_renewed
from mirror.exit_codes import FOUND, PROVEN
from mirror.mm2.phase import REPLICATE, phase_of
from settings.model import Settings

ROLLBACK_EPILOG = "Exit codes: 0 the mirror runs as before, 1 it does not (see the message), 2 could not run."
_ROLLBACK = {"stays": "The mirror stays stopped", "rollback": "failover rollback"}

app = typer.Typer(
    invoke_without_command=True, add_completion=False, pretty_exceptions_enable=False, epilog=EPILOG
)
app.command(name="job", epilog=failover_job.EPILOG)(failover_job.job)


@dataclass(frozen=True, slots=True)
class _Opened:
    world: World
    scene: Scene
    steps: Sequence[Step]
    began: float

    def verdicts(self, steps: Sequence[Step], display: Display) -> FailoverReport:
        """Look at every step once. Raises CouldNotRun."""
        with display.busy(
            f"looking at every step; {SOURCE_SECONDS:.0f} s at most for the source, which may not answer ..."
        ):
            return self.report([(step.name, step.look(self.world)) for step in steps])

    def report(self, verdicts: Sequence[tuple[str, Verdict]]) -> FailoverReport:
        """Collect the report. Raises CouldNotRun."""
        kubernetes, settings = self.world.target_kubernetes, self.world.settings
        journal = ConfigMapJournal(kubernetes, settings)
        holder, _ = Lease(kubernetes, settings).other()
        return report_of(
            self.world,
            self.scene,
            journal,
            verdicts,
            at=time.time(),
            began=self.began,
            events=journal.events,
            holder=holder,
        )


@app.callback()
def failover(
    context: typer.Context,
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Print what would be done and what would be missing. Changes nothing."
        ),
    ] = False,
    until: UntilOption = "",
    yes: YesOption = False,
    source_is_alive: AliveOption = False,
    accept_unconfirmed_stop: UnconfirmedOption = False,
    accept_unread_partitions: UnreadOption = False,
    leave_out_group: LeaveOutOption = None,
    report: ReportOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Let the target take over while the source does not answer: stop the mirror for good, place consumer
    groups, promote. Needs the target's Kubernetes and Kafka only. Records that were not mirrored yet are
    missing on the target; the report says how many at most.

    After an interruption run the same command again: it continues.

    With --output json each event is one line; with --dry-run the result is one document.

      python -m mirror failover --stack prod-west --dry-run
      python -m mirror failover --stack prod-west --report incident.html
      python -m mirror failover status --stack prod-west
    """
    if subcommand_follows(context):
        return
    form = chosen_form(output, as_json, as_markdown)
    settings, root = choose_one(stack, config_file, mirror, ONE_AT_A_TIME)
    agreed_to = FailoverOptions(source_is_alive, accept_unconfirmed_stop, accept_unread_partitions)
    display = Display(form, quiet)
    with _opened(settings, root, agreed_to, frozenset(leave_out_group or ())) as opened:
        world, scene = opened.world, opened.scene
        chosen = selected(opened.steps, until)
        if dry_run or not yes:
            seen = opened.verdicts(chosen, display)
            show(seen, form)
            if report is not None and (dry_run or seen.blocked):
                write_report(report, seen, form)
            if dry_run or seen.blocked:
                raise typer.Exit(FOUND if seen.blocked else PROVEN)
            if not agreed(f"Fail over to {settings.target.alias} now? The mirror is stopped for good"):
                raise typer.Exit(FOUND)
        scene.begin()
        with engine_of(world, opened.steps, display, **_ROLLBACK) as engine:
            outcome = engine.forward(until)
        if CODES[outcome] == PROVEN and phase_of(world.resource()) != REPLICATE:
            told = remaining(world.settings, clients_left(world), not_renewed(engine.journal))
            stays = f"- The mirror does not start by itself when {settings.source.alias} is back"
            display.say("ended", f"{told}\n{stays}")
        display.end()
        if report is not None:
            keep_report(report, lambda: opened.report(display.verdicts()), form)
    raise typer.Exit(CODES[outcome])


@app.command(epilog=STATUS_EPILOG)
def status(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    report: ReportOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show how far a failover is: the verdict of each step as the target is now, what is missing, and who
    runs it.

    python -m mirror failover status --stack prod-west
    """
    form = chosen_form(output, as_json, as_markdown)
    settings, root = choose_one(stack, config_file, mirror, ONE_AT_A_TIME)
    with _opened(settings, root, FailoverOptions(), frozenset()) as opened:
        seen = opened.verdicts(opened.steps, Display(form, quiet))
        show(seen, form)
        if report is not None:
            write_report(report, seen, form)


@app.command(epilog=ROLLBACK_EPILOG)
def rollback(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    yes: YesOption = False,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Start the mirror again after a failover that was not completed: the source is back. Refused after the
    promotion.

      python -m mirror failover rollback --stack prod-west
    """
    form = chosen_form(output, as_json, as_markdown)
    settings, root = choose_one(stack, config_file, mirror, ONE_AT_A_TIME)
    display = Display(form, quiet)
    with _opened(settings, root, FailoverOptions(), frozenset()) as opened:
        if not yes and not agreed(f"Start mirror {settings.mirror.name} again?"):
            raise typer.Exit(FOUND)
        if refused(opened.world, display, "failover", _PROMOTED):
            raise typer.Exit(FOUND)
        opened.scene.begin()
        with engine_of(opened.world, opened.steps, display, **_ROLLBACK) as engine:
            outcome = engine.back()
            left = read_left_of_cutover(opened.world, engine.journal)
        if outcome == "rolled-back" and left:
            display.say("stopped", left)
        display.end()
    raise typer.Exit(PROVEN if outcome == "rolled-back" else FOUND)


_PROMOTED = (
    "{target} was promoted: clients may have written to it. Nothing was changed. Once the source is back, "
    "see docs/recovery.md"
)


@contextmanager
def _opened(
    settings: Settings, root: Path, options: FailoverOptions, left_out: frozenset[str]
) -> Iterator[_Opened]:
    """Open the target's connections, and begin to look at once. Raises CouldNotRun."""
    began = time.time()
    with ExitStack() as stack:
        world = world_of(without_source(settings), root, stack, Options(leave_out_groups=left_out))
        scene = Scene(world, stack, options)
        yield _Opened(world, scene, failover_steps(scene, world.settings), began)
