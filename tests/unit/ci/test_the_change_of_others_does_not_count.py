"""Both forges check the change merged into its base as that is now: what others merged is no part of it.

Comments named stacks that the pull request does not touch, and showed manifests that others change.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from mirror.ci.github import Workflow
from mirror.ci.gitlab import pipeline
from tests.unit.ci.pipelines import PLAIN, loaded


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, name: str) -> None:
    (folder / name).write_text(name)
    git(folder, "add", name)
    git(folder, "commit", "--quiet", "--message", name)


@pytest.fixture
def merged(tmp_path: Path) -> Path:
    """A change whose base went on after it left, merged; `.venv/bin/python` writes what it is called with."""
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$@" >called\n')
    python.chmod(0o755)
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    commit(tmp_path, "first")
    git(tmp_path, "tag", "left")
    git(tmp_path, "switch", "--quiet", "--create", "change")
    commit(tmp_path, "own")
    git(tmp_path, "switch", "--quiet", "main")
    commit(tmp_path, "of-others")
    git(tmp_path, "tag", "now")
    git(tmp_path, "merge", "--quiet", "--no-ff", "--no-edit", "change")
    return tmp_path


def base(folder: Path, script: str, **environment: str) -> str:
    """Run the script of the check, and return the base that it compares with."""
    output = {"GITHUB_STEP_SUMMARY": str(folder / "out"), "GITHUB_OUTPUT": str(folder / "out")}
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **output, **environment},
        check=True,
        capture_output=True,
    )
    words = (folder / "called").read_text().split()
    return words[words.index("--base") + 1]


def github() -> str:
    steps = loaded(Workflow.PULL_REQUEST)["jobs"]["check"]["steps"]
    return str(next(one["run"] for one in steps if one.get("id") == "concerned"))


def gitlab() -> str:
    (script,) = yaml.safe_load(pipeline(PLAIN))["check"]["script"]
    return str(script)


def test_github_knows_an_older_base(merged: Path) -> None:
    left, now = (git(merged, "rev-parse", tag) for tag in ("left", "now"))
    assert base(merged, github(), GITHUB_EVENT_NAME="pull_request", BASE=left) == now
    assert base(merged, github(), GITHUB_EVENT_NAME="merge_group", BASE=left) == left
    git(merged, "switch", "--quiet", "--detach", "change")
    assert base(merged, github(), GITHUB_EVENT_NAME="pull_request", BASE=left) == left


def test_gitlabs_merged_results_have_the_target_branch(merged: Path) -> None:
    of_branch = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "left"}
    assert base(merged, gitlab(), **of_branch) == "left"
    assert base(merged, gitlab(), **of_branch, CI_MERGE_REQUEST_TARGET_BRANCH_SHA="") == "left"
    assert base(merged, gitlab(), **of_branch, CI_MERGE_REQUEST_TARGET_BRANCH_SHA="now") == "now"
