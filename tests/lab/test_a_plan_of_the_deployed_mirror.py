"""`python -m mirror plan` on a deployed mirror: nothing where nothing changes, else what the change means."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab.support.command import Ran, run
from tests.lab.support.stack import Stack

Change = Callable[[dict[str, Any]], None]


def changed(stack: Stack, folder: Path, change: Change) -> Path:
    """A copy of the stack file with a change that nobody deploys."""
    document = yaml.safe_load(stack.file.read_text())
    change(document["config"])
    folder.mkdir(exist_ok=True)
    path = folder / stack.file.name
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    # Kubeconfig paths start from the folder with Pulumi.yaml.
    for name in ("Pulumi.yaml", ".lab"):
        if not (folder / name).exists():
            (folder / name).symlink_to((stack.project / name).resolve())
    return path


def plan(stack: Stack, path: Path, *arguments: str) -> Ran:
    argv = [sys.executable, "-m", "mirror", "plan", "--config-file", str(path), *arguments]
    return run(argv, cwd=stack.project, env=stack.environment).ok()


@pytest.fixture
def planned(mirror: Stack, tmp_path: Path) -> Callable[[Change], dict[str, Any]]:
    def of(change: Change) -> dict[str, Any]:
        path = changed(mirror, tmp_path / "plan", change)
        found: dict[str, Any] = json.loads(plan(mirror, path, "--json").stdout)
        return found

    return of


def test_what_is_deployed_needs_nothing(planned: Callable[[Change], dict[str, Any]]) -> None:
    found = planned(lambda config: None)
    assert found["unread"] is None
    assert found["topics"]["unknown"] is None
    assert found["groups"]["unknown"] is None
    assert not found["changes"], found
    assert found["restart"] == "nothing"
    assert found["topics"]["matched"] >= 5


def test_a_topic_less_and_another_version_are_told_before_they_happen(
    planned: Callable[[Change], dict[str, Any]],
) -> None:
    def change(config: dict[str, Any]) -> None:
        config["region-mirror:mirror"]["topics"].remove("payments")
        config["region-mirror:workers"]["version"] = "4.3.0"
        config["region-mirror:users"]["copy"].remove("analytics-consumer")

    found = planned(change)
    assert [topic["name"] for topic in found["topics"]["leaving"]] == ["payments"]
    assert found["restart"] == "pods"
    assert "pods: version" in found["restart_reasons"]
    assert [user["name"] for user in found["users"] if user["action"] == "goes"] == ["analytics-consumer"]


def test_a_changed_identity_is_refused_beforehand(planned: Callable[[Change], dict[str, Any]]) -> None:
    found = planned(lambda config: config["region-mirror:mirror"].update(offsets_topic="other-offsets"))
    assert "mirror.offsets_topic" in found["refused"][0]


def test_a_source_that_is_not_there_does_not_stop_the_plan(mirror: Stack, tmp_path: Path) -> None:
    def elsewhere(config: dict[str, Any]) -> None:
        config["region-mirror:source"]["bootstrap_servers"] = "localhost:9"

    path = changed(mirror, tmp_path / "plan", elsewhere)
    ran = plan(mirror, path, "--markdown")
    assert "could not be read" in ran.stdout
    assert "bootstrapServers" in ran.stdout
    assert ran.seconds < 60
