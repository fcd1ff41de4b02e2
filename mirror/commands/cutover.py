"""`python -m mirror cutover`, `cutover status` and `cutover rollback`: the planned move to the target."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Annotated

import typer

from mirror.clients.admin_config import read_login
from mirror.commands.answers import JsonOption, MarkdownOption, OutputOption, QuietOption, agreed, chosen_form
from mirror.commands.before_subcommand import subcommand_follows
from mirror.commands.cutover_part import (
    CoupledOption,
    GroupOption,
    Scene,
    TopicOption,
    WriteOption,
    asked_for,
    left_to_do,
    scene,
    scene_in_progress,
    without_way_back,
)
from mirror.commands.moving import (
    CODES,
    EPILOG,
    ONE_AT_A_TIME,
    STATUS_EPILOG,
    clients_left,
    consent,
    engine_of,
    naming_lost_target,
    overview_of,
    refused,
)
from mirror.commands.moving_display import Display
from mirror.commands.moving_options import (
    AbortOption,
    AcceptOption,
    AdminOption,
    KubeconfigOption,
    LeaveOutOption,
    LostOption,
    UnrecordedOption,
    UntilOption,
    YesOption,
)
from mirror.commands.proven_again import not_proven
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose_one, stack_file
from mirror.cutover.all_steps import steps_of
from mirror.cutover.engine import selected
from mirror.cutover.fence.acls import left_denied
from mirror.cutover.open import opened, source_kubernetes_of
from mirror.cutover.part.choose import claim
from mirror.cutover.part.part import is_complete
from mirror.cutover.part.steps import steps_of_part
from mirror.cutover.phase import naming_failover
from mirror.cutover.remaining import remaining
from mirror.cutover.step import Options, Step
from mirror.cutover.steps.renew_offsets import not_renewed
from mirror.cutover.without_target import open_source
from mirror.exit_codes import FOUND, PROVEN
from mirror.mm2.phase import REPLICATE, phase_of

ROLLBACK_EPILOG = (
    "Exit codes: 0 everything is as before and the mirror is proven, 1 it is not, or Write is still denied "
    "(see the message), 2 it could not run: run it again."
)

app = typer.Typer(
    invoke_without_command=True, add_completion=False, pretty_exceptions_enable=False, epilog=EPILOG
)


@app.callback()
def cutover(
    context: typer.Context,
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the verdict of each step. Changes nothing.")
    ] = False,
    until: UntilOption = "",
    yes: YesOption = False,
    accept_unfenced: AcceptOption = None,
    leave_out_group: LeaveOutOption = None,
    abort_transaction: AbortOption = None,
    topic: TopicOption = None,
    group: GroupOption = None,
    accept_coupled: CoupledOption = None,
    write_stack_file: WriteOption = False,
    source_admin_config: AdminOption = None,
    source_kubeconfig: KubeconfigOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Move a mirror's clients to the target, step by step. Each step looks at both clusters, does only what
    is missing, and proves it. After an interruption run the same command again: it continues.

    With --output json each event is one line.

      python -m mirror cutover --stack prod-west --dry-run
      python -m mirror cutover --stack prod-west --until prove-fence
      python -m mirror cutover --stack prod-west --topic orders --write-stack-file
      python -m mirror cutover status --stack prod-west
      python -m mirror cutover rollback --stack prod-west
    """
    if subcommand_follows(context):
        return
    form = chosen_form(output, as_json, as_markdown)
    settings, root = choose_one(stack, config_file, mirror, ONE_AT_A_TIME)
    selected(steps_of(settings), until)  # a step that does not exist is told before anything is opened
    options = Options(
        frozenset(accept_unfenced or ()),
        frozenset(abort_transaction or ()),
        frozenset(leave_out_group or ()),
    )
    asked = asked_for(topic, group, options.leave_out_groups, accept_coupled, write=write_stack_file)
    file = stack_file(stack, config_file) if asked else None
    with opened(
        settings,
        root,
        admin=read_login(source_admin_config),
        source_kubeconfig=source_kubeconfig,
        options=options,
    ) as world:
        display = Display(form, quiet)
        seen_as = scene(world, asked)
        part, steps = seen_as.part, _steps(seen_as)
        with naming_failover(world):
            if dry_run or not yes:
                chosen = selected(steps, until)
                seen = overview_of(seen_as.world, chosen, display, predicting=dry_run, notes=seen_as.notes)
                consent(seen, display, seen_as.question, dry_run=dry_run)
            with engine_of(seen_as.world, steps, display) as engine:
                claim(world, part, engine.journal)
                outcome = engine.forward(until)
        if CODES[outcome] == PROVEN:
            hurry = not_renewed(engine.journal)
            if part is not None and is_complete(part.scope, world.resource()):
                display.say("ended", left_to_do(part, file, hurry, write=write_stack_file))
            elif part is None and phase_of(world.resource()) != REPLICATE:
                display.say("ended", remaining(settings, clients_left(world), hurry))
        display.end()
    raise typer.Exit(CODES[outcome])


