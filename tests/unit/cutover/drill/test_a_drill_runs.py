"""How a drill directs its load, with programs that stand in for the load and for the cutover."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mirror.cutover.drill.recording import Line, Mark, parsed
from mirror.cutover.drill.run import drill, json_events, recording
from mirror.problems import CouldNotRun

LOAD = """
import json, sys
def tell(**values):
    print(json.dumps(values), flush=True)
tell(event="stream", stream="orders")
tell(event="mark", at=1, name="ready")
for word in iter(sys.stdin.readline, ""):
    tell(event="mark", at=1, name=word.strip())
    if word.strip() == "produce":
        tell(event="accepted", at=2, side="target", stream="orders", record="1")
    if word.strip() == "end":
        break
"""
CUTOVER = """
import json
for step in {steps}:
    at = "1970-01-01T00:00:01+00:00"
    print(json.dumps(dict(event="done", at=at, step=step, text="it is", seconds=1)), flush=True)
raise SystemExit({code})
"""
ALL = ["fence", "prove-fence", "drain", "promote"]


def run(folder: Path, load: str, steps: list[str], code: int = 0) -> list[Line]:
    cutover = CUTOVER.format(steps=steps, code=code)
    with (folder / "drill.jsonl").open("w") as file:
        return drill(
            [sys.executable, "-c", load],
            [sys.executable, "-c", cutover],
            folder,
            file,
            lambda text: None,
            0.0,
        )


def marks(lines: list[Line]) -> list[str]:
    return [one.name for one in lines if isinstance(one, Mark)]


def test_consumers_leave_behind_the_fence_and_clients_start_after_the_promotion(tmp_path: Path) -> None:
    lines = run(tmp_path, LOAD, ALL)
    assert marks(lines) == ["ready", "leave", "consume", "produce", "end"]
    assert parsed(recording(tmp_path / "drill.jsonl"), "it") == lines


def test_without_a_promotion_nobody_starts_on_the_target(tmp_path: Path) -> None:
    assert marks(run(tmp_path, LOAD, ["fence", "prove-fence"], 1)) == ["ready", "leave", "end"]


def test_a_cutover_that_could_not_run_ends_the_drill(tmp_path: Path) -> None:
    with pytest.raises(CouldNotRun, match="running the cutover"):
        run(tmp_path, LOAD, [], 2)


@pytest.mark.parametrize(
    ("load", "happened"),
    [
        ("raise SystemExit(3)", "it ended with 3"),
        ("print('hello', flush=True); import time; time.sleep(60)", "'hello': JSONDecodeError"),
    ],
)
def test_a_load_that_fails_ends_the_drill(tmp_path: Path, load: str, happened: str) -> None:
    with pytest.raises(CouldNotRun) as error:
        run(tmp_path, load, ALL)
    assert happened in str(error.value)


def test_a_load_that_is_not_there_is_one_message(tmp_path: Path) -> None:
    with (tmp_path / "drill.jsonl").open("w") as file, pytest.raises(CouldNotRun, match="check --load"):
        drill(["/nowhere/load"], [], tmp_path, file, lambda text: None, 0.0)


def test_a_recording_that_is_not_there_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(CouldNotRun, match="reading the recording"):
        recording(tmp_path / "none.jsonl")


def test_the_cutover_is_the_command_itself() -> None:
    assert json_events(["cutover"]) == ["cutover", "--yes", "--output", "json", "--quiet"]
