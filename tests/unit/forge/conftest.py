from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from mirror.forge import github, gitlab
from mirror.forge.api import Api
from mirror.forge.github import GitHub
from mirror.forge.gitlab import GitLab
from mirror.forge.keep import Run
from tests.unit.support.forge_server import ForgeServer, serving

HEAD = "b" * 40


@pytest.fixture
def server() -> Iterator[ForgeServer]:
    with serving() as found:
        yield found


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def hub(server: ForgeServer, slept: list[float]) -> Iterator[GitHub]:
    with httpx2.Client(base_url=server.url) as client:
        yield GitHub(Api(client, github.PERMISSION, slept.append), "team/mirrors", 7)


@pytest.fixture
def lab(server: ForgeServer, slept: list[float]) -> Iterator[GitLab]:
    server.user = (200, {"id": 5}, {})
    with httpx2.Client(base_url=server.url) as client:
        yield GitLab(Api(client, gitlab.PERMISSION, slept.append), "3", 7)


@pytest.fixture
def run() -> Run:
    return Run("region-mirror", HEAD, 42, "https://forge.example/runs/42")
