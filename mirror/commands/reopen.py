"""`python -m mirror reopen`: opens the old region to clients again, after production has moved home."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated

import typer

from mirror.clients.admin_config import read_login
from mirror.commands.answers import JsonOption, MarkdownOption, OutputOption, QuietOption, chosen_form
from mirror.commands.moving import CODES, EPILOG, consent, engine_of, overview_of
from mirror.commands.moving_display import Display
from mirror.commands.moving_options import (
    AdminOption,
    KubeconfigOption,
    LeaveOutOption,
    UnrecordedOption,
    UntilOption,
    YesOption,
)
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose_one
from mirror.cutover.engine import selected
from mirror.cutover.open import opened
from mirror.cutover.recovery.moved_parts import as_one
from mirror.cutover.reopening.steps import reopening_steps
from mirror.cutover.reopening.way_back import ACCEPT
from mirror.cutover.step import Options

_ONE = "the old regions of mirrors are opened one at a time"
_WORDS = {"stays": "The rest of the fence stays", "rollback": "reopen"}

__all__ = ["EPILOG", "reopen_command"]


def reopen_command(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the verdict of each step. Changes nothing.")
    ] = False,
    until: UntilOption = "",
    yes: YesOption = False,
    accept_unmirrored: Annotated[
        bool,
        typer.Option(
            ACCEPT,
            help="Open it although no promoted way back is found: what clients write to the old region may "
            "then be on no other cluster.",
        ),
    ] = False,
    leave_out_group: LeaveOutOption = None,
    delete_unrecorded_fence: UnrecordedOption = False,
    source_admin_config: AdminOption = None,
    source_kubeconfig: KubeconfigOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Open the old region to clients again after production has moved home, with the stack file of the way
    out: set groups that have read copies with a prefix to the original topics, and remove the fence of its
    cutover from the old region. After an interruption run the same command again: it continues.

    Refused while the way back is not promoted: nothing would mirror what clients write to the old region.

    With --output json each event is one line.

      python -m mirror reopen --stack prod-west --dry-run
      python -m mirror reopen --stack prod-west
    """
    form = chosen_form(output, as_json, as_markdown)
    settings, root = choose_one(stack, config_file, mirror, _ONE)
    with (
        opened(
            settings,
            root,
            admin=read_login(source_admin_config),
            source_kubeconfig=source_kubeconfig,
            options=Options(
                leave_out_groups=frozenset(leave_out_group or ()), delete_unrecorded=delete_unrecorded_fence
            ),
        ) as opening,
        ExitStack() as closing,
    ):
        world = as_one(opening)
        steps = reopening_steps(settings, closing, accepted=accept_unmirrored)
        chosen = selected(steps, until)
        display = Display(form, quiet)
        if dry_run or not yes:
            seen = overview_of(world, chosen, display, command="reopen")
            consent(seen, display, f"Let clients write to {settings.source.alias} again?", dry_run=dry_run)
        with engine_of(world, steps, display, **_WORDS) as engine:
            outcome = engine.forward(until)
        display.end()
    raise typer.Exit(CODES[outcome])
