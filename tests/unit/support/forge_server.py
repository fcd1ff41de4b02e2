"""A forge of one pull request that records requests: GitHub's REST API and GitLab's, over real HTTP."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

GITHUB_LIMIT, GITLAB_LIMIT = 65_536, 1_000_000
BOT = {"login": "github-actions[bot]", "type": "Bot"}
Answer = tuple[int, Any, dict[str, str]]
_COLLECTION = re.compile(
    r"/(issues/7/comments|projects/3/merge_requests/7/notes|repos/team/mirrors/issues/7/comments)"
)
_ONE = re.compile(r"/(?:repos/team/mirrors/issues/comments|projects/3/merge_requests/7/notes)/(\d+)")


@dataclass
class ForgeServer:
    """`before` sees each request first and may answer it, or change the comments as another run would."""

    url: str
    head: str = "b" * 40
    comments: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    before: Callable[[str, str], Answer | None] = lambda method, path: None
    user: Answer = (403, {"message": "Resource not accessible by integration"}, {})
    approvals: list[dict[str, Any]] = field(default_factory=list)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    """Of GitLab, newest first; those of all environments."""
    branches: dict[str, str] = field(default_factory=dict)
    """The newest commit of each branch."""
    _next: int = 1000

    def add(self, body: str, user: dict[str, Any] | None = None) -> int:
        """Add a comment as somebody; as the token's own user by default."""
        self._next += 1
        who = user or BOT
        self.comments.append(
            {"id": self._next, "body": body, "user": who, "author": who.get("author", {"id": 5})}
        )
        return self._next

    @property
    def bodies(self) -> list[str]:
        """The texts of all comments."""
        return [one["body"] for one in self.comments]

    def answer(self, method: str, target: str, body: str) -> Answer:
        """Answer one request."""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        self.requests.append((method, path))
        if (answered := self.before(method, path)) is not None:
            return answered
        if path == "/user":
            return self.user
        if path == "/repos/team/mirrors/pulls/7":
            return 200, {"head": {"sha": self.head}}, {}
        if path == "/projects/3/merge_requests/7":
            return 200, {"sha": self.head}, {}
        if path == "/repos/team/mirrors/actions/runs/42/approvals":
            return 200, self.approvals, {}
        if path.startswith("/repos/team/mirrors/branches/"):
            return 200, {"commit": {"sha": self.branches[unquote(path.rpartition("/")[2])]}}, {}
        return self._deployments(path, query) or self._comments(method, path, query, body)

    def _deployments(self, path: str, query: dict[str, list[str]]) -> Answer | None:
        if path == "/projects/3/deployments":
            wanted = query["environment"][0]
            listed = [one for one in self.deployments if one["environment"]["name"] == wanted]
            return 200, [{key: one[key] for key in ("id", "deployable")} for one in listed], {}
        if path.startswith("/projects/3/deployments/"):
            return 200, next(one for one in self.deployments if path.endswith(f"/{one['id']}")), {}
        return None

    def _comments(self, method: str, path: str, query: dict[str, list[str]], body: str) -> Answer:
        if _COLLECTION.fullmatch(path) and method == "GET":
            size, page = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
            return 200, self.comments[(page - 1) * size : page * size], {}
        text = json.loads(body)["body"] if body else ""
        limit = GITLAB_LIMIT if "/projects/" in path else GITHUB_LIMIT
        if len(text) > limit:
            return 422, {"message": "body is too long"}, {}
        if _COLLECTION.fullmatch(path):
            self.add(text)
            return 201, self.comments[-1], {}
        found = _ONE.fullmatch(path)
        known = [one for one in self.comments if found and one["id"] == int(found[1])]
        if not known:
            return 404, {"message": "Not Found"}, {}
        if method == "DELETE":
            self.comments.remove(known[0])
            return 204, None, {}
        known[0]["body"] = text
        return 200, known[0], {}


@contextmanager
def serving() -> Iterator[ForgeServer]:
    """Serve a forge on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            forge.headers.append(dict(self.headers))
            status, value, headers = forge.answer(self.command, self.path, body)
            content = b"" if value is None else json.dumps(value).encode()
            self.send_response(status)
            for name, text in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _any

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        forge = ForgeServer(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield forge
        finally:
            server.shutdown()
            thread.join()
