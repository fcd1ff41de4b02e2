"""The project that the commands `ci` and `comment` are about: its stack files and its environments."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mirror.ci.changes import place_in_repository
from mirror.ci.environments import (
    FILE_NAME,
    Environments,
    EnvironmentsError,
    parse_environments,
    proposal,
)
from mirror.commands.pulumi_project import PulumiProject, find_project, working_folder
from mirror.commands.stack_files import StackFile, read_stack
from mirror.problems import CouldNotRun
from mirror.text.files import file_problem

_FOLDER = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._/-]*")


@dataclass(frozen=True, slots=True)
class CiProject:
    """A Pulumi project and the order in which its stacks are deployed."""

    project: PulumiProject
    environments: Environments

    def stack_texts(self) -> dict[str, str]:
        """The text of each stack file; unreadable bytes are replaced."""
        names = self.project.stacks()
        return {
            name: self.project.stack_file(name).read_text(encoding="utf-8", errors="replace")
            for name in names
        }

    @property
    def folder(self) -> str:
        """The project's folder in its repository, for a pipeline. Raises CouldNotRun."""
        _, folder = place_in_repository(self.project.folder)
        if folder and not _FOLDER.fullmatch(folder):
            happened = f"the project is in the folder {folder!r} of its repository"
            way_out = "call it by letters, digits, dots, underscores and hyphens: it becomes part of scripts"
            raise CouldNotRun("printing a pipeline", happened, way_out)
        return folder

    def deadlines(self) -> dict[str, int]:
        """The seconds that the verification of each stack may take: its mirrors may be verified in turn. A
        stack file with problems is left out: `ci check` tells of it.
        """
        found: dict[str, int] = {}
        for name in self.project.stacks():
            file = StackFile(self.project.stack_file(name), self.project.name, self.project.folder)
            with suppress(CouldNotRun):
                found[name] = sum(one.verification.deadline_seconds for one in read_stack(file))
        return found


def the_project() -> PulumiProject:
    """Find the project of the current folder. Raises CouldNotRun."""
    here = working_folder(os.environ)
    found = find_project(here)
    if found is None:
        raise CouldNotRun(
            "looking for the Pulumi project",
            f"there is no Pulumi.yaml in {here} or in a folder above it",
            "change to the project's folder",
        )
    return found


def ci_project() -> CiProject:
    """Find the project of the current folder and read its environments. Raises CouldNotRun with every
    problem.
    """
    project = the_project()
    return CiProject(project, read_environments(project))


def environments_file(project: PulumiProject) -> Path:
    """The file with the order of deployment: beside the stack files."""
    return project.folder / project.stack_config_dir / FILE_NAME


def read_environments(project: PulumiProject) -> Environments:
    """Read the project's environments. Raises CouldNotRun with every problem of the file."""
    file, stacks = environments_file(project), project.stacks()
    shown = file.relative_to(project.folder)
    try:
        return parse_environments(file.read_text(encoding="utf-8"), stacks)
    except FileNotFoundError as error:
        way_out = f"write it, in the order in which the stacks are deployed, e.g.\n{proposal(stacks)}"
        raise CouldNotRun("reading the order of the environments", f"there is no {shown}", way_out) from error
    except EnvironmentsError as error:
        raise CouldNotRun(f"reading {shown}", "\n  ".join(error.problems), "correct the file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotRun(f"reading {shown}", file_problem(error), "check the file") from error
