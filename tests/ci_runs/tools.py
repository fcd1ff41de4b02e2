"""The programs that run pipelines on this machine: built once into a cache, pinned."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ACT = "v0.2.89"
"""Runs workflows of GitHub Actions: github.com/nektos/act."""
GITLAB_CI_LOCAL = "4.61.1"
"""Runs pipelines of GitLab CI: npm's gitlab-ci-local, the newest that Node 20 runs."""
CACHE = Path(os.environ.get("REGION_MIRROR_CI_RUNS_CACHE", "~/.cache/region-mirror-ci-runs")).expanduser()


NEEDED = {
    "git": "commits the made-up repositories",
    "go": "builds act",
    "npm": "installs gitlab-ci-local",
    "node": "runs gitlab-ci-local, at least version 20",
    "rsync": "gitlab-ci-local copies the checkout with it",
}
"""Programs that this machine must have, and why."""


def missing() -> list[str]:
    """Return a message for each program that is not on the PATH."""
    return [
        f"{program} is not on the PATH: {why}. Install it with the package manager of this machine"
        for program, why in NEEDED.items()
        if shutil.which(program) is None
    ]


def act() -> Path:
    """Return act's program; build it where it is missing."""
    program = CACHE / f"act-{ACT}" / "act"
    if not program.is_file():
        environment = {**os.environ, "GOBIN": str(program.parent)}
        subprocess.run(["go", "install", f"github.com/nektos/act@{ACT}"], env=environment, check=True)
    return program


def gitlab_ci_local() -> Path:
    """Return gitlab-ci-local's program; install it where it is missing."""
    folder = CACHE / f"gitlab-ci-local-{GITLAB_CI_LOCAL}"
    program = folder / "node_modules" / ".bin" / "gitlab-ci-local"
    if not program.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        package = f"gitlab-ci-local@{GITLAB_CI_LOCAL}"
        subprocess.run(["npm", "install", "--no-save", "--prefix", str(folder), package], check=True)
    return program
