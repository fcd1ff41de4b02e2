"""`python -m mirror recover`: the records of the source that never crossed, named and written."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from mirror.clients.admin_config import parsed, read_login
from mirror.commands.answers import (
    Answers,
    JsonOption,
    MarkdownOption,
    OutputOption,
    QuietOption,
    agreed,
    progress_console,
)
from mirror.commands.moving_options import AcceptOption, AdminOption, KubeconfigOption, LanesOption, YesOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose_one
from mirror.cutover.lease import Lease
from mirror.cutover.open import opened
from mirror.cutover.recovery.choices import RecoveryOptions
from mirror.cutover.recovery.fence_source import fence_source
from mirror.cutover.recovery.recover import recover
from mirror.cutover.recovery.render import markdown, render
from mirror.cutover.step import Options
from mirror.exit_codes import FOUND, code_of
from mirror.problems import CouldNotRun
from mirror.text.files import file_problem
from settings.model import Settings

EPILOG = (
    "Exit codes: 0 every record of the source is on the target or in quarantine, 1 records are missing, "
    "cannot be judged yet, or may have been deleted by the source's retention before they crossed, 2 it "
    "could not run: run it again, it continues."
)
_ONE = "mirrors are recovered one at a time"


class To(StrEnum):
    """Where recovered records are written."""

    QUARANTINE = "quarantine"
    TOPIC = "topic"


def recover_command(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    topic: Annotated[
        list[str] | None,
        typer.Option("--topic", "-t", metavar="NAME", help="Only this topic of the source; repeatable."),
    ] = None,
    fence: Annotated[
        bool,
        typer.Option(
            "--fence",
            help="First fence the source, as a cutover does: a failover could not. Asks first. `reopen` "
            "removes the fence.",
        ),
    ] = False,
    accept_unfenced: AcceptOption = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write the missing records to the target. Asks first.")
    ] = False,
    to: Annotated[
        To,
        typer.Option(
            "--to",
            metavar="WHERE",
            help="Where they are written: quarantine (a topic beside each topic, `<topic>.recovered`) or "
            "topic (the topic itself).",
        ),
    ] = To.QUARANTINE,
    conflicts_to: Annotated[
        To,
        typer.Option(
            "--conflicts-to",
            metavar="WHERE",
            help="With `--to topic`: quarantine or topic, for records that were written on the target since "
            "the promotion, or whose keys were. In the topic itself they follow newer records of their keys.",
        ),
    ] = To.QUARANTINE,
    lanes: LanesOption = 2,
    yes: YesOption = False,
    source_admin_config: AdminOption = None,
    source_kubeconfig: KubeconfigOption = None,
    target_admin_config: Annotated[
        Path | None,
        typer.Option(
            "--target-admin-config",
            metavar="FILE",
            help="librdkafka properties of a login that writes on the target, one name=value a line. "
            "Default: the mirror's user.",
        ),
    ] = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """After a failover, once the source is back: list every record that MM2 has not copied, and write them to
    the target.

    Without --fence and --write nothing is changed. Refused while MM2 may still run. Writing is exactly once:
    after an interruption run the same command again, and it continues. Recovered records keep key, value,
    headers and timestamp; four more headers say where they come from.

      python -m mirror recover --stack prod-west
      python -m mirror recover --stack prod-west --fence
      python -m mirror recover --stack prod-west --write
      python -m mirror recover --stack prod-west --write --to topic
    """
    answers = Answers.of(output, as_json, as_markdown)
    _refuse_without_effect(to, conflicts_to, write=write)
    settings, root = choose_one(stack, config_file, mirror, _ONE)
    console = progress_console(quiet)
    options = RecoveryOptions(
        tuple(topic or ()),
        write,
        to.value,
        conflicts_to.value,
        lanes,
        target_login=_login(target_admin_config),
    )
    if (fence or write) and not yes and not agreed(_question(settings, to, fence=fence, write=write)):
        raise typer.Exit(FOUND)
    with opened(
        settings,
        root,
        admin=read_login(source_admin_config),
        source_kubeconfig=source_kubeconfig,
        options=Options(frozenset(accept_unfenced or ())),
    ) as world:
        say = partial(_say, console)
        if fence:
            fence_source(world, say)
        if write:
            with Lease(world.target_kubernetes, settings, say=say):
                report = recover(world, options, say)
        else:
            report = recover(world, options, say)
    answers.show(report, alone=True, markdown=markdown, render=render)
    raise typer.Exit(code_of(report.passed))


def _refuse_without_effect(to: To, conflicts_to: To, *, write: bool) -> None:
    """Raise CouldNotRun for an option that would leave records where nobody expects them."""
    if conflicts_to is To.TOPIC and to is not To.TOPIC:
        missing, happens = "--to topic", "--conflicts-to topic: all records would be quarantined"
    elif to is To.TOPIC and not write:
        missing, happens = "--write", "--to topic: nothing would be written"
    else:
        return
    happened = f"{missing} is needed with {happens}"
    raise CouldNotRun("reading the command line", happened, f"add {missing}, or leave the option out")


def _login(file: Path | None) -> dict[str, str] | None:
    if file is None:
        return None
    try:
        return parsed(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotRun(f"reading {file}", file_problem(error), "check --target-admin-config") from error


def _question(settings: Settings, to: To, *, fence: bool, write: bool) -> str:
    source, target = settings.source.alias, settings.target.alias
    place = "the end of their topics" if to is To.TOPIC else "their quarantine topics"
    asked = [f"Take Write on mirrored topics from the producers of {source}?"] if fence else []
    if write:
        asked.append(f"Write the records of {source} that never crossed to {place} on {target}?")
    return " ".join(asked)


def _say(console: Console, line: str) -> None:
    console.print(line, style="dim", highlight=False)
