"""Options before the name of a command: `--stack prod-west verify`, `cutover --stack prod-west rollback`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from mirror.problems import CouldNotRun

_COMMAND_LINE = "COMMANDLINE"
_READING = "reading the command line"


def subcommand_follows(context: typer.Context) -> bool:
    """Tell whether a subcommand runs, and not the group itself. Raises CouldNotRun where options of the group
    are before its name: they would not count, and another stack would be rolled back, or without --dry-run.
    """
    name = context.invoked_subcommand
    if name is None:
        return False
    given = [one.opts[0] for one in context.command.params if _is_given(context, one.name or "")]
    if given:
        way_out = f"write them after `{name}`, if it has them (`{context.command_path} {name} --help`)"
        happened = f"{', '.join(given)} before `{name}` would not count"
        raise CouldNotRun(_READING, happened, way_out)
    return True


def refuse_misplaced(root: TyperGroup, arguments: Sequence[str]) -> None:
    """Raise CouldNotRun for an option before the command that has it (`--stack prod-west verify`), and for a
    stack without its option (`verify prod-west`). Typer would say what is wrong, and not what is right.
    """
    command: Any = root
    words = list(arguments)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    if not words:
        return
    first = words[0].partition("=")[0]
    own = {spelling for one in command.get_params(typer.Context(command)) for spelling in one.opts}
    if isinstance(command, TyperGroup):
        name = next((one for one in words[1:] if one in command.commands), "")
        if name and first.startswith("-") and first not in own and not command.invoke_without_command:
            raise CouldNotRun(_READING, f"{first} is before `{name}`", f"write it after: `{name} {first}`")
    elif "--stack" in own and not first.startswith("-") and not _takes_arguments(command):
        raise CouldNotRun(_READING, f"{first} is no option", f"to name a stack, write `--stack {first}`")


def _takes_arguments(command: Any) -> bool:
    return any(one.param_type_name == "argument" for one in command.params)


def _is_given(context: typer.Context, parameter: str) -> bool:
    source = context.get_parameter_source(parameter)
    return source is not None and source.name == _COMMAND_LINE
