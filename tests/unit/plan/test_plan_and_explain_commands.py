"""`python -m mirror plan` and `explain`: right stream, right mirrors, exit codes, no traceback."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from manifests.estate import Estate
from manifests.metadata import Owner
from mirror.commands import plan as command
from mirror.plan.planned import Plan
from mirror.problems import CouldNotConnect
from settings.model import Settings
from tests.program.sample import estate
from tests.unit.plan import made_up
from tests.unit.support.command_line import Run, runner

STACK_FILE = """
config:
  region-mirror:source: {alias: east, cluster: east, namespace: kafka, listener: scram, user: mirror-source}
  region-mirror:target: {alias: west, cluster: west, namespace: kafka, listener: mtls, authentication: tls}
  region-mirror:mirrors:
    one: {mirror: {topics: [orders]}}
    two: {source: {alias: north}, mirror: {topics: [payments]}}
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    path = tmp_path / "Pulumi.lab.yaml"
    path.write_text(STACK_FILE)
    (tmp_path / "Pulumi.yaml").write_text("name: region-mirror\n")

    start = runner(monkeypatch)
    return lambda command, *arguments: start(command, "--config-file", path, *arguments)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Both regions are as `made_up` has them; what the command asked for is kept."""
    seen: dict[str, Any] = {}

    def read_estates(mirrors: Sequence[Settings], root: Path, owner: Owner) -> list[Estate]:
        return [estate(one) for one in mirrors]

    def read_plans(
        mirrors: Sequence[tuple[Settings, Estate]], root: Path, known: Sequence[str], owner: Owner
    ) -> list[Plan]:
        seen.update(root=root, known=known, owner=str(owner))
        return [made_up.plan(one) for one, _ in mirrors]

    monkeypatch.setattr(command, "read_estates", read_estates)
    monkeypatch.setattr(command, "read_plans", read_plans)
    return seen


def test_json_of_several_mirrors_is_a_line_each(
    run: Run, asked: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("plan", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["mirror"], one["first"], one["changes"]) for one in lines] == [
        ("one", True, True),
        ("two", True, True),
    ]


def test_one_mirror_is_planned_knowing_of_the_others(
    run: Run, asked: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("plan", "--mirror", "two", "--markdown") == 0
    assert capsys.readouterr().out.startswith("### Mirror `two`")
    assert list(asked["known"]) == ["one", "two"]


def test_a_page_for_people_is_the_default(
    run: Run, asked: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("plan") == 0
    assert "First deployment" in capsys.readouterr().out


def test_a_region_that_cannot_be_read_is_exit_code_2(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> list[Estate]:
        raise CouldNotConnect("reaching west", "no answer", "check the VPN")

    monkeypatch.setattr(command, "read_estates", fail)
    assert run("plan") == 2
    said = capsys.readouterr()
    assert "no answer" in said.err
    assert said.out == ""


@pytest.mark.parametrize("name", ["plan", "explain"])
def test_two_formats_at_once_are_refused(run: Run, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name, "--json", "--markdown") == 2
    assert "exclude each other" in capsys.readouterr().err


def test_explain_asks_nobody(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", "--mirror", "one", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["mirror"] == "one"
    assert {"section", "key", "value", "kafka_default", "origin", "reason"} == set(found["rows"][0])


def test_explain_as_markdown(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", "--markdown") == 0
    assert capsys.readouterr().out.count("### Mirror") == 2
