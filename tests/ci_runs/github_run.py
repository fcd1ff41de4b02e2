"""One run of a GitHub workflow by act, without containers, with the recorded forge as its API."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mirror.ci.pins import ACTIONS
from tests.ci_runs.repository import CHECKOUT, Repository
from tests.ci_runs.tools import act
from tests.lab.support.lab import with_compiled_modules

STAND_INS = Path(__file__).parent / "actions"


@dataclass
class GitHubRun:
    """What every run shares: the repository, the forge's address, variables and secrets."""

    repository: Repository
    api: str
    scratch: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    """Of the runner itself: its PATH, and where its plugins and the lab are."""
    number: int = 100
    lab: str = ""

    def pull_request(self, base: str, head: str, *, fork: bool = False) -> tuple[int, str]:
        """Run the pull request's workflow. Returns act's exit code and log."""
        owner = "somebody/mirrors" if fork else "team/mirrors"
        event = {
            "number": 7,
            "pull_request": {
                "number": 7,
                "head": {"sha": head, "ref": "change", "repo": {"full_name": owner}},
                "base": {"sha": base, "ref": "main"},
            },
        }
        # A fork's run gets no secret and no variable.
        return self.run("pull_request", "pull-request", event, with_secrets=not fork)

    def push(self) -> tuple[int, str]:
        """Run the workflow that deploys main."""
        return self.run("push", "deploy", {"ref": "refs/heads/main"})

    def nightly(self, stack: str) -> tuple[int, str]:
        """Run the workflow that looks for drift, for one stack."""
        return self.run("schedule", "nightly", {}, more=["--matrix", f"stack:{stack}"])

    def run(
        self,
        event: str,
        workflow: str,
        payload: Mapping[str, Any],
        *,
        with_secrets: bool = True,
        more: Sequence[str] = (),
    ) -> tuple[int, str]:
        """Run a workflow, and return act's exit code and log."""
        self.number += 1
        shutil.rmtree(self.artifacts, ignore_errors=True)
        self.artifacts.mkdir(parents=True)
        file = self.scratch / "event.json"
        file.write_text(json.dumps(payload))
        command = [
            str(act()), event,
            "--workflows", f".github/workflows/mirror-{workflow}.yml",
            "--eventpath", str(file),
            "--platform", "ubuntu-latest=-self-hosted",
            "--action-cache-path", str(self.scratch / "act"),
            "--no-cache-server",
            # As with a runner for each job: jobs share no core.
            "--concurrent-jobs", "1",
            *_stand_ins(),
            *more,
            *_pairs("--env", {
                "CI_RUNS_VENV": str((CHECKOUT / ".venv").resolve()),
                "CI_RUNS_ARTIFACTS": str(self.artifacts),
                "CI_RUNS_LAB": self.lab,
                "CI_RUNS_REPOSITORY": str(self.repository.folder),
                "GITHUB_API_URL": self.api,
                "GITHUB_RUN_ID": str(self.number),
            }),
            *(_pairs("--var", self.variables) if with_secrets else ()),
            *(_pairs("--secret", {"GITHUB_TOKEN": "ghs_made_up", **self.secrets}) if with_secrets else ()),
        ]  # fmt: skip
        done = subprocess.run(
            command,
            cwd=self.repository.folder,
            env={**without_forge(os.environ), **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    @property
    def artifacts(self) -> Path:
        """Where the run's artifacts are."""
        return self.scratch / "artifacts"


def _stand_ins() -> Sequence[str]:
    names = ("checkout", "setup-python", "pulumi", "upload-artifact", "download-artifact")
    return [
        part
        for name in names
        for part in ("--local-repository", f"{ACTIONS[name].split(' ')[0]}={STAND_INS / name}")
    ]


def _pairs(option: str, values: Mapping[str, str]) -> list[str]:
    return [part for name, value in values.items() for part in (option, f"{name}={value}")]


def without_forge(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what would reach the jobs by itself: host mode hands everything on."""
    dropped = ("PULUMI_", "KUBECONFIG", "GITHUB_", "GITLAB_", "CI_")
    given = with_compiled_modules(environment)
    return {name: value for name, value in given.items() if not name.startswith(dropped)}
