"""Options before the name of a subcommand: `cutover --stack prod-west rollback`."""

from __future__ import annotations

import typer

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


def _is_given(context: typer.Context, parameter: str) -> bool:
    source = context.get_parameter_source(parameter)
    return source is not None and source.name == _COMMAND_LINE
