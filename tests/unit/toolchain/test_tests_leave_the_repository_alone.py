"""Tests that run git do so in folders of their own, also where git started them (a hook, `rebase --exec`).

One run made the repository of the checkout bare, and committed to it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]
OF_GIT = "tests/unit/ci/test_which_stacks_a_change_concerns.py::test_git_names_files_of_the_project"


def test_what_git_tells_its_hooks_reaches_no_test(tmp_path: Path) -> None:
    repository = tmp_path / ".git"
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    before = (
        (repository / "config").read_text(),
        sorted(one.name for one in (repository / "objects").iterdir()),
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", OF_GIT],
        cwd=CHECKOUT,
        env={**os.environ, "GIT_DIR": str(repository)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    after = (
        (repository / "config").read_text(),
        sorted(one.name for one in (repository / "objects").iterdir()),
    )
    assert after == before
