"""Who approved a run of GitHub Actions, or a deployment of GitLab CI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mirror.forge import github, gitlab
from mirror.forge.context import needed, token_of
from mirror.problems import CouldNotRun

_NEWEST = 100
"""Deployments of an environment among which that of the job is: GitLab lists the newest first."""


def approver(environment: Mapping[str, str], name: str) -> str:
    """Return the login of the person who approved that this job deploys to an environment of the forge.

    Raises CouldNotRun where nobody did.
    """
    if environment.get("GITLAB_CI") == "true":
        approved = approved_deployment(_deployment(environment, name))
        way_out = (
            f"protect environment {name} in the settings of the project, with approvers (Settings, CI/CD, "
            "Protected environments; needs GitLab Premium)"
        )
    else:
        approved = approved_by(_reviews(environment), name)
        way_out = (
            f"add required reviewers to environment {name} in the settings of the repository (a private one "
            "needs GitHub Enterprise), or run the command of the step that follows, by hand"
        )
    if not approved:
        raise CouldNotRun(
            f"looking for an approval of environment {name}", "nobody approved this run", way_out
        )
    return approved


def approved_by(approvals: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the login of the last person who approved a run of GitHub, or "" if nobody did or somebody
    refused.
    """
    reviews = [
        one
        for one in approvals
        if name in [environment.get("name") for environment in one.get("environments") or ()]
    ]
    if not reviews or any(one.get("state") != "approved" for one in reviews):
        return ""
    return str((reviews[-1].get("user") or {}).get("login") or "")


def approved_deployment(deployment: Mapping[str, Any]) -> str:
    """Return the user name of the last person who approved a deployment of GitLab, or "" if nobody did, if
    somebody refused, or if an approval is still missing.
    """
    reviews = deployment.get("approvals") or []
    if (
        not reviews
        or deployment.get("pending_approval_count")
        or any(one.get("status") != "approved" for one in reviews)
    ):
        return ""
    return str((reviews[-1].get("user") or {}).get("username") or "")


def _reviews(environment: Mapping[str, str]) -> list[Mapping[str, Any]]:
    repository, run = needed(environment, "GITHUB_REPOSITORY"), needed(environment, "GITHUB_RUN_ID")
    token = token_of(environment, "GITHUB_TOKEN", "set it in the step: `GITHUB_TOKEN: ${{ github.token }}`")
    url = environment.get("GITHUB_API_URL") or "https://api.github.com"
    api = github.open_api(url, token, "give the job `permissions: actions: read`")
    doing = f"reading the approvals of run {run}"
    found = api.request("GET", f"/repos/{repository}/actions/runs/{run}/approvals", doing)
    return found if isinstance(found, list) else []


def _deployment(environment: Mapping[str, str], name: str) -> Mapping[str, Any]:
    """The deployment of this job, with its approvals; empty where the job deploys to no such environment."""
    url, project = needed(environment, "CI_API_V4_URL"), needed(environment, "CI_PROJECT_ID")
    job = needed(environment, "CI_JOB_ID")
    token = token_of(environment, "CI_JOB_TOKEN", "run it in a job of GitLab CI, which sets it")
    # GitLab 16.2 and newer let a job read the deployments of its own project.
    permission = "use GitLab 16.2 or newer, and let the job's user read the project's deployments"
    api = gitlab.open_api(url, {"JOB-TOKEN": token}, permission)
    doing, path = f"reading the deployments to environment {name}", f"/projects/{project}/deployments"
    newest: dict[str, int | str] = {
        "environment": name,
        "order_by": "id",
        "sort": "desc",
        "per_page": _NEWEST,
    }
    found = api.request("GET", path, doing, parameters=newest)
    for one in found if isinstance(found, list) else []:
        if str((one.get("deployable") or {}).get("id")) == job:
            return api.entry("GET", f"{path}/{one['id']}", doing)
    return {}
