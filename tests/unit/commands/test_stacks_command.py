"""`region-mirror stacks`: all stack files of a project, with and without their clusters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mirror.clients.kubernetes import Kubernetes
from mirror.stacks import reading
from tests.unit.commands.stack_project import project_without_stacks
from tests.unit.support.command_line import Run, runner
from tests.unit.support.fake_kubernetes import FakeKubernetes

STACK = """
config:
  region-mirror:source: {{alias: {source}, user: mirror-source,
    bootstrap_servers: "{source}.example.com:9094",
    credentials: {{ca: {{secure: x}}, password: {{secure: x}}}}}}
  region-mirror:target: {{alias: {target}, cluster: prod, namespace: kafka, listener: tls}}
  region-mirror:mirror: {{name: {source}-to-{target}, topics: [{topics}]}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return project_without_stacks(tmp_path, monkeypatch)


def stack(project: Path, source: str, target: str, topics: str = "events") -> None:
    text = STACK.format(source=source, target=target, topics=topics)
    (project / "stacks" / f"Pulumi.{target}.yaml").write_text(text)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(monkeypatch, "stacks")


@pytest.fixture
def west(monkeypatch: pytest.MonkeyPatch) -> FakeKubernetes:
    side = FakeKubernetes("west")
    monkeypatch.setattr(Kubernetes, "connect", lambda *_: side)
    monkeypatch.setattr(
        reading, "verified_at", lambda *_: ({"east-to-west": "2026-11-01T00:00:00+00:00"}, "")
    )
    return side


def deployed(state: str = "RUNNING") -> dict[str, Any]:
    connectors = [
        {"name": f"east->west.Mirror{kind}Connector", "connector": {"state": "RUNNING"}, "tasks": [
            {"id": 0, "state": state, "trace": "java.lang.Error: disk"}]}
        for kind in ("Source", "Checkpoint")
    ]  # fmt: skip
    return {
        "metadata": {"name": "east-to-west", "namespace": "kafka", "generation": 1},
        "spec": {"version": "4.3.1"},
        "status": {
            "conditions": [{"type": "Ready", "status": "True"}],
            "observedGeneration": 1,
            "connectors": connectors,
        },
    }


def test_files_alone_need_no_cluster(run: Run, project: Path, capsys: Any) -> None:
    stack(project, "east", "west")
    assert run("--offline", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    (mirror,) = found["stacks"][0]["mirrors"]
    assert (mirror["verdict"], mirror["deployed"], found["offline"]) == ("declared", None, True)


def test_a_circle_of_two_stacks_is_found(run: Run, project: Path, capsys: Any) -> None:
    stack(project, "east", "west")
    stack(project, "west", "east")
    assert run("--offline") == 1
    out = capsys.readouterr().out
    assert out.startswith("region-mirror: 2 stacks, 2 mirrors, 2 with findings, clusters not read")
    assert "topic 'events' would be copied in a circle" in " ".join(out.split())


def test_a_waived_circle_is_a_note(run: Run, project: Path, capsys: Any) -> None:
    stack(project, "east", "west")
    stack(project, "west", "east")
    (project / "policy.yaml").write_text(
        "waivers: [{rule: no-circle, reason: 'failback, one at a time', expires: 2999-01-01}]"
    )
    assert run("--offline") == 0
    assert "Note: waived: no-circle of KafkaMirrorMaker2 kafka/" in capsys.readouterr().out


def test_a_broken_stack_file_hides_no_other(run: Run, project: Path, capsys: Any) -> None:
    stack(project, "east", "west")
    (project / "stacks" / "Pulumi.broken.yaml").write_text("config: {region-mirror:target: {}}")
    assert run("--offline", "--json") == 2
    broken, west = json.loads(capsys.readouterr().out)["stacks"]
    assert "source: is missing" in broken["problem"]
    assert len(west["mirrors"]) == 1


def test_no_project_and_no_stack_file_could_not_run(
    run: Run, project: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("--offline") == 2
    assert "looking for stack files: there is none" in capsys.readouterr().err
    (project / "Pulumi.yaml").unlink()
    assert run("--offline") == 2
    assert "there is no Pulumi.yaml" in capsys.readouterr().err


def test_a_failed_task_is_the_worst_finding(
    run: Run, project: Path, west: FakeKubernetes, capsys: Any
) -> None:
    stack(project, "east", "west")
    west.resources[("KafkaMirrorMaker2", "east-to-west")] = deployed("FAILED")
    assert run("--json") == 1
    (mirror,) = json.loads(capsys.readouterr().out)["stacks"][0]["mirrors"]
    assert mirror["worst"].startswith("east->west.MirrorSourceConnector, task 0: it is FAILED")
    assert (mirror["version"], mirror["verified"]) == ("4.3.1", "2026-11-01T00:00:00+00:00")


def test_what_cannot_be_read_is_unknown_and_never_fine(
    run: Run, project: Path, west: FakeKubernetes, capsys: Any
) -> None:
    """The encrypted credentials of the stack file are Pulumi's to read: drift stays unknown."""
    stack(project, "east", "west")
    west.resources[("KafkaMirrorMaker2", "east-to-west")] = deployed()
    assert run("--json") == 2
    (mirror,) = json.loads(capsys.readouterr().out)["stacks"][0]["mirrors"]
    assert (mirror["verdict"], mirror["drift"]) == ("unknown", None)
    assert mirror["unread"][0].startswith("drift: ")
    west.dead = True
    assert run("--json") == 2
    (mirror,) = json.loads(capsys.readouterr().out)["stacks"][0]["mirrors"]
    assert (mirror["verdict"], mirror["deployed"]) == ("unknown", None)


def test_a_page_is_written(run: Run, project: Path, capsys: Any) -> None:
    stack(project, "east", "west")
    assert run("--offline", "--html", project / "all.html") == 0
    text = (project / "all.html").read_text()
    assert "<td>east-to-west</td>" in text
    assert "<script" not in text
    assert run("--offline", "--html", project / "nowhere" / "all.html") == 2
    capsys.readouterr()
