"""Which stacks a change concerns, from the paths of the changed files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import yaml

from mirror.ci.environments import FILE_NAME
from settings.yaml_errors import UNREADABLE

_OTHER_FOLDERS = frozenset(
    {".ci", ".github", ".gitlab", "ci", "docs", "examples", "findings", "lab", "tests"}
)
"""Folders whose files no stack uses. Every other file concerns all stacks: a new folder is not overlooked."""
_OTHER_FILES = frozenset(
    {".dockerignore", ".gitattributes", ".gitignore", ".gitlab-ci.yml", ".pre-commit-config.yaml", "LICENSE"}
)
_MOST_FILES = 10


@dataclass(frozen=True, slots=True)
class Concern:
    """A stack, its environment, and the changed files that concern it."""

    stack: str
    environment: str
    because: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return all three by their names; of the files at most 10, because a job's output is limited."""
        because = list(self.because[:_MOST_FILES])
        return {"stack": self.stack, "environment": self.environment, "because": because}


@dataclass(frozen=True, slots=True)
class Concerned:
    """The stacks that a change concerns, those whose stack files it deletes, and those that it takes out of
    the order of deployment.
    """

    stacks: tuple[Concern, ...]
    deleted: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return all three by their names."""
        return {
            "stacks": [one.to_json() for one in self.stacks],
            "deleted": list(self.deleted),
            "left_out": list(self.left_out),
        }


def concerned(
    changed: Iterable[str],
    environments: Mapping[str, str],
    stack_files: Mapping[str, str],
    config_dir: str = "",
    before: Mapping[str, str] | None = None,
    rendered: Mapping[str, str] | None = None,
) -> Concerned:
    """Return the stacks that the changed files concern.

    `changed` has paths in the project; `environments` the environment of each deployed stack, and `before`
    that of the base; `stack_files` the text of each stack file; `rendered` the stack of each changed file
    that `render` wrote. A stack is concerned by its stack file, by its rendered files, by a file that the
    stack file names, by code that all stacks use, and by the order of deployment if that gives it another
    environment: one that was not deployed will be.
    """
    of_rendering = rendered or {}
    paths = sorted(set(changed))
    folder = PurePosixPath(config_dir or ".")
    own = {path: stack for path in paths if (stack := _stack_of(PurePosixPath(path), folder))}
    order = str(folder / FILE_NAME)
    placed = {
        stack for stack, name in environments.items() if before is not None and before.get(stack) != name
    }
    shared = [
        path
        for path in paths
        if path not in own and path not in of_rendering and _is_shared(PurePosixPath(path), folder)
    ]
    found = []
    for stack, environment in environments.items():
        named = _named_files(stack_files.get(stack, ""))
        because = [
            path
            for path in paths
            if stack in (own.get(path), of_rendering.get(path))
            or (path == order and stack in placed)
            or (path not in own and (path in shared or _is_named(path, named)))
        ]
        if because:
            found.append(Concern(stack, environment, tuple(because)))
    deleted = [stack for stack in own.values() if stack not in stack_files]
    left_out = [stack for stack in before or () if stack not in environments and stack in stack_files]
    return Concerned(tuple(found), tuple(deleted), tuple(left_out))


def _stack_of(path: PurePosixPath, folder: PurePosixPath) -> str:
    """The stack whose file this is, or ""."""
    is_stack = path.parent == folder and path.name.startswith("Pulumi.") and path.suffix in (".yaml", ".yml")
    return path.stem.removeprefix("Pulumi.") if is_stack and path.stem != "Pulumi" else ""


def _is_shared(path: PurePosixPath, folder: PurePosixPath) -> bool:
    top = path.parts[0]
    if len(path.parts) == 1:
        return top not in _OTHER_FILES and path.suffix != ".md"
    return top not in _OTHER_FOLDERS and path != folder / FILE_NAME


def _named_files(text: str) -> frozenset[str]:
    """Every text in a stack file: a path of the project may be among them."""
    try:
        return frozenset(_texts(yaml.safe_load(text)))
    except UNREADABLE:
        return frozenset()


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield str(PurePosixPath(value))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, Sequence):
        for one in value:
            yield from _texts(one)


def _is_named(path: str, named: frozenset[str]) -> bool:
    """Whether the stack file names the file, or a folder that has it."""
    return any(str(one) in named for one in (PurePosixPath(path), *PurePosixPath(path).parents[:-1]))
