"""The command line: `region-mirror`, and the same as `python -m mirror`.

Exit codes: 0 success, 1 a check or a comparison failed, 2 it could not run, or the command line is wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from mirror import __version__
from mirror.commands import (
    ci,
    clients,
    comment,
    cutover,
    drill,
    explain,
    exporter,
    failover,
    import_mirror,
    offsets,
    plan,
    policy,
    render,
    reopen,
    runbook,
    source_user,
    stacks,
    status,
    verify,
)
from mirror.exit_codes import COULD_NOT_RUN, INTERRUPTED
from mirror.problems import CouldNotRun
from mirror.text.page import console

MODULE = "python -m mirror"
"""How the program is started in the help texts as they are written."""
SCRIPT = "region-mirror"
AUDIT_LIBRARIES = ("numpy", "numba", "llvmlite")
"""What pyproject's extra `audit` installs."""


def program_name(started_as: str) -> str:
    """The program's name in help texts, from `sys.argv[0]`."""
    return SCRIPT if Path(started_as).stem == SCRIPT else MODULE


def build(program: str) -> typer.Typer:
    """Register all commands.

    Only the installed script has shell completion: a shell completes the words after one program name.
    """
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=program == SCRIPT,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        help="Look at Kafka mirrors that region-mirror deployed, and move clients to their target. Every "
        "command only reads, except five that first show what they change, and ask: `offsets apply` sets "
        "offsets of consumer groups on the target, `cutover` moves producers and groups to the target "
        "(`drill cutover` runs it under a load), "
        "`failover` promotes the target without its source, "
        "`recover --write` writes records to the target that never crossed, and "
        "`reopen` lets clients use the old region again after the way home.",
    )
    app.callback()(_options)
    app.command(epilog=verify.EPILOG)(verify.verify)
    app.command(epilog=status.EPILOG)(status.status)
    app.command(epilog=exporter.EPILOG)(exporter.exporter)
    _add_audit(app)
    app.command(epilog=explain.EPILOG)(explain.explain)
    app.command(epilog=plan.EPILOG)(plan.plan)
    app.command(epilog=render.EPILOG)(render.render)
    app.command(name="import", epilog=import_mirror.EPILOG)(import_mirror.import_mirror)
    app.command(epilog=policy.EPILOG)(policy.policy)
    app.command(epilog=stacks.EPILOG)(stacks.stacks)
    app.command(epilog=clients.EPILOG)(clients.clients)
    app.command(epilog=source_user.EPILOG)(source_user.source_user)
    app.command(epilog=comment.EPILOG)(comment.comment)
    app.add_typer(ci.app, name="ci")
    app.add_typer(offsets.app, name="offsets")
    app.add_typer(cutover.app, name="cutover")
    app.add_typer(failover.app, name="failover")
    app.command(name="reopen", epilog=reopen.EPILOG)(reopen.reopen_command)
    app.command(name="runbook", epilog=runbook.EPILOG)(runbook.runbook_command)
    app.add_typer(drill.app, name="drill")
    return app


def command_line(program: str = MODULE) -> TyperGroup:
    """Build all commands, with help texts that name the program as it was started."""
    root = get_command(build(program))
    if not isinstance(root, TyperGroup):
        raise TypeError("Typer makes a group of several commands")
    for _, command in every_command(root):
        command.help = _help(command.help or "", program)
    return root


def _help(text: str, program: str) -> str:
    """Unwrap the paragraphs of a help text, except indented ones: examples stay as they are."""
    paragraphs = text.replace(MODULE, program).split("\n\n")
    return "\n\n".join(one if one.startswith(" ") else " ".join(one.split()) for one in paragraphs)


def every_command(
    group: TyperGroup, before: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], TyperCommand | TyperGroup]]:
    """The words of each command and group below `group`, and the command."""
    for name, command in group.commands.items():
        if isinstance(command, TyperCommand | TyperGroup):
            yield (*before, name), command
        if isinstance(command, TyperGroup):
            yield from every_command(command, (*before, name))


def _show_version(asked: bool) -> None:
    if asked:
        print(f"region-mirror {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Print the version and exit."),
    ] = False,
) -> None:
    """Take the options that belong to no command."""


def _add_audit(app: typer.Typer) -> None:
    """Add the commands of `audit`; without their libraries, one that says how to install them."""
    missing = [name for name in AUDIT_LIBRARIES if find_spec(name) is None]
    if missing:
        _add_missing_audit(app, missing)
        return
    # Not imported at the top: the audit's libraries may be missing.
    from mirror.commands import audit, audit_slices, recover, reverse

    if not audit.app.registered_commands:
        audit.app.command(name="job")(audit_slices.job)
        audit.app.command(name="merge", epilog=audit.EPILOG)(audit_slices.merge_reports)
    app.add_typer(audit.app, name="audit")
    app.command(name="recover", epilog=recover.EPILOG)(recover.recover_command)
    app.command(name="reverse", epilog=reverse.EPILOG)(reverse.reverse_command)


def _add_missing_audit(app: typer.Typer, missing: list[str]) -> None:
    install = f"install {SCRIPT} with its extra `audit`, in its checkout: pip install '.[audit]'"

    settings = {"ignore_unknown_options": True, "allow_extra_args": True}
    verb = "is" if len(missing) == 1 else "are"
    happened = f"{', '.join(missing)} {verb} not installed"

    @app.command(
        context_settings=settings,
        help=f"Compare every record, source against target. It is not available: {install}",
    )
    def audit() -> None:
        raise CouldNotRun("auditing", happened, install)

    @app.command(
        context_settings=settings,
        help=f"List and write the records that never crossed. It is not available: {install}",
    )
    def recover() -> None:
        raise CouldNotRun("recovering records", happened, install)

    @app.command(
        context_settings=settings,
        help=f"Write the stack file of the way back. It is not available: {install}",
    )
    def reverse() -> None:
        raise CouldNotRun("comparing both regions", happened, install)


app = build(MODULE)
"""The commands without an entry point's handling of errors."""


def main() -> None:
    """Run the command line. Every expected error is a message on stderr and exit code 2."""
    program = program_name(sys.argv[0])
    try:
        command_line(program)(prog_name=program, args=status.spelled_out(sys.argv[1:]))
    except CouldNotRun as error:
        console(stderr=True, soft_wrap=True).print(Text.assemble(("could not run: ", "bold red"), str(error)))
        sys.exit(COULD_NOT_RUN)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of the pipe has ended (`| head`). Python would report the same error again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(COULD_NOT_RUN)
    except Exception as error:
        if os.environ.get("REGION_MIRROR_TRACEBACK"):
            raise
        kind = type(error).__name__
        console(stderr=True, soft_wrap=True).print(
            f"could not run: an error in region-mirror itself ({kind}: {error}).\n"
            "  Way out: set REGION_MIRROR_TRACEBACK=1, run again, and report it with the traceback."
        )
        sys.exit(COULD_NOT_RUN)