@app.command(epilog=STATUS_EPILOG)
def status(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    source_admin_config: AdminOption = None,
    source_kubeconfig: KubeconfigOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show how far a cutover is: the verdict of each step as both clusters are now, who runs it, and its last
    events.

      python -m mirror cutover status --stack prod-west
    """
    form = chosen_form(output, as_json, as_markdown)
    settings, root = choose_one(stack, config_file, mirror, ONE_AT_A_TIME)
    with opened(
        settings, root, admin=read_login(source_admin_config), source_kubeconfig=source_kubeconfig
    ) as world:
        display = Display(form, quiet)
        seen_as = scene_in_progress(world)
        steps = [step for step in _steps(seen_as) if step.name != "preflight"]
        display.show(overview_of(seen_as.world, steps, display, notes=seen_as.notes))


@app.command(epilog=ROLLBACK_EPILOG)
def rollback(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    yes: YesOption = False,
    delete_unrecorded_fence: UnrecordedOption = False,
    target_is_lost: LostOption = False,
    source_admin_config: AdminOption = None,
    source_kubeconfig: KubeconfigOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Put everything back as it was before the cutover: producers may write to the source again. Refused
    after the promotion. Then the mirror is verified.

      python -m mirror cutover rollback --stack prod-west
    """
    form = chosen_form(output, as_json, as_markdown)
    settings, root = choose_one(stack, config_file, mirror, ONE_AT_A_TIME)
    name, old, new = settings.mirror.name, settings.source.alias, settings.target.alias
    if target_is_lost:
        if not yes and not agreed(f"Let producers write to {old} again, and give up {new}?"):
            raise typer.Exit(FOUND)
        display = Display(form, quiet)
        with display.live():
            for line in open_source(settings, root, source_kubernetes_of(settings, root, source_kubeconfig)):
                display.say("done", line)
        display.end()
        raise typer.Exit(PROVEN)
    login, options = read_login(source_admin_config), Options(delete_unrecorded=delete_unrecorded_fence)
    with ExitStack() as closing:
        with naming_lost_target(settings):
            world = closing.enter_context(
                opened(settings, root, admin=login, source_kubeconfig=source_kubeconfig, options=options)
            )
        display = Display(form, quiet)
        if not yes and not agreed(f"Roll back the cutover of mirror {name}?"):
            raise typer.Exit(FOUND)
        if refused(world, display, "cutover", _PROMOTED):
            raise typer.Exit(FOUND)
        if why := without_way_back(world):
            display.say("stopped", why)
            display.end()
            raise typer.Exit(FOUND)
        seen_as = scene_in_progress(world)
        with engine_of(seen_as.world, _steps(seen_as), display) as engine:
            outcome = engine.back()
        if outcome != "rolled-back":
            display.end()
            raise typer.Exit(FOUND)
        if held := left_denied(seen_as.world):
            display.say("stopped", held)
        with display.busy(f"verifying mirror {name} ..."):
            failed = not_proven(settings, root)
        display.say("stopped" if failed else "done", f"mirror {name} is {failed or 'proven again'}")
        display.end()
    raise typer.Exit(FOUND if failed or held else PROVEN)


def _steps(seen: Scene) -> Sequence[Step]:
    return steps_of(seen.whole.settings) if seen.part is None else steps_of_part(seen.part)


_PROMOTED = (
    "{target} was promoted: clients may have written to it, and a rollback would lose these records. Nothing "
    "was changed"
)
