"""The command line: `region-mirror`, and the same as `python -m mirror`.

Exit codes: 0 success, 1 a check or a comparison failed, 2 it could not run, or the command line is wrong.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from mirror import __version__
from mirror.commands.before_subcommand import refuse_misplaced
from mirror.exit_codes import COULD_NOT_RUN, INTERRUPTED
from mirror.problems import CouldNotRun
from mirror.text.page import console
from mirror.text.streams import discard_output, open_streams

MODULE = "python -m mirror"
"""How the program is started in the help texts as they are written."""
SCRIPT = "region-mirror"
AUDIT_LIBRARIES = ("numpy", "numba", "llvmlite")
"""What pyproject's extra `audit` installs."""
AUDIT_COMMANDS = {
    "audit": ("Compare every record, source against target", "auditing"),
    "recover": ("List and write the records that never crossed", "recovering records"),
    "reverse": ("Write the stack file of the way back", "comparing both regions"),
    "reopen": ("Let clients use the old region again", "comparing copies with their originals"),
}
"""The commands that need them: what each does, and how a message calls that."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
GROUP = "app"
COMMANDS = {
    "verify": ("verify", "verify"),
    "status": ("status", "status"),
    "audit": ("audit", GROUP),
    "plan": ("plan", "plan"),
    "explain": ("explain", "explain"),
    "policy": ("policy", "policy"),
    "render": ("render", "render"),
    "import": ("import_mirror", "import_mirror"),
    "source-user": ("source_user", "source_user"),
    "clients": ("clients", "clients"),
    "stacks": ("stacks", "stacks"),
    "offsets": ("offsets", GROUP),
    "cutover": ("cutover", GROUP),
    "failover": ("failover", GROUP),
    "runbook": ("runbook", "runbook_command"),
    "recover": ("recover", "recover_command"),
    "reverse": ("reverse", "reverse_command"),
    "reopen": ("reopen", "reopen_command"),
    "drill": ("drill", GROUP),
    "exporter": ("exporter", "exporter"),
    "ci": ("ci", GROUP),
    "comment": ("comment", "comment"),
}
"""Each command's module in mirror/commands, and its function, or that the module has a group of commands.
The help lists them in this order: look, deploy, move, come home, and what runs by itself. Only the modules of
the command that runs are imported: all of them take longer than most commands.
"""


class _ReaderEnded(Exception):
    """The reader of the pipe has ended (`| head`), so that not all of the result was read."""


class _Root(TyperGroup):
    """All commands, in the order of COMMANDS: Typer lists groups last. Where the reader of a pipe has ended
    Typer ends with 1, which is a finding.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name in COMMANDS if name in self.commands]

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _ReaderEnded from error


def program_name(started_as: str) -> str:
    """The program's name in help texts, from `sys.argv[0]`."""
    return SCRIPT if Path(started_as).stem == SCRIPT else MODULE


def build(program: str, only: str = "") -> typer.Typer:
    """Register all commands, or only this one.

    Only the installed script has shell completion: a shell completes the words after one program name.
    """
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=program == SCRIPT,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        cls=_Root,
        help="Look at Kafka mirrors that region-mirror deployed, and move clients to their target.\n\n"
        "Six commands change something in a cluster, and ask first: `offsets apply`, `cutover`, `failover`, "
        "`recover` (with --write or --fence), `reopen`, and `drill`, which runs the others. No other command "
        "changes a mirror, its topics or its clients.",
    )
    app.callback()(_options)
    missing = [name for name in AUDIT_LIBRARIES if find_spec(name) is None]
    for name in [only] if only else COMMANDS:
        if missing and name in AUDIT_COMMANDS:
            _add_without_libraries(app, name, missing)
        else:
            _add(app, name)
    return app


def command_line(program: str = MODULE, only: str = "") -> TyperGroup:
    """Build all commands or one, with help texts that name the program as it was started."""
    root = get_command(build(program, only))
    if not isinstance(root, TyperGroup):
        raise TypeError("Typer makes a group of several commands")
    for command in (root, *(one for _, one in every_command(root))):
        command.help = _help(command.help or "", program)
        for option in command.get_params(typer.Context(command)):
            if isinstance(option, TyperOption) and option.is_flag:
                option.metavar = ""  # Typer's is <bool>, as if `--dry-run` took a value
    return root


def _help(text: str, program: str) -> str:
    """Unwrap the paragraphs of a help text, except examples, which are indented or begin with the program."""
    paragraphs = text.replace(MODULE, program).split("\n\n")
    return "\n\n".join(one if one.startswith((" ", program)) else " ".join(one.split()) for one in paragraphs)


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


def _add(app: typer.Typer, name: str) -> None:
    module, function = COMMANDS[name]
    found: Any = import_module(f"mirror.commands.{module}")
    if function == GROUP:
        app.add_typer(found.app, name=name)
    else:
        app.command(name=name, epilog=found.EPILOG)(getattr(found, function))


def _add_without_libraries(app: typer.Typer, name: str, missing: list[str]) -> None:
    """Add a command of the audit that says how to install its libraries."""
    install = f"install {SCRIPT} with its extra `audit`, in its checkout: pip install '.[audit]'"
    settings = {"ignore_unknown_options": True, "allow_extra_args": True}
    verb = "is" if len(missing) == 1 else "are"
    happened = f"{', '.join(missing)} {verb} not installed"
    what, tried = AUDIT_COMMANDS[name]

    @app.command(name=name, context_settings=settings, help=f"{what}. It is not available: {install}")
    def without_libraries() -> None:
        raise CouldNotRun(tried, happened, install)


def _imported(program: str, only: str) -> TyperGroup:
    """Import the command. Nearly all that imports create stays: collections on the way only take time."""
    gc.disable()
    try:
        return command_line(program, only)
    finally:
        gc.freeze()
        gc.enable()


def _spelled_out(arguments: list[str]) -> list[str]:
    """Add what Typer cannot know to the arguments of `status`."""
    if arguments[:1] != ["status"]:
        return arguments
    from mirror.commands.status import spelled_out

    return spelled_out(arguments)


def main() -> None:
    """Run the command line. Every expected error is a message on stderr and exit code 2."""
    program, arguments = program_name(sys.argv[0]), sys.argv[1:]
    only = arguments[0] if arguments and arguments[0] in COMMANDS else ""
    open_streams()
    try:
        try:
            root = _imported(program, only)
            refuse_misplaced(root, arguments)
            root(prog_name=program, args=_spelled_out(arguments))
        finally:
            sys.stdout.flush()  # what is only written at exit fails with 120
    except CouldNotRun as error:
        console(stderr=True, soft_wrap=True).print(Text.assemble(("could not run: ", "bold red"), str(error)))
        sys.exit(COULD_NOT_RUN)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except (BrokenPipeError, _ReaderEnded):
        discard_output()
        sys.exit(COULD_NOT_RUN)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _FULL and not error.filename:
            discard_output()
            console(stderr=True, soft_wrap=True).print(
                f"could not run: writing the result: {error.strerror}\n  Way out: write it to another disk."
            )
            sys.exit(COULD_NOT_RUN)
        if os.environ.get("REGION_MIRROR_TRACEBACK"):
            raise
        kind = type(error).__name__
        console(stderr=True, soft_wrap=True).print(
            f"could not run: an error in region-mirror itself ({kind}: {error}).\n"
            "  Way out: set REGION_MIRROR_TRACEBACK=1, run again, and report it with the traceback."
        )
        sys.exit(COULD_NOT_RUN)
