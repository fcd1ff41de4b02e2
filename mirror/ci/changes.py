"""The files that git says were changed since a base."""

from __future__ import annotations

import subprocess
from pathlib import Path

from mirror.problems import CouldNotRun, one_line


def changed_files(project: Path, base: str) -> list[str]:
    """Return the paths in the project's folder that differ between HEAD and where it left `base`.

    A renamed file counts under both names. Raises CouldNotRun where git does not know the base: a pipeline
    must not take an unknown change for no change.
    """
    # `--end-of-options`: a name that starts with a dash is no option.
    command = [
        "git",
        "diff",
        "--name-only",
        "-z",
        "--no-renames",
        "--relative",
        "--merge-base",
        "--end-of-options",
    ]
    try:
        done = subprocess.run(  # noqa: S603 - no shell
            [*command, base, "HEAD"], cwd=project, capture_output=True, check=False
        )
    except OSError as error:
        raise CouldNotRun("looking for changed files", str(error), "install git") from error
    if done.returncode:
        way_out = (
            "check --base; in a pipeline fetch the whole history "
            "(GitHub: `fetch-depth: 0`, GitLab: `GIT_DEPTH: 0`)"
        )
        tried = f"comparing HEAD with {base}"
        said = done.stderr.decode(errors="replace").partition("usage: ")[0]  # its usage has 100 lines
        if not _output(project, "rev-parse", "--git-dir"):
            raise CouldNotRun(tried, f"{project} is in no git repository", "run it in a checkout")
        raise CouldNotRun(tried, one_line(said), way_out)
    return [path for path in done.stdout.decode(errors="surrogateescape").split("\0") if path]


def text_before(project: Path, base: str, path: str) -> str:
    """Return a file of the project as it was where HEAD left `base`; "" where it did not exist, or cannot be
    read.
    """
    left = _output(project, "merge-base", "--end-of-options", base, "HEAD").strip()
    return _output(project, "show", f"{left}:./{path}") if left else ""


def place_in_repository(project: Path) -> tuple[Path, str]:
    """Return the root of the repository and the project's folder in it, such as `infra/mirrors`; the folder
    itself and "" where it is the root, or in no repository. Without git, which need not be installed to print
    a pipeline, and refuses a checkout of another user (`safe.directory`).
    """
    here = project.resolve()
    for root in (here, *here.parents):
        if (root / ".git").exists():  # a file in a linked worktree
            return root, "/".join(here.relative_to(root).parts)
    return project, ""


def _output(folder: Path, *arguments: str) -> str:
    """Return what git prints; "" where it fails."""
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603 - no shell
    return "" if done.returncode else done.stdout.decode(errors="replace")
