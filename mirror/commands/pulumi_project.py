"""The Pulumi project of a folder: its stack files, and the stack that is selected there.

The rules are those of the Pulumi CLI (sdk/go/common/workspace: paths.go, project.go, workspace.go, and
pkg/backend/state/stacks.go), so that a command of region-mirror and `pulumi up` mean the same stack.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from mirror.commands.pulumi_selection import selected_stack
from mirror.problems import CouldNotRun
from settings.stack_file import project_file, project_sections
from settings.yaml_errors import UNREADABLE
from settings.yaml_text import PulumiLoader

STACK_VARIABLE = "PULUMI_STACK"


@dataclass(frozen=True, slots=True)
class PulumiProject:
    """A Pulumi project, as its project file describes it."""

    file: Path
    name: str
    stack_config_dir: str
    backend_url: str = ""
    defaults: Mapping[str, object] = field(default_factory=dict)
    """The sections that the project file configures, for stacks whose own file lacks them."""

    @property
    def folder(self) -> Path:
        """The folder of the project file: relative paths in stack files start there."""
        return self.file.parent

    def stack_file(self, stack: str) -> Path:
        """Where Pulumi keeps the configuration of a stack, whether or not the file exists.

        `stack` may be a full name: organization/project/stack.
        """
        name = stack.rsplit("/", maxsplit=1)[-1]
        return self.folder / self.stack_config_dir / f"Pulumi.{name}{self.file.suffix}"

    def stacks(self) -> list[str]:
        """Names of the stacks that have a file."""
        suffix = self.file.suffix
        found = (self.folder / self.stack_config_dir).glob(f"Pulumi.*{suffix}")
        names = (one.name.removeprefix("Pulumi.").removesuffix(suffix) for one in found)
        return sorted(name for name in names if not name.endswith(".deploy"))

    def selected(self, environment: Mapping[str, str]) -> str:
        """The stack that `pulumi stack select` has chosen for this project, or "". Raises CouldNotRun."""
        return selected_stack(self.file, self.name, self.backend_url, environment)


def working_folder(environment: Mapping[str, str]) -> Path:
    """The current folder as the shell names it (`PWD`), as Go's os.Getwd does: symbolic links stay."""
    shown = Path(environment.get("PWD", ""))
    if shown.is_absolute() and shown.is_dir() and shown.samefile(Path.cwd()):
        return Path(os.path.normpath(shown))
    return Path.cwd()


def find_project(folder: Path) -> PulumiProject | None:
    """The project whose file is nearest: in `folder`, or in a folder above it. Raises CouldNotRun."""
    file = project_file(folder)
    return None if file is None else _read(file)


def _read(file: Path) -> PulumiProject:
    try:
        content = yaml.load(file.read_text(encoding="utf-8"), PulumiLoader)  # noqa: S506 - a SafeLoader
    except (OSError, *UNREADABLE) as error:
        raise CouldNotRun(f"reading the Pulumi project {file}", str(error), "check the file") from error
    name = content.get("name") if isinstance(content, dict) else None
    if not isinstance(name, str) or not name:
        way_out = "check the file; `pulumi preview` needs the name too"
        raise CouldNotRun(f"reading the Pulumi project {file}", "it has no `name`", way_out)
    # `config: FOLDER` is the older spelling of stackConfigDir.
    config = content.get("config")
    folder = content.get("stackConfigDir") or (config if isinstance(config, str) else "")
    backend = content.get("backend")
    url = backend.get("url") if isinstance(backend, dict) else None
    return PulumiProject(file, name, str(folder), str(url or ""), project_sections(content, name))
