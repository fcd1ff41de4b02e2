"""`python -m mirror reverse`: the stack file of the way back."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from mirror.clients.admin_config import read_login
from mirror.commands.answers import QuietOption, progress_console
from mirror.commands.moving_options import AdminOption, KubeconfigOption, LanesOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose_one, stack_file
from mirror.cutover.failback.judge import Accepted
from mirror.cutover.failback.reverse import reverse
from mirror.cutover.open import opened
from mirror.exit_codes import FOUND
from mirror.problems import CouldNotRun
from mirror.text.busy import Busy
from mirror.text.files import file_problem
from mirror.text.numbers import counted
from mirror.text.page import console as page

EPILOG = (
    "Exit codes: 0 the file was written, 1 refused (see each way out), 2 it could not run. Changes neither "
    "cluster."
)
_ANOTHER = "name another file: none is overwritten"
_ONE = "each way back has a stack file of its own"


def reverse_command(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the stack file here. Default: stdout."),
    ] = None,
    accept_unfenced: Annotated[
        bool,
        typer.Option("--accept-unfenced", help="You keep producers away from the old region yourself."),
    ] = False,
    accept_doubled: Annotated[
        bool,
        typer.Option(
            "--accept-doubled",
            help="Records that `recover --to topic` wrote may be in the old region twice.",
        ),
    ] = False,
    full_copy: Annotated[
        bool,
        typer.Option(
            "--full-copy",
            help="Copy every topic as a whole. Delete these topics in the old region first.",
        ),
    ] = False,
    lanes: LanesOption = 2,
    source_admin_config: AdminOption = None,
    source_kubeconfig: KubeconfigOption = None,
    quiet: QuietOption = False,
) -> None:
    """After a promotion, write the stack file of the way back: a mirror from the target to the old region
    that copies only the records written since the promotion.

    Refused while records of the old region are not recovered, while clients may still write there, and where
    records would be doubled.

      python -m mirror reverse --stack prod-west --out stacks/Pulumi.prod-back.yaml
      python -m mirror source-user --stack prod-back
      pulumi stack init prod-back
      pulumi up --stack prod-back
    """
    settings, root = choose_one(stack, config_file, mirror, _ONE)
    project = stack_file(stack, config_file).project
    if out is not None and out.exists():  # both regions are read for minutes before the file is written
        raise CouldNotRun(f"writing {out}", "it exists", _ANOTHER)
    console = progress_console(quiet)
    with (
        opened(
            settings, root, admin=read_login(source_admin_config), source_kubeconfig=source_kubeconfig
        ) as world,
        Busy(console, "comparing both regions ..."),
    ):
        found = reverse(
            world,
            Accepted(accept_unfenced, accept_doubled),
            project,
            full_copy=full_copy,
            lanes=lanes,
            say=partial(_say, console),
        )
    if found.refused:
        shown = page(stderr=True, soft_wrap=True)
        for one in found.refused:
            shown.print(f"{one.subject}: {one.message}\n  Way out: {one.remedy}")
        shown.print(f"{counted(len(found.refused), 'problem')}: no file was written")
        raise typer.Exit(FOUND)
    if out is None:
        print(found.text, end="")
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(found.text)
    except OSError as error:
        raise CouldNotRun(f"writing {out}", file_problem(error), _ANOTHER) from error


def _say(console: Console, line: str) -> None:
    console.print(line, style="dim", highlight=False)
