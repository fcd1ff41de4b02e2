"""Who approved a run of GitHub Actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mirror.forge.context import needed, token_of
from mirror.forge.github import open_api
from mirror.problems import CouldNotRun


def approver(environment: Mapping[str, str], name: str) -> str:
    """Return the login of the person who approved the deployment of this run to an environment of GitHub.

    Raises CouldNotRun where nobody did.
    """
    repository, run = needed(environment, "GITHUB_REPOSITORY"), needed(environment, "GITHUB_RUN_ID")
    token = token_of(environment, "GITHUB_TOKEN", "set it in the step: `GITHUB_TOKEN: ${{ github.token }}`")
    url = environment.get("GITHUB_API_URL") or "https://api.github.com"
    api = open_api(url, token, "give the job `permissions: actions: read`")
    doing = f"reading the approvals of run {run}"
    found = api.request("GET", f"/repos/{repository}/actions/runs/{run}/approvals", doing)
    approved = approved_by(found if isinstance(found, list) else [], name)
    if not approved:
        raise CouldNotRun(
            f"looking for an approval of environment {name}",
            "nobody approved this run",
            f"add required reviewers to environment {name} in the settings of the repository",
        )
    return approved


def approved_by(approvals: Sequence[Mapping[str, Any]], name: str) -> str:
    """Return the login of the last person who approved, or "" if nobody did or somebody refused."""
    reviews = [
        one
        for one in approvals
        if name in [environment.get("name") for environment in one.get("environments") or ()]
    ]
    if not reviews or any(one.get("state") != "approved" for one in reviews):
        return ""
    return str((reviews[-1].get("user") or {}).get("login") or "")
