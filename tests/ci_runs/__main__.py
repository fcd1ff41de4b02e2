"""`python -m tests.ci_runs`: runs the printed pipelines, and writes what they wrote into docs/ci/.

The lab that REGION_MIRROR_LAB names must be up, except for `--without-lab`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lab.env import pulumi_environment
from lab.layout import Lab
from tests.ci_runs.github_run import GitHubRun
from tests.ci_runs.gitlab_run import GitLabRun
from tests.ci_runs.repository import CHECKOUT, Repository
from tests.ci_runs.stacks import ADDED_TOPIC, ENVIRONMENTS, stacks
from tests.lab.support.lab import Regions
from tests.unit.support.forge_server import ForgeServer, serving

PAGES = CHECKOUT / "docs" / "ci"
STAGING, PRODUCTION = "stacks/Pulumi.staging.yaml", "stacks/Pulumi.production.yaml"


class Runs:
    """The runs, in an order in which each finds what it needs."""

    def __init__(self, run: GitHubRun, forge: ForgeServer) -> None:
        self.run = run
        self.repository = run.repository
        self.forge = forge

    def a_fork(self) -> None:
        """A fork's pull request: no secret, no comment, no cluster; a summary."""
        base, head = self._change("fork", "tasks_max: 4", "tasks_max: 3")
        code, log = self.run.pull_request(base, head, fork=True)
        expect(code == 0, log)
        expect(self.forge.requests == [], "a fork's run asked the forge")
        expect("Preview" not in log.replace("Preview_", ""), log)
        page("fork", (self.run.artifacts / "reports-check" / "summary.md").read_text())

    def a_broken_setting(self) -> None:
        """The check fails, nothing is previewed, and the comment names the setting."""
        base, head = self._change("broken", "tasks_max: 4", "task_max: 4")
        code, log = self.run.pull_request(base, head)
        expect(code != 0, log)
        expect(len(self.forge.bodies) == 1 and "task_max" in self.forge.bodies[0], str(self.forge.bodies))
        page("broken-setting", self.forge.bodies[0])

    def a_widened_pattern(self) -> None:
        """The policy refuses a pattern that matches every topic; nothing is previewed."""
        base, head = self._change("everything", "- audit-log\n", "- .*\n")
        code, log = self.run.pull_request(base, head)
        expect(code != 0, log)
        expect(
            len(self.forge.bodies) == 1 and "Policy: failed" in self.forge.bodies[0], str(self.forge.bodies)
        )
        page("widened-pattern", self.forge.bodies[0])

    def a_merge_that_is_not_proven(self) -> None:
        """Staging is deployed and proven; production is not proven; the last environment is not reached."""
        self.repository.git("switch", "--quiet", "main")
        self.repository.edit(PRODUCTION, "region-mirror:users:", NEVER_PROVEN)
        self.repository.commit("Ask for certificates of ten years in production")
        code, log = self.run.push()
        expect(code != 0, log)
        expect(job(log, "Deploy staging").endswith("succeeded"), log)
        expect(job(log, "Deploy production").endswith("failed"), log)
        expect(job(log, "Deploy last") == "", log)
        page("merge-not-proven", lines(log, "Deploy production", "certificates-valid"))

    def a_topic_is_added(self) -> None:
        """The comment has the plan; nothing is deployed. Prints the time beside that of a bare preview."""
        base, head = self._change("topic", "- audit-log\n", f"- audit-log\n    - {ADDED_TOPIC}\n")
        code, log = self.run.pull_request(base, head)
        expect(code == 0, log)
        expect(f"`+` {ADDED_TOPIC}" in self.forge.bodies[0], str(self.forge.bodies))
        page("topic-added", self.forge.bodies[0])
        steps = re.findall(
            r"Success - Main (Check the|Preview and|Summary|Comment)[^\[]*\[(?:(\d+)m)?([\d.]+)s\]", log
        )
        took = sum(60 * int(minutes or 0) + float(seconds) for _, minutes, seconds in steps)
        bare = self._bare_preview()
        print(f"from push to comment {took:.1f} s, a bare preview {bare:.1f} s: ratio {took / bare:.2f}")

    def a_merge_request_from_a_fork(self, gitlab: GitLabRun) -> None:
        """GitLab: the check alone; no variable of the project, no note."""
        base, head = self._change("fork-mr", "tasks_max: 4", "tasks_max: 3")
        code, log = gitlab.merge_request(base, head, fork=True)
        expect(code == 0, log)
        expect(self.forge.requests == [], "a fork's run asked the forge")
        expect("Stacks that the change concerns" in log, log)

    def a_topic_in_a_merge_request(self, gitlab: GitLabRun) -> None:
        """GitLab: the note has the plan."""
        base, head = self._change("topic-mr", "- audit-log\n", f"- audit-log\n    - {ADDED_TOPIC}\n")
        self.forge.user = (200, {"id": 5}, {})
        code, log = gitlab.merge_request(base, head)
        expect(code == 0, log)
        expect(f"`+` {ADDED_TOPIC}" in self.forge.bodies[0], str(self.forge.bodies))
        page("topic-added-gitlab", self.forge.bodies[0])

    def a_drift(self, regions: Regions) -> None:
        """Somebody changes the deployed mirror with kubectl: the nightly run fails and shows the
        difference.
        """
        regions.patch_mirror("east-to-west", {"replicas": 1})
        code, log = self.run.nightly("staging")
        expect(code != 0, log)
        folder = self.run.artifacts / "nightly-staging" / "staging"
        expect("replicas" in (folder / "preview.txt").read_text(), log)
        expect("spec.replicas" in (folder / "changed-by.md").read_text(), log)
        page("drift", self._summary(folder.parent))

    def _change(self, branch: str, before: str, after: str) -> tuple[str, str]:
        """Commit a change of staging's stack file on a branch. Returns the commits of main and of the
        branch.
        """
        self.forge.requests.clear()
        self.forge.comments.clear()
        base = self.repository.git("rev-parse", "main")
        self.repository.branch(branch)
        self.repository.edit(STAGING, before, after)
        self.forge.head = self.repository.commit(f"Change {branch}")
        return base, self.forge.head

    def _bare_preview(self) -> float:
        links = {".venv": (CHECKOUT / ".venv").resolve(), ".lab": Lab.find().root}
        for name, target in links.items():
            (self.repository.folder / name).unlink(missing_ok=True)
            (self.repository.folder / name).symlink_to(target)
        start = time.monotonic()
        self._pulumi("preview", "--stack", "staging", "--diff")
        return time.monotonic() - start

    def init(self) -> None:
        """Create the stacks in the backend, as a person does once."""
        for stack in ("staging", "production", "last"):
            self._pulumi("stack", "select", "--create", "--stack", stack)

    def _pulumi(self, *words: str) -> None:
        environment = {**os.environ, **pulumi_environment(Lab.find())}
        subprocess.run(
            ["pulumi", *words, "--non-interactive"],
            cwd=self.repository.folder,
            env=environment,
            check=True,
            capture_output=True,
        )

    def _summary(self, reports: Path) -> str:
        command = [sys.executable, "-m", "mirror", "ci", "summary", "staging", "--reports", str(reports)]
        return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout


