"""Workflows of GitHub Actions for the stacks of a project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum

from mirror.ci.deadlines import LONGEST, minutes
from mirror.ci.environments import Environments
from mirror.ci.pins import ACTIONS, PULUMI_VERSION
from mirror.ci.template import fill, of_folder, quoted, read, scripts


class Workflow(StrEnum):
    """The workflows, one file each."""

    PULL_REQUEST = "pull-request"
    DEPLOY = "deploy"
    NIGHTLY = "nightly"
    MOVE = "move"


MOVES = ("cutover", "cutover-rollback", "drill", "failover", "failover-rollback")
"""What `move` can do. scripts/move.sh has the command of each."""
# Dependabot's branches are in the repository, but its runs get no secret.
_NOT_A_FORK = (
    "github.event.pull_request.head.repo.full_name == github.repository && github.actor != 'dependabot[bot]'"
)
_PULUMI_VARIABLES = (
    "PULUMI_BACKEND_URL: ${{ vars.PULUMI_BACKEND_URL }}\n"
    "PULUMI_CONFIG_PASSPHRASE: ${{ secrets.PULUMI_CONFIG_PASSPHRASE }}"
)


def workflow(
    name: Workflow,
    environments: Environments,
    deadlines: Mapping[str, int] | None = None,
    folder: str = "",
) -> str:
    """Return a workflow. Nothing in it comes from outside but what `parse_environments` accepts, numbers, and
    the folder. `deadlines`: the seconds that the verification of each stack may take. `folder`: of the
    project, in the repository.
    """
    stacks = environments.stacks
    oidc = bool(environments.pulumi_organization)
    shell = scripts()
    values = {
        **ACTIONS,
        **shell,
        **of_folder(folder),
        "nightly-script": shell["nightly"],
        "nightly": environments.nightly,
        "runner": environments.runner,
        "check-runner": environments.check_runner,
        "longest": str(LONGEST),
        "branch": environments.branch,
        "organization": environments.pulumi_organization,
        "pulumi-version": PULUMI_VERSION,
        "not-a-fork": _NOT_A_FORK,
        "id-token": "id-token: write" if oidc else "",
        "log-in": read("github/steps/log-in.yml") if oidc else "",
        **_token(environments, name),
        "kubeconfig": read("github/steps/kubeconfig.yml"),
        "pulumi-env": "STACK: ${{ matrix.stack }}" if oidc else _PULUMI_VARIABLES,
        "set-up": read("github/steps/set-up.yml"),
        "pulumi-steps": read("github/steps/pulumi.yml"),
        "include": "\n".join(
            f'- {{stack: "{one}", environment: "{where}"}}' for one, where in stacks.items()
        ),
        "actions": ", ".join(MOVES),
        "all-stacks": quoted(stacks),
        # Without spaces: a colon and a space would make it a YAML mapping.
        "environment-map": json.dumps(stacks, separators=(",", ":")),
    }
    values["deploy-jobs"] = (
        _deploy_jobs(environments, values, deadlines or {}) if name is Workflow.DEPLOY else ""
    )
    return fill(read(f"github/{name}.yml"), values)


def _token(environments: Environments, name: Workflow) -> dict[str, str]:
    """The kind of Pulumi Cloud's token. That of an organization may change every stack: only a deployment
    needs it, where a team may read the stacks.
    """
    team = environments.pulumi_preview_team
    if name is Workflow.DEPLOY or not team:
        return {"token-type": "organization", "token-scope": ""}
    return {"token-type": "team", "token-scope": f'scope: "team:{team}"'}


def _deploy_jobs(environments: Environments, values: dict[str, str], deadlines: Mapping[str, int]) -> str:
    """One job for each environment, which needs the job of the environment before it."""
    template, jobs, before = read("github/deploy-job.yml"), [], ""
    for number, one in enumerate(environments.environments, start=1):
        job = f"deploy-{number}"
        own = {
            "job": job,
            "environment": one.name,
            "stacks": quoted(one.stacks),
            "needs": f"needs: {before}" if before else "",
            "minutes": str(minutes(deadlines.get(stack, 0) for stack in one.stacks)),
        }
        jobs.append(fill(template, {**values, **own}))
        before = job
    return "\n".join(jobs)
