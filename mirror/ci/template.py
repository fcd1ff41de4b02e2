"""Templates of pipelines. `@name@` is a place: alone on its line, it takes a block of lines at its
indentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files

_PLACE = re.compile(r"@([a-z][a-z-]*)@")


def read(name: str) -> str:
    """Return a file of the folder `templates`."""
    return files("mirror.ci").joinpath("templates", *name.split("/")).read_text(encoding="utf-8")


def scripts() -> dict[str, str]:
    """Return the shell scripts that the pipelines of all forges share."""
    names = ("report", "preview", "check", "deploy", "nightly", "move")
    return {name: read(f"scripts/{name}.sh") for name in names}


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put the values into their places; a block may have places itself. An empty block takes its line away.

    Raises KeyError for a place without a value.
    """
    lines = []
    for line in template.splitlines():
        alone = _PLACE.fullmatch(line.strip())
        if alone is None:
            lines.append(_PLACE.sub(lambda found: values[found[1]], line))
            continue
        indent = line[: len(line) - len(line.lstrip())]
        block = fill(values[alone[1]], values).splitlines()
        lines += [f"{indent}{one}" if one else "" for one in block]
    return "\n".join(lines) + "\n" if lines else ""


def of_folder(folder: str) -> dict[str, str]:
    """Return what a pipeline needs whose project is in a folder of the repository (`infra/mirrors`); it runs
    at the repository's root.
    """
    if not folder:
        return {"folder": "", "working-directory": "", "change-folder": "", "group": "region-mirror"}
    return {
        # A concurrency group is one for the whole repository, which may have other projects.
        "group": f"region-mirror-{folder}",
        "folder": f"{folder}/",
        "working-directory": f'working-directory: "{folder}"',
        "change-folder": f'cd "{folder}"',
    }


def quoted(names: Iterable[str]) -> str:
    """Return names as the entries of a YAML list: a stack may be called `on` or `1.0`."""
    return ", ".join(f'"{name}"' for name in names)
