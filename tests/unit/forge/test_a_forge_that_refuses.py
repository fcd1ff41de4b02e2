"""A missing permission, a rate limit and a forge that is down: one message each, in bounded time, without the
token.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mirror.forge.context import context
from mirror.forge.github import GitHub
from mirror.forge.gitlab import GitLab
from mirror.forge.keep import Run, keep
from mirror.problems import CouldNotRun
from tests.unit.forge.made_up import report
from tests.unit.support.forge_server import Answer, ForgeServer

TOKEN = "ghs_0123456789"


@pytest.mark.parametrize("status", [403, 404])
def test_github_names_the_permission(hub: GitHub, server: ForgeServer, run: Run, status: int) -> None:
    server.before = lambda method, _: (
        (status, {"message": "not accessible"}, {}) if method == "POST" else None
    )
    with pytest.raises(CouldNotRun) as caught:
        keep(hub, run, [report()])
    assert str(caught.value).startswith(
        f"commenting pull request 7 of team/mirrors: refused ({status}: not accessible)\n"
        "  Way out: give the job `permissions: pull-requests: write`."
    )
    assert [method for method, _ in server.requests].count("POST") == 1


def test_gitlab_names_the_scope(lab: GitLab, server: ForgeServer, run: Run) -> None:
    server.before = lambda method, _: (403, {"error": "insufficient_scope"}, {}) if method == "POST" else None
    with pytest.raises(CouldNotRun, match="scope `api`"):
        keep(lab, run, [report()])


def test_a_wrong_token_is_named_as_such(hub: GitHub, server: ForgeServer, run: Run) -> None:
    server.before = lambda *_: (401, {"message": "Bad credentials"}, {})
    with pytest.raises(CouldNotRun, match=r"the token is not valid \(401\)"):
        keep(hub, run, [report()])


def test_a_limited_rate_is_waited_for(hub: GitHub, server: ForgeServer, run: Run, slept: list[float]) -> None:
    answers: list[Answer] = [
        (429, {"message": "slow down"}, {"Retry-After": "3"}),
        (403, {"message": "API rate limit exceeded"}, {"Retry-After": "5"}),
    ]
    server.before = lambda method, _: answers.pop(0) if method == "POST" and answers else None
    assert [one.action for one in keep(hub, run, [report()])] == ["created"]
    assert slept == [3.0, 5.0]
    assert len(server.comments) == 1


def test_a_wait_that_is_too_long_ends_at_once(
    hub: GitHub, server: ForgeServer, run: Run, slept: list[float]
) -> None:
    server.before = lambda *_: (403, {"message": "API rate limit exceeded"}, {"Retry-After": "3600"})
    with pytest.raises(CouldNotRun, match="limits the rate"):
        keep(hub, run, [report()])
    assert sum(slept) <= 60


def test_a_forge_that_is_down_is_asked_four_times(
    hub: GitHub, server: ForgeServer, run: Run, slept: list[float]
) -> None:
    server.before = lambda *_: (503, {"message": "unavailable"}, {})
    with pytest.raises(CouldNotRun, match="answered 503: unavailable"):
        keep(hub, run, [report()])
    assert len(server.requests) == 4
    assert slept == [1.0, 2.0, 4.0]


def test_a_proxys_page_is_no_answer(hub: GitHub, server: ForgeServer, run: Run) -> None:
    server.before = lambda *_: (200, "<html>", {})
    with pytest.raises(CouldNotRun, match="an answer in another form"):
        keep(hub, run, [report()])


def github_job(tmp_path: Path, server: ForgeServer) -> dict[str, str]:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7, "head": {"sha": "b" * 40}}}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": server.url,
        "GITHUB_REPOSITORY": "team/mirrors",
        "GITHUB_RUN_ID": "42",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_TOKEN": TOKEN,
    }


def gitlab_job(server: ForgeServer) -> dict[str, str]:
    return {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": server.url,
        "CI_MERGE_REQUEST_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_COMMIT_SHA": "b" * 40,
        "CI_PIPELINE_ID": "42",
        "CI_PIPELINE_URL": "https://gitlab.example/42",
        "GITLAB_TOKEN": TOKEN,
    }


def test_a_job_knows_its_pull_request(tmp_path: Path, server: ForgeServer) -> None:
    server.user = (200, {"id": 5, "login": "github-actions[bot]"}, {})
    for job in (github_job(tmp_path, server), gitlab_job(server)):
        here = context(job)
        assert (here.commit, here.run) == ("b" * 40, 42)
        assert here.link.endswith("/42")
        assert here.forge.head() == "b" * 40
        assert here.forge.comments() == []
    assert any(sent.get("Authorization") == f"Bearer {TOKEN}" for sent in server.headers)
    assert any(sent.get("PRIVATE-TOKEN", sent.get("private-token")) == TOKEN for sent in server.headers)


@pytest.mark.parametrize(
    "missing", ["GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_EVENT_PATH", "GITHUB_TOKEN"]
)
def test_a_missing_variable_is_named(tmp_path: Path, server: ForgeServer, missing: str) -> None:
    job = {name: value for name, value in github_job(tmp_path, server).items() if name != missing}
    with pytest.raises(CouldNotRun, match=f"{missing} is not set"):
        context(job)


def test_no_message_contains_the_token(tmp_path: Path, server: ForgeServer) -> None:
    for wrong in (f"{TOKEN}\nX-Other: 1", f"{TOKEN}é"):
        with pytest.raises(CouldNotRun) as caught:
            context({**github_job(tmp_path, server), "GITHUB_TOKEN": wrong})
        assert TOKEN not in str(caught.value)
    server.before = lambda *_: (401, {"message": "Bad credentials"}, {})
    with pytest.raises(CouldNotRun) as caught:
        context(gitlab_job(server)).forge.comments()
    assert TOKEN not in str(caught.value)


def test_outside_a_job_there_is_no_pull_request() -> None:
    with pytest.raises(CouldNotRun, match="neither a job of GitHub Actions"):
        context({})
