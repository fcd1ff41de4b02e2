"""The stack file at a git revision, to which a pull request is compared."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from mirror.problems import CouldNotRun, one_line
from settings.load import load_stack
from settings.model import Settings
from settings.problems import SettingsError
from settings.stack_file import parse_stack_file

_SECONDS = 60


def mirrors_at(
    revision: str, file: Path, project: str, defaults: Mapping[str, object] | None = None
) -> tuple[Settings, ...]:
    """Return the mirrors of a stack file at a revision; none if it did not exist. `defaults`: the sections of
    stack files that lack them. Raises CouldNotRun.
    """
    folder, tried = file.resolve().parent, f"reading {file.name} at {revision}"
    way_out = "check --diff: it is a git revision (a branch, tag or commit) that was fetched, or a folder"
    commit = _git(
        folder, tried, way_out, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}"
    )
    path = f"{commit}:./{file.name}"
    if not _git(folder, tried, way_out, "ls-tree", "--name-only", commit, "--", f"./{file.name}"):
        return ()
    try:
        raw = parse_stack_file(_git(folder, tried, way_out, "show", path), project)
        return tuple(load_stack({**(defaults or {}), **raw}))
    except SettingsError as error:
        happened = f"these settings were not valid, or this version refuses them: {error}"
        raise CouldNotRun(
            tried, happened, "compare with another revision, or with a rendered folder"
        ) from None


def _git(folder: Path, tried: str, way_out: str, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    try:
        # No shell, and git takes no option after --end-of-options.
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise CouldNotRun(tried, one_line(error), "install git, or compare with a rendered folder") from error
    if done.returncode:
        raise CouldNotRun(tried, one_line(done.stderr) or f"git ended with {done.returncode}", way_out)
    return done.stdout if arguments[0] == "show" else done.stdout.strip()
