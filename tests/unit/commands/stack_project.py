"""A Pulumi project with two stacks, and what `pulumi stack select` writes for it."""

from __future__ import annotations

import os
from hashlib import sha1
from pathlib import Path

import pytest

from mirror.commands.stack_files import choose


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return project_with_two_stacks(tmp_path, monkeypatch)


STACK = """
config:
  infra:source: {alias: east, cluster: east, namespace: kafka, listener: scram, user: mirror-source}
  infra:target: {alias: west, cluster: west, namespace: kafka, listener: mtls, authentication: tls}
  infra:mirror: {name: NAME, topics: [orders]}
"""


def project_without_stacks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose folder is the current one, and has room for stack files."""
    (folder / "stacks").mkdir()
    (folder / "Pulumi.yaml").write_text("name: region-mirror\nstackConfigDir: stacks\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PWD", str(folder))
    monkeypatch.delenv("PULUMI_STACK", raising=False)
    return folder


def project_with_two_stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two stacks, and the current folder inside it."""
    folder = tmp_path / "infra"
    (folder / "stacks").mkdir(parents=True)
    (folder / "deep" / "down").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text("name: infra\nruntime: python\nstackConfigDir: stacks\n")
    for name in ("dev", "prod"):
        (folder / "stacks" / f"Pulumi.{name}.yaml").write_text(STACK.replace("NAME", f"to-{name}"))
    (folder / "stacks" / "Pulumi.dev.deploy.yaml").write_text("{}")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi-home"))
    for name in ("PULUMI_STACK", "PULUMI_BACKEND_URL", "PULUMI_CREDENTIALS_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(folder / "deep" / "down")
    monkeypatch.setenv("PWD", os.getcwd())
    return folder


def select(project: Path, tmp_path: Path, text: str) -> Path:
    """What `pulumi stack select` writes; the name of the file as Pulumi 3.188 was seen to choose it."""
    digest = sha1(str(project / "Pulumi.yaml").encode(), usedforsecurity=False).hexdigest()
    file = tmp_path / "pulumi-home" / "workspaces" / f"infra-{digest}-workspace.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def mirror_of(stack: str = "") -> str:
    (settings,) = choose(stack, None).mirrors
    return settings.mirror.name
