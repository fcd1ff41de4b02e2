"""Hosts and steps to try the set-up on, without Go, Maven or a network."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lab.toolchain import toolchain
from lab.toolchain.graph import Job, Step
from lab.toolchain.host import Go, Host
from lab.toolchain.jdk import Jdk
from lab.toolchain.steps import plan

MakeStep = Callable[..., Step]


@pytest.fixture
def complete_host() -> Host:
    """A machine that has everything to build with, and nothing that makes a build needless."""
    return Host(
        go=Go(Path("/go/bin/go"), "1.26.8", "linux/amd64"),
        jdks=(Jdk(Path("/jdk25"), 25),),
        maven=Path("/usr/bin/mvn"),
        git=Path("/usr/bin/git"),
        kubectl=None,
        pulumi=None,
        kubernetes_plugin=None,
    )


@pytest.fixture
def env(complete_host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a machine whose set-up is complete."""
    monkeypatch.setattr(toolchain, "observe", lambda _env: complete_host)
    for step in plan(complete_host, tmp_path, {}):
        step.product(tmp_path).mkdir(parents=True)
    return {"REGION_MIRROR_CACHE": str(tmp_path)}


@pytest.fixture
def make_step() -> MakeStep:
    """A step that writes one file, or does what it is told."""

    def write(job: Job) -> None:
        (job.out / "product").write_text("made")

    def make(
        name: str, needs: Sequence[str] = (), seconds: int = 10, run: Callable[[Job], None] = write
    ) -> Step:
        return Step(name, "key", tuple(needs), seconds, 1, "go", run)

    return make
