"""A project with two stacks in git, on a branch that changes it, and the reports of a pipeline."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return project_in_git(tmp_path, monkeypatch)


STACK = """
config:
  region-mirror:source: {alias: east, cluster: east, namespace: kafka, listener: scram,
                         authentication: scram-sha-512, user: mirror-source}
  region-mirror:target: {alias: west, cluster: west, namespace: kafka, listener: mtls, authentication: tls}
  region-mirror:mirror: {name: east-to-west, topics: [orders]}
"""


ORDER = """
environments:
  - {name: staging, stacks: [staging]}
  - {name: production, stacks: [prod-west]}
"""


def project_in_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two stacks, committed to `main`; the current folder is the project, and its branch is `change`."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: region-mirror\nstackConfigDir: stacks\n")
    for name in ("staging", "prod-west"):
        stack_file(tmp_path, name).write_text(STACK)
    (tmp_path / "stacks" / "environments.yaml").write_text(ORDER)
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "x")
    git(tmp_path, "switch", "--quiet", "--create", "change")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PWD", str(tmp_path))
    return tmp_path


def stack_file(project: Path, name: str) -> Path:
    return project / "stacks" / f"Pulumi.{name}.yaml"


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def change(project: Path, name: str, text: str) -> None:
    stack_file(project, name).write_text(text)
    git(project, "commit", "--quiet", "--all", "--message", "y")


def reports(project: Path, stack: str, code: int = 0) -> None:
    folder = project / "reports" / stack
    folder.mkdir(parents=True)
    (folder / "plan.md").write_text("### Mirror `east-to-west`\n")
    (folder / "plan.exit").write_text("0\n")
    (folder / "preview.txt").write_text("Previewing\n")
    (folder / "preview.exit").write_text(f"{code}\n")
