"""A pipeline of GitLab CI for the stacks of a project."""

from __future__ import annotations

from collections.abc import Mapping

from mirror.ci.deadlines import LONGEST, minutes
from mirror.ci.environments import Environments
from mirror.ci.github import MOVES
from mirror.ci.template import fill, of_folder, quoted, read, scripts


def pipeline(environments: Environments, deadlines: Mapping[str, int] | None = None, folder: str = "") -> str:
    """Return the pipeline. Nothing in it comes from outside but what `parse_environments` accepts, numbers,
    and the folder. `deadlines`: the seconds that the verification of each stack may take. `folder`: of the
    project, in the repository.
    """
    stacks = environments.stacks
    values = {
        **scripts(),
        **of_folder(folder),
        "branch": environments.branch,
        "tags": _tags(environments.runner),
        "check-tags": _check_tags(environments),
        "actions": ", ".join(MOVES),
        "all-stacks": quoted(stacks),
        "matrix": "\n".join(
            f'- {{OWN_STACK: "{one}", OWN_ENVIRONMENT: "{where}"}}' for one, where in stacks.items()
        ),
        "deploy-jobs": _deploy_jobs(environments, deadlines or {}),
        "move-jobs": "\n".join(
            fill(
                read("gitlab/move-jobs.yml"),
                {**scripts(), "longest": str(LONGEST), "stack": one, "environment": where},
            )
            for one, where in stacks.items()
        ),
    }
    return fill(read("gitlab/pipeline.yml"), values)


def _tags(runner: str) -> str:
    """A label of GitHub's own runners is no tag at GitLab."""
    return "" if runner == Environments(()).runner else f'tags: ["{runner}"]'


def _check_tags(environments: Environments) -> str:
    """The runner of the job that also runs the code of a fork; without a tag, any runner that takes such
    jobs.
    """
    if own := _tags(environments.check_runner):
        return own
    return "inherit: {default: [image, interruptible, before_script]}" if _tags(environments.runner) else ""


def _deploy_jobs(environments: Environments, deadlines: Mapping[str, int]) -> str:
    """One job for each stack, which needs the job of the stack before it."""
    template, jobs, before = read("gitlab/deploy-job.yml"), [], ""
    for stack, environment in environments.stacks.items():
        time = str(minutes([deadlines.get(stack, 0)]))
        own = {"stack": stack, "environment": environment, "needs": before, "minutes": time}
        jobs.append(fill(template, {**scripts(), **own}))
        before = f'"deploy {stack}"'
    return "\n".join(jobs)
