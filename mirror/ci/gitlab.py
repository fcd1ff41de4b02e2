"""A pipeline of GitLab CI for the stacks of a project."""

from __future__ import annotations

from mirror.ci.environments import Environments
from mirror.ci.github import MOVES
from mirror.ci.template import fill, quoted, read, scripts


def pipeline(environments: Environments) -> str:
    """Return the pipeline. Nothing in it comes from outside but what `parse_environments` accepts."""
    stacks = environments.stacks
    default = Environments(()).runner
    tags = "" if environments.runner == default else f"tags: [{environments.runner}]"
    values = {
        **scripts(),
        "branch": environments.branch,
        "tags": tags,
        "actions": ", ".join(MOVES),
        "all-stacks": quoted(stacks),
        "matrix": "\n".join(f'- {{STACK: "{one}", ENVIRONMENT: "{where}"}}' for one, where in stacks.items()),
        "deploy-jobs": _deploy_jobs(environments),
        "move-jobs": "\n".join(
            fill(read("gitlab/move-jobs.yml"), {**scripts(), "stack": one, "environment": where})
            for one, where in stacks.items()
        ),
    }
    return fill(read("gitlab/pipeline.yml"), values)


def _deploy_jobs(environments: Environments) -> str:
    """One job for each stack, which needs the job of the stack before it."""
    template, jobs, before = read("gitlab/deploy-job.yml"), [], ""
    for stack, environment in environments.stacks.items():
        jobs.append(fill(template, {"stack": stack, "environment": environment, "needs": before}))
        before = f'"deploy {stack}"'
    return "\n".join(jobs)
