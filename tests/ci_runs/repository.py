"""A repository of a platform team: the files of this checkout, with stacks and pipelines of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mirror.ci.environments import parse_environments
from mirror.ci.github import Workflow, workflow
from mirror.ci.gitlab import pipeline

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Repository:
    """A git repository with branch `main`."""

    folder: Path

    @classmethod
    def create(cls, folder: Path, stacks: Mapping[str, str], environments: str) -> Repository:
        """Copy what git knows of the checkout, and replace its stacks by these texts."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=CHECKOUT,
            check=True,
            capture_output=True,
            text=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if name.startswith(("tests/", "docs/", "lab/", "stacks/")) or not (CHECKOUT / name).is_file():
                continue
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, folder / name)
        made = cls(folder)
        for stack, text in stacks.items():
            made.write(f"stacks/Pulumi.{stack}.yaml", text)
        made.write("stacks/environments.yaml", environments)
        read = parse_environments(environments, list(stacks))
        for name in Workflow:
            made.write(f".github/workflows/mirror-{name}.yml", workflow(name, read))
        made.write(".gitlab-ci.yml", pipeline(read))
        made.git("init", "--quiet", "--initial-branch", "main")
        # What runs leave in the folder is no change of the repository.
        made.write(".git/info/exclude", "/reports/\n/.gitlab-ci-local/\n/.lab\n/.venv\n")
        made.git("remote", "add", "origin", "https://github.com/team/mirrors.git")
        made.commit("Start")
        return made

    def write(self, name: str, text: str) -> None:
        """Write a file of the repository."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, name: str, before: str, after: str) -> None:
        """Replace a text that the file must contain."""
        text = (self.folder / name).read_text()
        if before not in text:
            raise ValueError(f"{name} does not contain {before!r}")
        self.write(name, text.replace(before, after))

    def git(self, *words: str) -> str:
        """Run git, and return its output."""
        identity = ["-c", "user.name=team", "-c", "user.email=team@example.com"]
        command = ["git", *identity, *words]
        return subprocess.run(
            command, cwd=self.folder, check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit(self, message: str) -> str:
        """Commit everything, and return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str) -> None:
        """Begin a branch from main."""
        self.git("switch", "--quiet", "--force-create", name, "main")
