"""A pull request at GitHub (REST API of 2022-11-28)."""

from __future__ import annotations

import contextlib
from typing import Any

import httpx2

from mirror.forge.api import TIMEOUT, Api, Gone
from mirror.forge.forge import Comment
from mirror.problems import CouldNotRun

PERMISSION = (
    "give the job `permissions: pull-requests: write`. GitHub gives a pull request from a fork a token that "
    "only reads: such a run has no comment, but a summary"
)


class GitHub:
    """The comments of one pull request. A token of GitHub Actions belongs to a bot, which GitHub does not
    name.
    """

    limit = 65_536

    def __init__(self, api: Api, repository: str, number: int) -> None:
        self._api = api
        self._path = f"/repos/{repository}"
        self._number = number
        self._where = f"pull request {number} of {repository}"
        self._login: str | None = None

    @classmethod
    def open(cls, url: str, token: str, repository: str, number: int) -> GitHub:
        """A client for the API at `url`. Opens no connection yet."""
        return cls(open_api(url, token, PERMISSION), repository, number)

    def comments(self) -> list[Comment]:
        """Every comment that the token's own user wrote."""
        path = f"{self._path}/issues/{self._number}/comments"
        found = self._api.pages(path, f"reading the comments of {self._where}")
        return [_comment(one) for one in found if self._is_own(one.get("user") or {})]

    def head(self) -> str:
        """The newest commit of the pull request."""
        found = self._api.entry("GET", f"{self._path}/pulls/{self._number}", f"reading {self._where}")
        return str((found.get("head") or {}).get("sha") or "")

    def create(self, body: str) -> Comment:
        """Write a comment."""
        path = f"{self._path}/issues/{self._number}/comments"
        return _comment(self._api.entry("POST", path, f"commenting {self._where}", {"body": body}))

    def edit(self, comment: Comment, body: str) -> None:
        """Replace the text of a comment."""
        doing = f"editing a comment of {self._where}"
        self._api.request("PATCH", f"{self._path}/issues/comments/{comment.number}", doing, {"body": body})

    def delete(self, comment: Comment) -> None:
        """Delete a comment."""
        doing = f"deleting a comment of {self._where}"
        with contextlib.suppress(Gone):
            self._api.request("DELETE", f"{self._path}/issues/comments/{comment.number}", doing)

    def _is_own(self, user: dict[str, Any]) -> bool:
        if self._login is None:
            self._login = self._own_login()
        return user.get("login") == self._login if self._login else user.get("type") == "Bot"

    def _own_login(self) -> str:
        """The login of a person's token; "" for the token of an app, for which GitHub refuses the request."""
        try:
            return str(self._api.entry("GET", "/user", "reading the token's own user").get("login") or "")
        except CouldNotRun:
            return ""


def _comment(found: dict[str, Any]) -> Comment:
    return Comment(int(found["id"]), str(found.get("body") or ""))


def open_api(url: str, token: str, permission: str) -> Api:
    """Return GitHub's REST API. Opens no connection yet."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    client = httpx2.Client(base_url=url, headers=headers, timeout=TIMEOUT, follow_redirects=False)
    return Api(client, permission)