NEVER_PROVEN = """region-mirror:verification:
    certificate_margin_days: 3650
    deadline_seconds: 30
  region-mirror:users:"""
"""What follows in the stack file after the two spaces of its indentation."""


def expect(holds: bool, shown: str) -> None:
    """Raise with what was seen."""
    if not holds:
        raise SystemExit(f"not as expected:\n{shown}")


def job(log: str, name: str) -> str:
    """The last line of a job in act's log: `Job succeeded` or `Job failed`; "" for a job that did not run."""
    found = re.findall(rf"/{re.escape(name)}[^\]]*\].*(Job \w+)", log)
    return found[-1] if found else ""


def lines(log: str, name: str, text: str) -> str:
    """The lines that a job of the log printed since the first with a text."""
    printed = re.findall(rf"^\[[^\]]*/{re.escape(name)}[^\]]*\]   \| (.*)$", log, re.MULTILINE)
    first = next((number for number, line in enumerate(printed) if text in line), 0)
    return "\n".join(["```text", *printed[max(0, first - 20) : first + 20], "```", ""])


def page(name: str, text: str) -> None:
    """Keep what a run wrote, without the paths of this machine."""
    PAGES.mkdir(exist_ok=True)
    lab = os.environ.get("REGION_MIRROR_LAB", "")
    clean = text.replace(lab, ".lab") if lab else text
    (PAGES / f"{name}.md").write_text(re.sub(r"/\S*/hostexecutor", ".", clean))


def main() -> None:
    """Run all, or those that need no lab."""
    with_lab = "--without-lab" not in sys.argv
    scratch = Path(tempfile.mkdtemp(prefix="ci-runs-"))
    repository = Repository.create(scratch / "mirrors", stacks(), ENVIRONMENTS)
    with serving() as forge:
        run = GitHubRun(repository, forge.url, scratch)
        runs = Runs(run, forge)
        gitlab = GitLabRun(repository, forge.url)
        todo: list[Callable[[], None]] = [
            runs.a_fork,
            runs.a_broken_setting,
            runs.a_widened_pattern,
            partial(runs.a_merge_request_from_a_fork, gitlab),
        ]
        if with_lab:
            lab = Lab.find()
            given = pulumi_environment(lab)
            run.variables = {"PULUMI_BACKEND_URL": given.pop("PULUMI_BACKEND_URL")}
            passphrase = Path(given.pop("PULUMI_CONFIG_PASSPHRASE_FILE")).read_text()
            run.secrets = {"PULUMI_CONFIG_PASSPHRASE": passphrase}
            run.environment = given
            run.lab = str(lab.root)
            gitlab.variables = {**run.variables, **run.secrets}
            gitlab.environment, gitlab.lab = given, lab.root
            regions = Regions(lab)
            todo += [
                runs.init,
                runs.a_merge_that_is_not_proven,
                runs.a_topic_is_added,
                partial(runs.a_topic_in_a_merge_request, gitlab),
                partial(runs.a_drift, regions),
            ]
        for one in todo:
            start = time.monotonic()
            one()
            print(
                f"{getattr(one, '__name__', 'a_drift')}: as expected, {time.monotonic() - start:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
