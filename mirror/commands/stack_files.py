"""The options by which a stack and its mirrors are chosen, and the reading of its stack file."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from manifests.metadata import Owner
from mirror.commands.answers import not_empty
from mirror.commands.pulumi_project import STACK_VARIABLE, PulumiProject, find_project, working_folder
from mirror.problems import CouldNotRun
from mirror.text.files import file_problem
from settings.absent_sections import elsewhere
from settings.load import load_stack
from settings.model import Settings, Stack
from settings.plain_secrets import plain_secrets
from settings.problems import SettingsError
from settings.stack_file import parse_stack_file

DEFAULT_PROJECT = "region-mirror"
"""The project whose settings a stack file outside any Pulumi project has (`region-mirror:source` ...)."""


def complete_stack(incomplete: str) -> list[str]:
    """Names for the shell's completion of --stack."""
    try:
        project = find_project(working_folder(os.environ))
    except CouldNotRun:
        return []
    return [name for name in (project.stacks() if project else []) if name.startswith(incomplete)]


StackOption = Annotated[
    str,
    typer.Option(
        "--stack",
        "-s",
        metavar="NAME",
        help=f"The stack, e.g. prod-west. Default: {STACK_VARIABLE}, else the stack that is selected in this "
        "folder's Pulumi project.",
        show_default=False,
        autocompletion=complete_stack,
        callback=not_empty,
    ),
]
FileOption = Annotated[
    Path | None,
    typer.Option(
        "--config-file", metavar="FILE", help="The stack file, where it is not the Pulumi project's."
    ),
]
MirrorOption = Annotated[
    str,
    typer.Option(
        "--mirror",
        "-m",
        metavar="NAME",
        help="Only this mirror of a stack with several.",
        show_default=False,
        callback=not_empty,
    ),
]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The mirrors that a command line names, and the folder where their relative paths start."""

    mirrors: tuple[Settings, ...]
    root: Path
    owner: Owner | None = None
    """The stack; None where the file's name does not tell it."""


@dataclass(frozen=True, slots=True)
class StackFile:
    """A stack file, the name of the Pulumi project whose settings it has, and the folder where its relative
    paths start.
    """

    path: Path
    project: str
    root: Path

    @property
    def defaults(self) -> Mapping[str, object]:
        """The sections that the project's own file configures. Raises CouldNotRun."""
        project = find_project(self.root)
        return project.defaults if project and project.name == self.project else {}

    @property
    def owner(self) -> Owner | None:
        """The stack that the file configures, by Pulumi's name of the file: `Pulumi.<stack>.yaml`."""
        found = re.fullmatch(r"Pulumi\.(.+)\.(ya?ml|json)", self.path.name)
        return None if found is None else Owner(self.project, found[1])


def choose(stack: str, config_file: Path | None, mirror: str = "") -> Chosen:
    """Read the stack file that the options name. Raises CouldNotRun with every problem of the file."""
    file = stack_file(stack, config_file)
    found = read_stack(file)
    if mirror and mirror not in found.names:
        there = f"it has: {', '.join(found.names)}"
        raise CouldNotRun(f"looking for mirror {mirror} in {file.path.name}", there, "check --mirror")
    mirrors = tuple(one for one in found if mirror in ("", one.mirror.name))
    return Chosen(mirrors, file.root, file.owner)


def choose_one(stack: str, config_file: Path | None, mirror: str, reason: str) -> tuple[Settings, Path]:
    """Return the one mirror that the options name, and the folder where its relative paths start. Raises
    CouldNotRun where there are several; `reason` says why one has to be chosen.
    """
    chosen = choose(stack, config_file, mirror)
    if len(chosen.mirrors) > 1:
        names = ", ".join(one.mirror.name for one in chosen.mirrors)
        there = f"the stack has several mirrors: {names}"
        raise CouldNotRun("choosing the mirror", there, f"choose one with --mirror: {reason}")
    return chosen.mirrors[0], chosen.root


def stack_file(stack: str, config_file: Path | None) -> StackFile:
    """Find the stack file that the options, the environment or the Pulumi project name. Raises CouldNotRun
    with all ways to name one.
    """
    here = working_folder(os.environ)
    if config_file is not None:
        return _given(config_file, here)
    project = find_project(here)
    if project is None:
        raise CouldNotRun(
            "looking for the Pulumi project",
            f"there is no Pulumi.yaml in {here} or in a folder above it",
            "change to the project's folder, or name the stack file: --config-file FILE",
        )
    name, origin = _stack_name(stack, project)
    there = f"stacks that have a file: {', '.join(project.stacks()) or 'none'}"
    if not name:
        raise CouldNotRun(
            "choosing the stack",
            f"no stack is named, {STACK_VARIABLE} is not set, and none is selected in {project.folder}",
            f"add --stack NAME, set {STACK_VARIABLE}=NAME, select one with `pulumi stack select NAME`, or "
            f"name the stack file with --config-file FILE; {there}",
        )
    path = project.stack_file(name)
    if not path.is_file():
        missing = f"there is no {path.relative_to(project.folder)} in {project.folder}{origin}"
        raise CouldNotRun("reading the stack file", missing, f"name another stack with --stack NAME; {there}")
    return StackFile(path, project.name, project.folder)


def _given(file: Path, here: Path) -> StackFile:
    if not file.is_file():
        raise CouldNotRun("reading the stack file", f"there is no {file}", "check --config-file")
    project = find_project(file.resolve().parent)
    if project is not None:
        return StackFile(file, project.name, project.folder)
    nearest = find_project(here)
    return StackFile(file, DEFAULT_PROJECT, nearest.folder if nearest else here)


def _stack_name(stack: str, project: PulumiProject) -> tuple[str, str]:
    """The stack's name, and how it was chosen where no option says so."""
    if stack:
        return stack, ""
    if named := os.environ.get(STACK_VARIABLE):
        return named, f" ({STACK_VARIABLE} is {named})"
    selected = project.selected(os.environ)
    return selected, f" ({selected} is the selected stack of the Pulumi project)"


def read_stack(file: StackFile) -> Stack:
    """Read the settings of a stack file. Raises CouldNotRun with every problem of the file."""
    path = file.path
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        raw = parse_stack_file(text, file.project)
        return _without_plain_secrets({**file.defaults, **raw})
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotRun(f"reading {path}", file_problem(error), "check the file") from error
    except SettingsError as error:
        way_out = ". ".join(filter(None, ("correct these settings", elsewhere(text, file.project))))
        raise CouldNotRun(f"reading {path}", str(error), way_out) from error


def _without_plain_secrets(raw: Mapping[str, object]) -> Stack:
    """Build the stack. Raises `SettingsError` with every problem, plain-text secrets among them."""
    plain = plain_secrets(raw)
    try:
        stack = load_stack(raw)
    except SettingsError as error:
        raise SettingsError([*error.problems, *plain]) from None
    if plain:
        raise SettingsError(plain)
    return stack
