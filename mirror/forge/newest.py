"""Whether a job of GitHub Actions has the newest commit of a branch: one that is run again keeps its own."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from mirror.forge.context import needed, token_of
from mirror.forge.github import open_api
from mirror.problems import CouldNotRun


def newest_commit(environment: Mapping[str, str], branch: str) -> str:
    """Return the commit of the job. Raises CouldNotRun where the branch has a newer one."""
    repository, own = needed(environment, "GITHUB_REPOSITORY"), needed(environment, "GITHUB_SHA")
    token = token_of(environment, "GITHUB_TOKEN", "set it in the step: `GITHUB_TOKEN: ${{ github.token }}`")
    url = environment.get("GITHUB_API_URL") or "https://api.github.com"
    api = open_api(url, token, "give the job `permissions: contents: read`")
    path, doing = f"/repos/{repository}/branches/{quote(branch, safe='')}", f"reading branch {branch}"
    newest = str((api.entry("GET", path, doing).get("commit") or {}).get("sha") or "")
    if newest != own:
        raise CouldNotRun(
            f"looking for commits of {branch} after {own[:12]}",
            f"it is at {newest[:12] or 'an unknown commit'} now: this run would undo what was merged since",
            "run the newest run of this workflow again, or start the workflow by hand",
        )
    return own
