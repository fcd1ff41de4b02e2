"""Options before the name of a command: `--stack prod-west verify`, `cutover --stack prod-west rollback`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from mirror.problems import CouldNotRun

_COMMAND_LINE = "COMMANDLINE"


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
        raise CouldNotRun("reading the command line", happened, way_out)
    return True


def refuse_misplaced(root: TyperGroup, arguments: Sequence[str]) -> None:
    """Raise CouldNotRun for an option before the command that has it, such as `--stack prod-west verify`.

    Typer would say that there is no such option, and not where it belongs.
    """
    group: Any = root
    words = list(arguments)
    while words and words[0] in getattr(group, "commands", {}):
        group = group.commands[words.pop(0)]
    if not words or not isinstance(group, TyperGroup) or group.invoke_without_command:
        return
    option = words[0].partition("=")[0]
    name = next((one for one in words[1:] if one in group.commands), "")
    own = {spelling for one in group.get_params(typer.Context(group)) for spelling in one.opts}
    if name and option.startswith("-") and option not in own:
        happened = f"{option} is before `{name}`"
        raise CouldNotRun("reading the command line", happened, f"write it after: `{name} {option}`")


def _is_given(context: typer.Context, parameter: str) -> bool:
    source = context.get_parameter_source(parameter)
    return source is not None and source.name == _COMMAND_LINE
