"""Which stack file a command means, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mirror.problems import CouldNotRun
from settings.load import load_stack
from settings.model import Settings, Stack
from settings.problems import SettingsError
from settings.stack_file import parse_stack_file

PROJECT = Path(__file__).resolve().parent.parent.parent
STACK_FOLDER = "stacks"  # stackConfigDir in Pulumi.yaml

StackOption = Annotated[
    str,
    typer.Option("--stack", "-s", help="The region stack, e.g. lab or prod-west.", show_default=False),
]
FileOption = Annotated[
    Path | None,
    typer.Option("--config-file", help="The stack file, where it is not stacks/Pulumi.<stack>.yaml."),
]
MirrorOption = Annotated[
    str,
    typer.Option("--mirror", "-m", help="Only this mirror of a stack with several.", show_default=False),
]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The mirrors that a command line names, and the folder from which their kubeconfig paths start."""

    mirrors: tuple[Settings, ...]
    root: Path


def choose(stack: str, config_file: Path | None, mirror: str = "") -> Chosen:
    """Read the stack file that is meant. Raises CouldNotRun with every problem of it."""
    path = stack_file(stack, config_file)
    found = read_stack(path)
    if mirror and mirror not in found.names:
        there = f"it has: {', '.join(found.names)}"
        raise CouldNotRun(f"looking for mirror {mirror} in {path.name}", there, "check --mirror")
    mirrors = tuple(one for one in found if mirror in ("", one.mirror.name))
    return Chosen(mirrors, root_of(path))


def stack_file(stack: str, config_file: Path | None) -> Path:
    """The stack file that is meant. Raises CouldNotRun, which names the stacks that there are."""
    if config_file is not None:
        if not config_file.is_file():
            raise CouldNotRun("reading the stack file", f"there is no {config_file}", "check --config-file")
        return config_file
    folder = PROJECT / STACK_FOLDER
    known = sorted(one.stem.removeprefix("Pulumi.") for one in folder.glob("Pulumi.*.yaml"))
    there = f"stacks that have a file: {', '.join(known) or 'none'}"
    if not stack:
        raise CouldNotRun("reading the stack file", "no stack is named", f"add --stack NAME; {there}")
    # Pulumi's full names are organization/project/stack.
    path = folder / f"Pulumi.{stack.split('/')[-1]}.yaml"
    if not path.is_file():
        raise CouldNotRun("reading the stack file", f"there is no {STACK_FOLDER}/{path.name}", there)
    return path


def root_of(path: Path) -> Path:
    """Kubeconfig paths in a stack file start from the project folder, wherever the command is run."""
    folder = path.resolve().parent
    for one in (folder, *folder.parents):
        if (one / "Pulumi.yaml").is_file():
            return one
    return PROJECT


def read_stack(path: Path) -> Stack:
    """Raises CouldNotRun with every problem of the file."""
    try:
        return load_stack(parse_stack_file(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotRun(f"reading {path}", str(error), "check the file") from error
    except SettingsError as error:
        raise CouldNotRun(f"reading {path}", str(error), "put these settings right") from error
