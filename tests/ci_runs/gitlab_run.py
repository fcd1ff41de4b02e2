"""One run of the GitLab pipeline by gitlab-ci-local, without containers, with the recorded forge as its
API.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.ci_runs.github_run import without_forge
from tests.ci_runs.repository import CHECKOUT, Repository
from tests.ci_runs.tools import gitlab_ci_local


@dataclass
class GitLabRun:
    """What every run shares: the repository, the forge's address, and the variables of the project."""

    repository: Repository
    api: str
    lab: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    def merge_request(self, base: str, head: str, *, fork: bool = False) -> tuple[int, str]:
        """Run the pipeline of a merge request. Returns the exit code and the log."""
        own = {
            "GITLAB_CI": "true",
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_MERGE_REQUEST_PROJECT_ID": "3",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "4" if fork else "3",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": head,
            "CI_PIPELINE_ID": "200",
            "CI_PIPELINE_URL": "https://gitlab.example/team/mirrors/-/pipelines/200",
            "CI_API_V4_URL": self.api,
        }
        given = {} if fork else {"GITLAB_TOKEN": "glpat-made-up", **self.variables}
        shutil.rmtree(self.repository.folder / "reports", ignore_errors=True)
        code, log = self._run({**own, **given})
        if not fork and "starting shell (comment)" not in log:
            # gitlab-ci-local waits forever for a job that is skipped. GitLab starts a job with `when: always`
            # once the earlier stages have ended, and counts a skipped job as ended.
            log += self._run({**own, **given}, "comment")[1]
        return code, log

    def _run(self, variables: Mapping[str, str], *jobs: str) -> tuple[int, str]:
        folder = self.repository.folder
        links = {".venv": (CHECKOUT / ".venv").resolve(), ".lab": self.lab}
        for name, target in links.items():
            (folder / name).unlink(missing_ok=True)
            if target is not None:
                (folder / name).symlink_to(target)
        command = [str(gitlab_ci_local()), *jobs, "--force-shell-executor"]
        for name, value in variables.items():
            command += ["--variable", f"{name}={value}"]
        environment = {**without_forge(os.environ), **self.environment}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr
