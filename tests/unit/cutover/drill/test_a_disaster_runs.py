"""How the drill of the disaster directs its programs, with stand-ins for all of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mirror.cutover.drill.disaster import phases
from mirror.cutover.drill.disaster.commands import of_failover, of_recover
from mirror.cutover.drill.disaster.judge import judge_disaster
from mirror.cutover.drill.disaster.run import Commands, Plan, drill_disaster
from mirror.cutover.drill.recording import Document, Line, Mark, Phase
from mirror.problems import CouldNotRun

LOAD = """
import json, sys, time
def tell(**values):
    print(json.dumps(values), flush=True)
def accepted(side, number):
    tell(event="accepted", at=time.time(), side=side, stream="orders", record=number)
tell(event="stream", stream="orders")
accepted("source", "1")
tell(event="mark", at=time.time(), name="ready")
for word in map(str.strip, iter(sys.stdin.readline, "")):
    tell(event="mark", at=time.time(), name="measured" if word == "plain" else word)
    if word == "produce":
        accepted("target", "2")
    if word == "produce source":
        accepted("source", "3")
    if word == "end":
        break
"""
OUTAGE = """
import json, sys, time
names = {{"kill": "killed", "restore": "restored"}}
for word in map(str.strip, iter(sys.stdin.readline, "")):
    name = names.get(word, word.split()[0])
    print(json.dumps(dict(event="mark", at=time.time(), name=name)), flush=True)
open({came_back!r}, "w").write("it ended by itself")
"""
MOVE = """
import datetime, json, pathlib, sys
if "--yes" not in sys.argv:
    assert sys.stdin.isatty(), "a command asks on a terminal only"
    print(json.dumps(dict(verdict="POSSIBLE NOW")), flush=True)
    assert input() == "y"
for step in {steps}:
    at = datetime.datetime.now(datetime.UTC).isoformat()
    print(json.dumps(dict(event="done", at=at, step=step, text=step + " is done", seconds=0)), flush=True)
pathlib.Path({report!r}).write_text(json.dumps(dict(
    missing=dict(text="up to 3", missing_at_most_estimate=3, partitions=[1, 2]),
    groups=dict(readers=dict(state="kept", rereads_at_most=4, offsets=dict())))))
"""
RECOVER = """
import json, pathlib, sys
turn = pathlib.Path({turn!r})
turns = int(turn.read_text()) if turn.exists() else 0
turn.write_text(str(turns + 1))
assert ("--fence" in sys.argv) == (turns == 0), "the old region is fenced once, before anything else"
found = dict(missing=1, conflicts=0, undecided=0, groups=[])
if "--write" in sys.argv:
    found["left"] = 0
print(json.dumps(found))
raise SystemExit(0 if "--write" in sys.argv else 1)
"""


HOME = ["prove-fence", "promote", "unfence-target"]


def program(text: str, *options: str) -> list[str]:
    return [sys.executable, "-c", text, *options]


def run(
    folder: Path, *, whole: bool = True, steps: str = "['place-groups', 'promote']", reverse: str = ""
) -> list[Line]:
    report = folder / "report.json"
    commands = Commands(
        watch=program("import time\nfor _ in range(9): print('{}', flush=True)\ntime.sleep(60)"),
        failover=program(MOVE.format(steps=steps, report=str(report))),
        report=report,
        recover=program(RECOVER.format(turn=str(folder / "turn"))),
        fence=["--fence"],
        reverse=program(reverse),
        source_user=program("print('kind: KafkaUser')"),
        user=folder / "user.yaml",
        deploy=[program("pass")],
        home=program(
            MOVE.format(
                steps="['prove-fence', 'promote', 'unfence-target']", report=str(folder / "home.json")
            ),
            "--yes",
        ),
    )
    outage = program(OUTAGE.format(came_back=str(folder / "back")))
    plan = Plan(program(LOAD), outage, commands, folder, 0.0, 0.0, whole)
    with (folder / "drill.jsonl").open("w") as file:
        return drill_disaster(plan, file, lambda text: None)


def marks(lines: list[Line]) -> list[str]:
    return [one.name for one in lines if isinstance(one, Mark)]


def begun(lines: list[Line]) -> list[str]:
    return [one.name for one in lines if isinstance(one, Phase)]


def test_production_comes_home_by_the_commands_of_an_operator(tmp_path: Path) -> None:
    lines = run(tmp_path)
    assert begun(lines) == [
        phases.AT_SOURCE, phases.KILL, phases.FAILOVER, phases.AT_TARGET, phases.SOURCE_BACK, phases.RECOVER,
        phases.REVERSE, phases.WAY_BACK, phases.HOME, phases.COUNT,
    ]  # fmt: skip
    words = [one for one in marks(lines) if one not in ("killed", "restored", "user")]
    assert words == [
        "ready", "abandon", "agreed", "consume", "produce", "measured", "leave", "consume source",
        "produce source", "end",
    ]  # fmt: skip
    assert (tmp_path / "user.yaml").read_text() == "kind: KafkaUser\n"
    documents = [one for one in lines if isinstance(one, Document)]
    assert [one.name for one in documents] == ["whole", phases.FAILOVER, phases.RECOVER, phases.RECOVER]
    assert documents[1].content["groups"] == {"readers": {"state": "kept", "rereads_at_most": 4}}
    assert documents[3].content["left"] == 0
    report = judge_disaster(lines)
    assert report.announced == 3
    assert report.streams[0].at_home == 1


def test_the_short_form_ends_on_the_target_and_the_source_comes_back(tmp_path: Path) -> None:
    lines = run(tmp_path, whole=False)
    assert begun(lines)[-2:] == [phases.AT_TARGET, phases.COUNT]
    assert (tmp_path / "back").exists()
    assert not (tmp_path / "turn").exists()


def test_without_a_promotion_nobody_starts_on_the_target(tmp_path: Path) -> None:
    lines = run(tmp_path, steps="['stop-mirror']")
    assert begun(lines)[-2:] == [phases.FAILOVER, phases.COUNT]
    assert "consume" not in marks(lines)
    assert "the target was not promoted: stop-mirror is done" in judge_disaster(lines).problems


def test_a_command_of_the_way_home_that_fails_is_reported_and_records_are_counted(tmp_path: Path) -> None:
    lines = run(tmp_path, reverse="raise SystemExit('2 records are left')")
    assert begun(lines)[-2:] == [phases.REVERSE, phases.COUNT]
    told = [one for one in judge_disaster(lines).problems if "it ended with 1: 2 records are left" in one]
    assert len(told) == 1


def test_a_failover_that_could_not_run_ends_the_drill_and_the_source_comes_back(tmp_path: Path) -> None:
    with pytest.raises(CouldNotRun, match="running the failover"):
        run(tmp_path, steps="exit(2)")
    assert (tmp_path / "back").exists()


def test_only_what_is_judged_is_kept_of_a_report() -> None:
    row = {"group": "g", "topic": "t", "partition": 0, "twice": None, "committed": 7}
    found = of_recover({"missing": 2, "conflicts": 1, "undecided": 0, "groups": [row], "partitions": [1]})
    assert found == {
        "missing": 2,
        "conflicts": 1,
        "undecided": 0,
        "groups": [{"group": "g", "topic": "t", "partition": 0, "twice": None}],
    }
    assert of_failover({"missing": {}, "groups": {}})["missing_at_most_estimate"] is None
