"""On a terminal, a long log line leaves the other columns whole, and brackets in it are text."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

from rich.console import Console

from lab.toolchain.display import table
from lab.toolchain.graph import State, Step
from lab.toolchain.runner import Progress

MakeStep = Callable[..., Step]


def test_columns_stay_whole(make_step: MakeStep, tmp_path: Path) -> None:
    (tmp_path / "kube-controller-manager.log").write_text("[INFO] " + "x" * 300 + "\n")
    steps = (make_step("kube-controller-manager", seconds=400), make_step("etcd"))
    states = {"kube-controller-manager": State.RUNNING, "etcd": State.WAITING}
    progress = Progress(steps, states, {"kube-controller-manager": 130}, 400, tmp_path)
    console = Console(file=StringIO(), width=100)
    with console.capture() as captured:
        console.print(table(progress))
    _, first, second, *caption = captured.get().splitlines()
    assert first.split("  ")[0] == "kube-controller-manager"
    for text in ("running", "2 min 10 s", "6 min 40 s", "[INFO] xxx"):
        assert text in first
    assert "waiting" in second
    assert "about 6 min 40 s left" in " ".join(caption)
