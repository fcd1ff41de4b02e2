"""`python -m lab status`: a table for people, JSON for machines, and an exit code."""

from __future__ import annotations

import io
import json
import sys

import pytest
from rich.console import Console
from typer.testing import CliRunner

from lab.__main__ import app
from lab.layout import Lab
from lab.ports import HOST, reserve
from lab.processes import declare
from lab.status import overview, render
from tests.unit.lab.support import sleeper, start


@pytest.fixture
def running(lab: Lab) -> Lab:
    port = reserve(lab, ["east-kafka-mtls"])["east-kafka-mtls"]
    program = (
        f"import socket, time; s = socket.socket(); s.bind(('{HOST}', {port})); s.listen(); "
        "print('listening', flush=True); time.sleep(600)"
    )
    argv = (sys.executable, "-c", program)
    declare(lab, sleeper("east-kafka", argv))
    process = start(lab, "east-kafka", argv)
    assert process.stdout is not None
    process.stdout.readline()
    return lab


def test_the_table_names_process_port_and_what_to_type_next(running: Lab) -> None:
    console = Console(file=io.StringIO(), width=120)
    render(overview(running), console)
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    port = reserve(running, ["east-kafka-mtls"])["east-kafka-mtls"]
    assert f"{port} mtls" in said
    assert "east-kafka" in said
    assert "kubectl get kmm2" in said
    assert "Stand-in" in said


def test_a_stopped_supervisor_is_no_lab_that_is_up(running: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGION_MIRROR_LAB", str(running.root))
    result = CliRunner().invoke(app, ["status", "--json"])
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["up"] is False
    assert {one["name"]: one["state"] for one in told["processes"]} == {
        "supervisor": "stopped",
        "east-kafka": "running",
    }


def test_an_absent_lab_is_said_to_be_absent(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.state_file.unlink()
    monkeypatch.setenv("REGION_MIRROR_LAB", str(lab.root))
    result = CliRunner().invoke(app, ["status"])
    assert result.exit_code == 1
    assert "there is no lab at" in result.stdout


def test_expected_errors_are_one_message_and_exit_code_2(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.state_file.unlink()
    (lab.root / "precious").write_text("mine")
    monkeypatch.setenv("REGION_MIRROR_LAB", str(lab.root))
    result = CliRunner().invoke(app, ["down"])
    assert result.exit_code == 2
    assert result.stderr.startswith("lab: ")
    assert "Traceback" not in result.stderr
