"""Without a terminal, progress is a line at each change and a sign of life every 15 seconds."""

from collections.abc import Callable
from pathlib import Path

from lab.toolchain.display import PlainDisplay, clock
from lab.toolchain.graph import State, Step
from lab.toolchain.runner import Progress

MakeStep = Callable[..., Step]


def test_lines(make_step: MakeStep, tmp_path: Path) -> None:
    steps = (make_step("etcd", seconds=75), make_step("kubectl"))
    lines: list[str] = []
    now = 0.0
    display = PlainDisplay(lines.append, lambda: now)

    def show(state: State, elapsed: float) -> list[str]:
        lines.clear()
        states = {"etcd": state, "kubectl": State.WAITING}
        display.show(Progress(steps, states, {"etcd": elapsed}, 80, tmp_path))
        return [line.split(" ", 1)[1] for line in lines]

    assert show(State.RUNNING, 0) == ["etcd: started, about 1 min 15 s"]
    now = 14.0
    assert show(State.RUNNING, 14) == []
    now = 15.0
    assert show(State.RUNNING, 15) == ["etcd 15 s of about 1 min 15 s; 0 of 2 done, about 1 min 20 s left"]
    now = 16.0
    assert show(State.DONE, 16) == ["etcd: done after 16 s"]


def test_clock() -> None:
    assert [clock(0.4), clock(59.6), clock(185)] == ["0 s", "1 min 00 s", "3 min 05 s"]
