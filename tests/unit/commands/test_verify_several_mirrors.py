"""`verify` of several mirrors: none hides another; `--as-up` leaves out what `pulumi up` does not verify."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mirror.commands import verify as command
from mirror.problems import CouldNotConnect
from settings.model import Settings
from tests.unit.support.command_line import Run, runner

STACK = """
config:
  region-mirror:target: {alias: hub, cluster: hub, namespace: kafka, listener: tls}
  region-mirror:mirrors:
    east-to-hub:
      source: {alias: east, cluster: east, namespace: kafka, listener: tls, user: mirror-source}
      mirror: {topics: ["orders"], phase: promoted}
    west-to-hub:
      source: {alias: west, cluster: west, namespace: kafka, listener: tls, user: mirror-source}
      mirror: {topics: ["returns"]}
    south-to-hub:
      source: {alias: south, cluster: south, namespace: kafka, listener: tls, user: mirror-source}
      mirror: {topics: ["claims"], state: paused}
"""
VERIFIED: list[str] = []


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    VERIFIED.clear()
    file = tmp_path / "Pulumi.hub.yaml"
    file.write_text(STACK)

    def look(settings: Settings, **_: object) -> Any:
        VERIFIED.append(settings.mirror.name)
        return SimpleNamespace(passed=True, to_json=lambda: {"mirror": settings.mirror.name})

    monkeypatch.setattr(command, "run_verification", look)
    monkeypatch.setattr(command, "markdown", lambda report: "proven\n")

    return runner(monkeypatch, "verify", "--config-file", str(file))


def test_only_what_up_verifies_is_verified_and_the_rest_is_told(run: Run, capsys: Any) -> None:
    assert run("--as-up", "--markdown") == 0
    assert VERIFIED == ["west-to-hub"]
    told = capsys.readouterr().out
    assert "mirror east-to-hub is not verified: mirror.phase is promoted" in told
    assert "mirror south-to-hub is not verified: mirror.state is paused" in told


def test_each_mirror_has_its_line_of_json(run: Run, capsys: Any) -> None:
    assert run("--as-up", "--json") == 0
    found = {one["mirror"]: one for one in map(json.loads, capsys.readouterr().out.splitlines())}
    assert found["east-to-hub"] == {"mirror": "east-to-hub", "left_out": "mirror.phase is promoted"}
    assert "left_out" not in found["west-to-hub"]


def test_a_promoted_mirror_alone_is_no_failure_of_a_pipeline(run: Run, capsys: Any) -> None:
    assert run("--as-up", "--mirror", "east-to-hub") == 0
    assert VERIFIED == []
    assert "is not verified" in capsys.readouterr().out


def test_a_mirror_that_cannot_be_read_hides_no_other(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    verified = vars(command)["run_verification"]

    def look(settings: Settings, **options: Any) -> Any:
        if settings.mirror.name == "east-to-hub":
            raise CouldNotConnect("connecting to Kafka cluster east", "no answer", "start it")
        return verified(settings, **options)

    monkeypatch.setattr(command, "run_verification", look)
    assert run("--markdown") == 2
    assert sorted(VERIFIED) == ["south-to-hub", "west-to-hub"]
    told = capsys.readouterr().out
    assert "east-to-hub is not verified: connecting to Kafka cluster east: no answer. start it" in told
    assert told.count("proven") == 2
    assert run("--json") == 2
    (line,) = [one for one in capsys.readouterr().out.splitlines() if "east-to-hub" in one]
    assert json.loads(line)["could_not_run"].startswith("connecting to Kafka cluster east")
    assert run("--mirror", "east-to-hub") == 2
    assert "could not run: connecting to Kafka cluster east" in capsys.readouterr().err


def test_who_asks_for_a_verification_gets_one(run: Run) -> None:
    run("--markdown")
    assert sorted(VERIFIED) == ["east-to-hub", "south-to-hub", "west-to-hub"]
