"""`python -m mirror drill canary`: a topic and a group of the mirror's own are moved there and back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from mirror.clients.admin_config import read_login
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
from mirror.commands.drilling import (
    HtmlOption,
    RecordOption,
    finish,
    own_command,
    passed_on,
    recording_file,
    selected,
)
from mirror.commands.moving import ONE_AT_A_TIME
from mirror.commands.moving_options import AcceptOption, AdminOption, KubeconfigOption, YesOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose_one
from mirror.cutover.canary.canary import Canary
from mirror.cutover.canary.clusters import Clusters
from mirror.cutover.canary.look import Look, is_in_progress, look
from mirror.cutover.canary.records import SourceRecords
from mirror.cutover.canary.run import Commands, Scene, drill_canary
from mirror.cutover.drill.run import json_events
from mirror.cutover.open import opened
from mirror.cutover.step import Options, World
from mirror.exit_codes import FOUND, PROVEN
from mirror.problems import CouldNotRun
from mirror.text.busy import Busy
from mirror.text.foreign import json_text
from mirror.text.markdown import prose
from mirror.text.page import console, print_page

EPILOG = (
    "Exit codes: 0 the canary moved there and back, and nothing was lost, doubled or left changed (or, with "
    "--dry-run, it can run), 1 otherwise (see the report), 2 it could not run."
)
RECORDING = Path("canary.jsonl")
CoupledOption = Annotated[
    list[str] | None,
    typer.Option(
        "--accept-coupled",
        metavar="USER",
        help="A user with a transactional id whose transactions do not write to the canary's topic, although "
        "its ACLs would allow it; repeatable.",
    ),
]


def canary(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print what it would change, or why it cannot run. Changes nothing."),
    ] = False,
    record: RecordOption = RECORDING,
    html: HtmlOption = None,
    yes: YesOption = False,
    accept_unfenced: AcceptOption = None,
    accept_coupled: CoupledOption = None,
    source_admin_config: AdminOption = None,
    source_kubeconfig: KubeconfigOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Rehearse a cutover in production without any client: move topic and group `<mirror>-canary` to the
    target by `cutover`, judge every record and the group's offset there, and bring them back by
    `cutover rollback`. No other topic is fenced or moved. A run that was killed is rolled back by the next.

      python -m mirror drill canary --stack prod-west --dry-run
      python -m mirror drill canary --stack prod-west
    """
    form = chosen_form(output, as_json, as_markdown)
    settings, root = choose_one(stack, config_file, mirror, ONE_AT_A_TIME)
    accepted, coupled = frozenset(accept_unfenced or ()), frozenset(accept_coupled or ())
    selection = selected(stack, config_file, mirror, source_admin_config, source_kubeconfig)
    with opened(
        settings,
        root,
        admin=read_login(source_admin_config),
        source_kubeconfig=source_kubeconfig,
        options=Options(accepted),
    ) as world:
        moved = Canary(world.settings, secrets.token_hex(4))
        with Busy(progress_console(quiet), "looking at both clusters ..."):
            seen = look(world, moved, coupled)
        if dry_run:
            _show(seen, form)
            raise typer.Exit(FOUND if seen.problems else PROVEN)
        if seen.problems:
            raise _cannot_run(seen)
        _tell(seen, console(stderr=True, quiet=quiet and yes))
        question = f"Move the canary of mirror {settings.mirror.name} to {settings.target.alias} and back?"
        if not yes and not agreed(question):
            raise typer.Exit(FOUND)
        words = passed_on({"--accept-coupled": sorted(coupled), "--accept-unfenced": sorted(accepted)})
        with recording_file(record) as file, Busy(progress_console(quiet), "...") as status:
            scene = _scene(world, moved, selection, [*moved.options, *words])
            lines = drill_canary(scene, file, status.update)
    console(stderr=True, quiet=quiet).print(Text(moved.remains, "dim"), soft_wrap=True)
    finish(f"canary of mirror {settings.mirror.name}", lines, html, form)


def _scene(world: World, moved: Canary, selection: Sequence[str], words: Sequence[str]) -> Scene:
    if world.source_admin is None:
        raise TypeError("a canary without the login of the source's administrator is refused before")
    access = world.source_admin.access(world.sides().source.access)
    return Scene(
        moved,
        SourceRecords(access.client_config(), access.describe(), moved),
        Clusters(world, moved),
        Commands(
            json_events(own_command("cutover", *selection, *words, "--until", "prove")),
            json_events(own_command("cutover", "rollback", *selection)),
        ),
        Path.cwd(),
        lambda: is_in_progress(world, moved),
        bool(world.options.accept_unfenced),
    )


def _cannot_run(seen: Look) -> CouldNotRun:
    return CouldNotRun(
        f"moving topic {seen.canary.topic} and group {seen.canary.group}",
        "nothing was changed:" + "".join(f"\n  - {one}" for one in seen.problems),
        "correct this, or rehearse with `region-mirror drill cutover --dry-run`, which moves nothing",
    )


def _show(seen: Look, form: Form) -> None:
    if form is Form.JSON:
        print(json_text(seen.to_json(), indent=2))
    elif form is Form.MARKDOWN:
        print("\n".join(f"- {prose(one)}" for one in seen.problems or seen.changes))
    else:
        print_page(lambda console: _tell(seen, console))


def _tell(seen: Look, console: Console) -> None:
    told = "cannot run" if seen.problems else "does this, and nothing else"
    console.print(Text(f"The canary of mirror {seen.canary.settings.mirror.name} {told}:", "bold"))
    for one in seen.problems or seen.changes:
        console.print(Text(f"- {one}"), soft_wrap=True)
