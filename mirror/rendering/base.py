"""The stack file at a git revision, to which a pull request is compared."""

from __future__ import annotations

import subprocess
from pathlib import Path

from mirror.problems import CouldNotRun, one_line
from settings.load import load_stack
from settings.model import Settings
from settings.problems import SettingsError
from settings.stack_file import PROJECT_FILES, parse_stack_file, project_sections
from settings.yaml_errors import UNREADABLE
from settings.yaml_text import PulumiLoader

_SECONDS = 60


def mirrors_at(revision: str, file: Path, project: str, root: Path) -> tuple[Settings, ...]:
    """Return the mirrors of a stack file at a revision; none if it did not exist. `root`: the project's
    folder, whose file has at the revision the sections of stack files that lack them. Raises CouldNotRun.
    """
    folder, tried = file.resolve().parent, f"reading {file.name} at {revision}"
    way_out = "check --diff: it is a git revision (a branch, tag or commit) that was fetched, or a folder"
    commit = _git(
        folder, tried, way_out, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}"
    )

    def there(place: Path, name: str) -> str | None:
        if not _git(place, tried, way_out, "ls-tree", "--name-only", commit, "--", f"./{name}"):
            return None
        return _git(place, tried, way_out, "show", f"{commit}:./{name}")

    text = there(folder, file.name)
    if text is None:
        return ()
    # A project outside of the repository is not of the revision.
    top = Path(_git(folder, tried, way_out, "rev-parse", "--show-toplevel"))
    texts = (there(root, name) for name in PROJECT_FILES if root.resolve().is_relative_to(top))
    try:
        common = _sections(next((one for one in texts if one is not None), ""), project)
        return tuple(load_stack({**common, **parse_stack_file(text, project)}))
    except SettingsError as error:
        happened = f"these settings were not valid, or this version refuses them: {error}"
        raise CouldNotRun(
            tried, happened, "compare with another revision, or with a rendered folder"
        ) from None


def _sections(text: str, project: str) -> dict[str, object]:
    """Return the sections that the text of a project's file has for the stacks of `project`."""
    try:
        content = PulumiLoader(text).get_single_data()
    except UNREADABLE:
        return {}
    return project_sections(content, project)


def _git(folder: Path, tried: str, way_out: str, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    try:
        # No shell, and git takes no option after --end-of-options.
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, encoding="utf-8", timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        raise CouldNotRun(tried, one_line(error), "install git, or compare with a rendered folder") from error
    if done.returncode:
        raise CouldNotRun(tried, one_line(done.stderr) or f"git ended with {done.returncode}", way_out)
    return done.stdout if arguments[0] == "show" else done.stdout.strip()
