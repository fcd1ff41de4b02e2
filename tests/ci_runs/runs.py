"""Runs that need no lab: forks, settings with a mistake, a policy that refuses."""

from __future__ import annotations

from dataclasses import dataclass

from tests.ci_runs.github_run import GitHubRun
from tests.ci_runs.gitlab_run import GitLabRun
from tests.ci_runs.pages import expect, page
from tests.ci_runs.repository import Repository
from tests.unit.support.forge_server import ForgeServer

STAGING, PRODUCTION = "stacks/Pulumi.staging.yaml", "stacks/Pulumi.production.yaml"


@dataclass(frozen=True)
class Scene:
    """A repository, the two forges that run its pipelines, and the server that records their comments."""

    github: GitHubRun
    gitlab: GitLabRun
    forge: ForgeServer

    @property
    def repository(self) -> Repository:
        """The repository of the platform team."""
        return self.github.repository

    def comment_with(self, text: str, log: str) -> str:
        """The one comment of the pull request, which has a text."""
        bodies = self.forge.bodies
        expect(len(bodies) == 1 and text in bodies[0], f"{len(bodies)} comments: {bodies}\n{log}")
        return bodies[0]

    def change(self, branch: str, before: str, after: str, file: str = STAGING) -> tuple[str, str]:
        """Commit a change on a branch. Returns the commits of main and of the branch."""
        self.forge.requests.clear()
        self.forge.comments.clear()
        base = self.repository.git("rev-parse", "main")
        self.repository.branch(branch)
        self.repository.edit(file, before, after)
        self.forge.head = self.repository.commit(f"Change {branch}")
        return base, self.forge.head


def a_fork(scene: Scene) -> None:
    """A fork's pull request: no secret, no comment, no cluster; a summary."""
    base, head = scene.change("fork", "tasks_max: 4", "tasks_max: 3")
    code, log = scene.github.pull_request(base, head, fork=True)
    expect(code == 0, log)
    expect(scene.forge.requests == [], "a fork's run asked the forge")
    expect("Preview" not in log.replace("Preview_", ""), log)
    page("fork", (scene.github.artifacts / "reports-check" / "summary.md").read_text())


def a_broken_setting(scene: Scene) -> None:
    """The check fails, nothing is previewed, and the comment names the setting."""
    base, head = scene.change("broken", "tasks_max: 4", "task_max: 4")
    code, log = scene.github.pull_request(base, head)
    expect(code != 0, log)
    page("broken-setting", scene.comment_with("task_max", log))


def a_widened_pattern(scene: Scene) -> None:
    """The policy refuses a pattern that matches every topic; nothing is previewed."""
    base, head = scene.change("everything", "- audit-log\n", "- .*\n")
    code, log = scene.github.pull_request(base, head)
    expect(code != 0, log)
    page("widened-pattern", scene.comment_with("Policy: failed", log))


def a_merge_request_from_a_fork(scene: Scene) -> None:
    """GitLab: the check alone; no variable of the project, no note."""
    base, head = scene.change("fork-mr", "tasks_max: 4", "tasks_max: 3")
    code, log = scene.gitlab.merge_request(base, head, fork=True)
    expect(code == 0, log)
    expect(scene.forge.requests == [], "a fork's run asked the forge")
    expect("Stacks that the change concerns" in log, log)


def a_broken_setting_in_a_merge_request(scene: Scene) -> None:
    """GitLab: the check fails, nothing is previewed, and the note names the setting."""
    base, head = scene.change("broken-mr", "tasks_max: 4", "task_max: 4")
    scene.forge.user = (200, {"id": 5}, {})
    code, log = scene.gitlab.merge_request(base, head)
    expect(code != 0, log)
    expect("starting shell (preview)" not in log, log)
    scene.comment_with("task_max", log)


WITHOUT_LAB = (
    a_fork,
    a_broken_setting,
    a_widened_pattern,
    a_merge_request_from_a_fork,
    a_broken_setting_in_a_merge_request,
)
