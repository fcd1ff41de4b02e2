"""Writes `mirror.moved` into the text of a stack file, and leaves every other line as it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import yaml

from mirror.mm2.moved import as_yaml
from settings.load import load_stack
from settings.model import MovedSettings
from settings.problems import SettingsError
from settings.sections import MIRRORS
from settings.stack_file import parse_stack_file

_KEY = "moved"


def lines(moved: MovedSettings) -> str:
    """Render the lines for a person to copy into section `mirror`."""
    return f"{_KEY}: {as_yaml(moved)}"


def with_moved(
    text: str,
    project: str,
    mirror: str,
    moved: MovedSettings,
    defaults: Mapping[str, object] | None = None,
) -> str | None:
    """Return the text with `mirror.moved` of one mirror; None where it cannot be written line by line, as in
    YAML's flow style: a person has to write it. `defaults`: the sections that the file may lack.
    """
    for path in ((f"{project}:{MIRRORS}", mirror, "mirror"), (f"{project}:mirror",)):
        changed = _changed(text, ("config", *path), moved)
        if changed is not None and _says(changed, project, mirror, moved, defaults or {}):
            return changed
    return None


def _changed(text: str, path: Sequence[str], moved: MovedSettings) -> str | None:
    """Replace the key in the mapping at this path, or add it as the first one."""
    node = yaml.compose(text)
    for name in path:
        node = _value(node, name)
    if not isinstance(node, yaml.MappingNode) or node.flow_style or not node.value:
        return None
    rows = text.splitlines(keepends=True)
    first = node.value[0][0].start_mark
    row = f"{' ' * first.column}{lines(moved)}\n"
    for key, value in node.value:
        if key.value == _KEY:
            start, end = key.start_mark.line, value.end_mark
            # A block ends at the beginning of the line of the next token; a flow in its own line.
            stop = end.line if end.column == 0 or not _ends_in(rows, value) else end.line + 1
            return "".join([*rows[:start], row, *rows[max(stop, start + 1) :]])
    return "".join([*rows[: first.line], row, *rows[first.line :]])


def _ends_in(rows: Sequence[str], value: yaml.Node) -> bool:
    """Whether the value ends within its last line, and not before the first token of that line."""
    end = value.end_mark
    return end.line < len(rows) and bool(rows[end.line][: end.column].strip())


def _value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for key, value in node.value if key.value == name), None)


def _says(text: str, project: str, mirror: str, moved: MovedSettings, defaults: Mapping[str, object]) -> bool:
    """Whether the file is one that works, and names exactly this part of the mirror."""
    try:
        stack = load_stack({**defaults, **parse_stack_file(text, project)})
    except SettingsError:
        return False
    return any(
        one.mirror.name == mirror and not one.mirror.moved.lacks(moved) and not moved.lacks(one.mirror.moved)
        for one in stack
    )
