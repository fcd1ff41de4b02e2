"""What runs outlives its supervisor, and the next one goes on with it."""

from __future__ import annotations

from collections.abc import Callable

from lab.layout import Lab
from lab.processes import declare, find
from tests.unit.lab.support import Until, sleeper, start, supervise

Pids = Callable[[], dict[str, list[int]]]


def test_a_killed_supervisor_leaves_processes_and_the_next_one_adopts_them(
    lab: Lab, pids: Pids, until: Until
) -> None:
    declare(lab, sleeper("one"))
    first = supervise(lab)
    until(lambda: "one" in pids())
    before = pids()["one"]
    first.kill()
    first.wait()
    assert pids()["one"] == before
    second = supervise(lab)
    until(lambda: "one: adopted" in lab.log("supervisor").read_text())
    found = find(lab, "one")
    assert found is not None
    found.kill()
    until(lambda: pids().get("one", before) != before)
    second.kill()
    second.wait()


def test_what_was_started_but_never_recorded_is_not_started_twice(lab: Lab, pids: Pids, until: Until) -> None:
    orphan = start(lab, "one")
    declare(lab, sleeper("one"))
    supervisor = supervise(lab)
    until(lambda: "one: adopted" in lab.log("supervisor").read_text())
    assert pids()["one"] == [orphan.pid]
    orphan.kill()
    orphan.wait()
    supervisor.kill()
    supervisor.wait()


def test_there_is_only_one_supervisor(lab: Lab, until: Until) -> None:
    first = supervise(lab)
    until(lambda: "keeping the lab" in lab.log("supervisor").read_text())
    second = supervise(lab)
    assert second.wait(timeout=20) == 0
    assert first.poll() is None
    first.kill()
    first.wait()


def test_it_ends_when_the_lab_is_gone(lab: Lab, pids: Pids, until: Until) -> None:
    declare(lab, sleeper("one"))
    supervisor = supervise(lab)
    until(lambda: "one" in pids())
    lab.state_file.unlink()
    (lab.processes / "one.json").unlink()
    assert supervisor.wait(timeout=20) == 0
    assert pids() == {}
