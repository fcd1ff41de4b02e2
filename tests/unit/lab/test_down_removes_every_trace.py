"""`down` ends the lab's processes in order, whoever started them, removes the folder, and nothing else."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from lab.down import down
from lab.errors import LabError
from lab.layout import Lab
from lab.processes import Stage, declare
from tests.unit.lab.support import STUBBORN, Until, sleeper, start, supervise

Pids = Callable[[], dict[str, list[int]]]


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=120)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_workers_end_before_brokers_before_stores(lab: Lab, pids: Pids, console: Console) -> None:
    for name, stage in (("store", Stage.STORE), ("worker", Stage.CLIENT), ("broker", Stage.SERVER)):
        declare(lab, sleeper(name, stage=stage))
        start(lab, name)
    assert [one.name for one in down(lab, console)] == ["worker", "broker", "store"]
    assert pids() == {}
    assert not lab.root.exists()


def test_the_supervisor_ends_first_and_restarts_nothing(
    lab: Lab, pids: Pids, until: Until, console: Console
) -> None:
    declare(lab, sleeper("one"))
    supervise(lab)
    until(lambda: "one" in pids())
    assert [one.name for one in down(lab, console)] == ["supervisor", "one"]
    assert pids() == {}


def test_a_process_that_ignores_sigterm_is_killed(lab: Lab, pids: Pids, console: Console) -> None:
    declare(lab, sleeper("deaf", STUBBORN))
    process = start(lab, "deaf", STUBBORN)
    assert process.stdout is not None
    process.stdout.readline()
    (stopped,) = down(lab, console)
    assert stopped.killed
    assert pids() == {}


def test_processes_are_found_though_all_files_are_gone(lab: Lab, pids: Pids, console: Console) -> None:
    start(lab, "orphan")
    lab.state_file.unlink()
    lab.root.rmdir()
    assert [one.name for one in down(lab, console)] == ["orphan"]
    assert pids() == {}
    assert not lab.root.exists()


def test_data_is_kept_on_request(lab: Lab, console: Console) -> None:
    declare(lab, sleeper("one"))
    down(lab, console, keep_data=True)
    assert lab.exists
    assert not lab.processes.exists()


def test_nothing_to_stop_is_no_error(tmp_path: Path, console: Console) -> None:
    assert down(Lab(tmp_path / "none"), console) == []
    assert "nothing to stop" in said(console)
    assert list(tmp_path.iterdir()) == []


def test_a_removal_that_was_killed_is_finished(lab: Lab, console: Console) -> None:
    lab.root.rename(lab.root.with_name("lab.region-mirror-removed"))
    down(lab, console)
    assert list(lab.root.parent.iterdir()) == []


def test_a_folder_that_is_no_labs_is_left_alone(tmp_path: Path, console: Console) -> None:
    (tmp_path / "precious").write_text("mine")
    with pytest.raises(LabError, match="is no lab's folder"):
        down(Lab(tmp_path), console)
    assert (tmp_path / "precious").read_text() == "mine"
