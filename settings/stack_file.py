"""Reads the text of a Pulumi stack file (`Pulumi.<stack>.yaml`), and the sections that the project's file has
for all stacks, without Pulumi.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from settings.problems import MISSING, Problem, SettingsError
from settings.yaml_errors import UNREADABLE, place_and_problem
from settings.yaml_text import PulumiLoader

PROJECT_FILES = ("Pulumi.json", "Pulumi.yaml", "Pulumi.yml")
"""The files of a project, in the order in which Pulumi looks for them (`encoding.Exts`)."""


def parse_stack_file(text: str, project: str = "region-mirror") -> Mapping[str, object]:
    """Return what the file configures for the project, keyed by section (`source`, `mirror` ...).

    Values that Pulumi encrypted (`secure: ...`) are left as they are. Raises `SettingsError` for text that is
    not a stack file.
    """
    try:
        content = PulumiLoader(text).get_single_data()
    except UNREADABLE as problem:
        raise _not_a_stack_file(f"must be YAML ({place_and_problem(problem)})") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise _not_a_stack_file("must be a mapping with the key `config`")
    config = content.get("config")
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise _not_a_stack_file("must have a mapping under `config`")
    prefix = f"{project}:"
    return {
        str(key).removeprefix(prefix): value for key, value in config.items() if str(key).startswith(prefix)
    }


def project_file(folder: Path) -> Path | None:
    """Return the file of the nearest Pulumi project: in `folder`, or in a folder above it."""
    files = (one / name for one in (folder, *folder.parents) for name in PROJECT_FILES)
    return next((file for file in files if file.is_file()), None)


def project_sections(content: object, project: str) -> dict[str, object]:
    """Return the sections that the content of a project file sets under `config`, for stacks whose own file
    lacks them: `value`, or the `default` of a typed key. A key without a namespace is the project's. Empty
    where the content is another project's.
    """
    if not isinstance(content, Mapping) or content.get("name") != project:
        return {}
    config = content.get("config")
    found: dict[str, object] = {}
    for key, about in config.items() if isinstance(config, Mapping) else ():
        section = str(key).removeprefix(f"{project}:")
        given = about.get("value", about.get("default")) if isinstance(about, Mapping) else None
        if given and ":" not in section:
            found[section] = given
    return found


def _not_a_stack_file(rule: str) -> SettingsError:
    return SettingsError(
        [Problem("the stack file", MISSING, rule, "See stacks/Pulumi.lab.yaml for one that works")]
    )
