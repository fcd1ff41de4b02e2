"""A lab comes up, stays as it is when asked again, mends what was killed, and leaves nothing behind.

A lab of its own, in a folder with a space in its name, beside the one that the other tests share.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import processes
from lab.layout import Lab
from tests.lab.support.command import Ran, run
from tests.lab.support.stack import CHECKOUT


class Short:
    """The core of a lab: brokers and Kubernetes APIs, without operators and workload."""

    def __init__(self, root: Path) -> None:
        self.lab = Lab(root)

    def command(self, *arguments: str) -> Ran:
        env = {**os.environ, "REGION_MIRROR_LAB": str(self.lab.root)}
        return run([sys.executable, "-m", "lab", *arguments], cwd=CHECKOUT, env=env)

    def up(self) -> Ran:
        return self.command("up", "--without-operator").ok()


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Short]:
    made = Short(tmp_path_factory.mktemp("a lab") / "lab")
    made.up()
    yield made
    made.command("down").ok()


def test_asked_again_nothing_changes(short: Short) -> None:
    assert "nothing changed" in short.up().output


def test_what_was_killed_is_mended(short: Short) -> None:
    for name in ("supervisor", "west-etcd"):
        victim = processes.find(short.lab, name)
        assert victim is not None
        victim.send_signal(signal.SIGKILL)
    short.up()
    assert short.command("status").code == 0


def test_down_leaves_no_process_and_no_file(short: Short) -> None:
    short.command("down").ok()
    assert processes.find_all(short.lab) == {}
    assert not short.lab.root.exists()
    assert "nothing to stop" in short.command("down").ok().output
