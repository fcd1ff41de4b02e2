"""What a job's environment says about its pull request: at GitHub Actions and in GitLab CI."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mirror.forge.forge import Forge
from mirror.forge.github import GitHub
from mirror.forge.gitlab import GitLab
from mirror.problems import CouldNotRun

_READING = "reading the job's environment"


@dataclass(frozen=True, slots=True)
class Context:
    """The pull request, the commit that the job reads, and the run's number and address."""

    forge: Forge
    commit: str
    run: int
    link: str


def context(environment: Mapping[str, str]) -> Context:
    """Find the pull request that the job belongs to. Raises CouldNotRun with what is missing."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return _github(environment)
    if environment.get("GITLAB_CI") == "true":
        return _gitlab(environment)
    raise CouldNotRun(
        _READING,
        "this is neither a job of GitHub Actions (GITHUB_ACTIONS) nor of GitLab CI (GITLAB_CI)",
        "run it in a pipeline, or use `plan --markdown` and paste the text",
    )


def _github(environment: Mapping[str, str]) -> Context:
    pull_request = _event(Path(needed(environment, "GITHUB_EVENT_PATH"))).get("pull_request")
    if not isinstance(pull_request, dict):
        raise CouldNotRun(_READING, "the event is not about a pull request", "use `on: pull_request`")
    repository = needed(environment, "GITHUB_REPOSITORY")
    run = needed(environment, "GITHUB_RUN_ID")
    token = token_of(environment, "GITHUB_TOKEN", "set it in the step: `GITHUB_TOKEN: ${{ github.token }}`")
    url = environment.get("GITHUB_API_URL") or "https://api.github.com"
    server = environment.get("GITHUB_SERVER_URL") or "https://github.com"
    return Context(
        GitHub.open(url, token, repository, _number(pull_request.get("number"), "the event's number")),
        str(pull_request["head"]["sha"]),
        _number(run, "GITHUB_RUN_ID"),
        f"{server}/{repository}/actions/runs/{run}",
    )


def _gitlab(environment: Mapping[str, str]) -> Context:
    iid = environment.get("CI_MERGE_REQUEST_IID")
    if not iid:
        way_out = "run the job for `$CI_PIPELINE_SOURCE == 'merge_request_event'`"
        raise CouldNotRun(_READING, "the pipeline is not that of a merge request", way_out)
    token = token_of(
        environment, "GITLAB_TOKEN", "add a project access token with the scope `api` as variable"
    )
    return Context(
        GitLab.open(
            needed(environment, "CI_API_V4_URL"),
            token,
            needed(environment, "CI_MERGE_REQUEST_PROJECT_ID"),
            _number(iid, "CI_MERGE_REQUEST_IID"),
        ),
        # In a pipeline for merged results CI_COMMIT_SHA is the merge's.
        environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or needed(environment, "CI_COMMIT_SHA"),
        _number(needed(environment, "CI_PIPELINE_ID"), "CI_PIPELINE_ID"),
        needed(environment, "CI_PIPELINE_URL"),
    )


def _event(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CouldNotRun(
            f"reading the event {path}", str(error), "run it in a job of GitHub Actions"
        ) from error
    return found if isinstance(found, dict) else {}


def needed(environment: Mapping[str, str], name: str) -> str:
    """Return a variable that the forge sets. Raises CouldNotRun."""
    if value := environment.get(name):
        return value
    raise CouldNotRun(_READING, f"{name} is not set", "run it in a job of the forge, which sets it")


def token_of(environment: Mapping[str, str], name: str, way_out: str) -> str:
    """Return a token without showing it in any message. Raises CouldNotRun."""
    token = environment.get(name, "").strip()
    if not token:
        raise CouldNotRun(_READING, f"{name} is not set", way_out)
    if not token.isascii() or not token.isprintable():
        # The HTTP client's own message would show the value.
        raise CouldNotRun(_READING, f"{name} contains characters that no token has", "set it again")
    return token


def _number(value: object, name: str) -> int:
    if str(value).isdecimal():
        return int(str(value))
    raise CouldNotRun(_READING, f"{name} is not a number", "run it in a job of the forge, which sets it")
