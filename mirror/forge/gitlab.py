"""A merge request at GitLab (REST API v4). GitLab calls a comment a note."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx2

from mirror.forge.api import TIMEOUT, Api, Gone
from mirror.forge.forge import Comment

PERMISSION = (
    "use a project access token with the scope `api` and the role Reporter or higher, as the masked variable "
    "GITLAB_TOKEN. The job's own CI_JOB_TOKEN must not write notes"
)


class GitLab:
    """The notes of one merge request."""

    limit = 1_000_000

    def __init__(self, api: Api, project: str, number: int) -> None:
        self._api = api
        self._path = f"/projects/{quote(project, safe='')}/merge_requests/{number}"
        self._where = f"merge request {number} of project {project}"
        self._user: int | None = None

    @classmethod
    def open(cls, url: str, token: str, project: str, number: int) -> GitLab:
        """A client for the API at `url`. Opens no connection yet."""
        return cls(open_api(url, {"PRIVATE-TOKEN": token}, PERMISSION), project, number)

    def comments(self) -> list[Comment]:
        """Every note that the token's own user wrote."""
        if self._user is None:
            found = self._api.entry("GET", "/user", "reading the token's own user")
            self._user = int(found.get("id") or 0)
        notes = self._api.pages(f"{self._path}/notes", f"reading the notes of {self._where}")
        return [_comment(one) for one in notes if (one.get("author") or {}).get("id") == self._user]

    def head(self) -> str:
        """The newest commit of the merge request."""
        return str(self._api.entry("GET", self._path, f"reading {self._where}").get("sha") or "")

    def create(self, body: str) -> Comment:
        """Write a note."""
        return _comment(
            self._api.entry("POST", f"{self._path}/notes", f"commenting {self._where}", {"body": body})
        )

    def edit(self, comment: Comment, body: str) -> None:
        """Replace the text of a note."""
        doing = f"editing a note of {self._where}"
        self._api.request("PUT", f"{self._path}/notes/{comment.number}", doing, {"body": body})

    def delete(self, comment: Comment) -> None:
        """Delete a note."""
        with contextlib.suppress(Gone):
            doing = f"deleting a note of {self._where}"
            self._api.request("DELETE", f"{self._path}/notes/{comment.number}", doing)


def open_api(url: str, login: Mapping[str, str], permission: str) -> Api:
    """Return GitLab's REST API. `login`: the header with the token. Opens no connection yet."""
    return Api(
        httpx2.Client(base_url=url, headers=dict(login), timeout=TIMEOUT, follow_redirects=False), permission
    )


def _comment(found: dict[str, Any]) -> Comment:
    return Comment(int(found["id"]), str(found.get("body") or ""))
