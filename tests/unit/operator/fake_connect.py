"""A Kafka Connect that remembers its connectors and every call, for tests without processes."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx

Json = Any


@dataclass
class FakeConnect:
    connectors: dict[str, dict[str, str]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    failed_tasks: dict[str, list[int]] = field(default_factory=dict)
    answers: dict[tuple[str, str], list[tuple[int, Json]]] = field(default_factory=dict)
    """What to answer to a call instead, once each."""
    calls: list[str] = field(default_factory=list)
    bodies: dict[str, Json] = field(default_factory=dict)
    """The last body of each call that had one."""

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._handle)

    def status(self, name: str) -> dict[str, Any]:
        tasks = [{"id": i, "state": "FAILED", "worker_id": "w"} for i in self.failed_tasks.get(name, [])]
        connector = {"state": self.states.get(name, "RUNNING"), "worker_id": "w"}
        return {"name": name, "connector": connector, "tasks": tasks, "type": "source"}

    def _handle(self, request: httpx.Request) -> httpx.Response:
        raw = request.url.raw_path.decode()
        self.calls.append(f"{request.method} {raw}")
        if request.content:
            self.bodies[self.calls[-1]] = json.loads(request.content)
        waiting = self.answers.get((request.method, raw))
        if waiting:
            code, body = waiting.pop(0)
            return httpx.Response(code, json=body)
        code, body = self._answer(request.method, raw.partition("?")[0].split("/")[2:], request.content)
        return httpx.Response(code, json=body) if body is not None else httpx.Response(code)

    def _answer(self, method: str, path: list[str], content: bytes) -> tuple[int, Json]:
        body: Any = json.loads(content) if content else None
        if not path:
            return self._root(method, body)
        name, what = unquote(path[0]), "/".join(path[1:])
        if method == "PUT" and what == "config":
            self.connectors[name] = _as_stored(name, body)
            return 200, {"name": name}
        if name not in self.connectors:
            return 404, {"message": f"Connector {name} not found"}
        if method == "DELETE" and not what:
            del self.connectors[name]
            return 204, None
        answers: dict[str, tuple[int, Json]] = {
            "config": (200, self.connectors[name]),
            "status": (200, self.status(name)),
            "topics": (200, {name: {"topics": []}}),
            "offsets": (200, {"offsets": []}),
        }
        if method == "GET":
            return answers[what]
        if what == "restart":
            return 202, self.status(name)
        if what in ("pause", "resume", "stop"):
            self.states[name] = {"pause": "PAUSED", "resume": "RUNNING", "stop": "STOPPED"}[what]
            return (204 if what == "stop" else 202), None
        return 204, None

    def _root(self, method: str, body: Json) -> tuple[int, Json]:
        if method == "GET":
            return 200, sorted(self.connectors)
        name = body["name"]
        if name in self.connectors:
            return 409, {"error_code": 409, "message": f"Connector {name} already exists"}
        self.connectors[name] = _as_stored(name, body["config"])
        self.states[name] = body.get("initial_state", "RUNNING")
        return 201, {"name": name}


def _as_stored(name: str, config: dict[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in config.items()} | {"name": name}
