"""The fence that a command of the stack file sets: no shell, one more argument, its failure is a message."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from mirror.cutover.fence.manual import ManualFence, run
from mirror.cutover.step import World
from mirror.problems import CouldNotRun
from settings.model import MovedSettings
from tests.unit.support.memory_journal import MemoryJournal

WRITE = "import pathlib, sys; pathlib.Path('told').write_text(' '.join(sys.argv[1:]))"


def world(root: Path, *command: str, moved: tuple[str, ...] = ()) -> World:
    mirror = SimpleNamespace(moved=MovedSettings(moved))
    settings = SimpleNamespace(cutover=SimpleNamespace(fence_command=command), mirror=mirror)
    return cast(World, SimpleNamespace(settings=settings, root=root, resource=dict))


def test_without_a_command_a_person_stops_the_producers(tmp_path: Path) -> None:
    verdict = ManualFence().look(world(tmp_path))
    assert verdict.state == "done"
    assert "somebody else stops the producers" in verdict.text


def test_the_command_is_run_once_in_each_direction(tmp_path: Path) -> None:
    fence, journal = ManualFence(), MemoryJournal()
    given = world(tmp_path, sys.executable, "-c", WRITE, "$HOME; ls")
    assert fence.look(given).state == "todo"
    fence.do(given, journal)
    assert (tmp_path / "told").read_text() == "$HOME; ls fence"
    assert fence.look(given).state == "done"
    assert ManualFence().remains(given, journal) == [sys.executable]
    fence.undo(given, journal)
    assert (tmp_path / "told").read_text() == "$HOME; ls unfence"
    assert journal.content == {}
    assert fence.remains(given, journal) == []


def test_a_rollback_says_that_the_command_knows_of_no_part(tmp_path: Path) -> None:
    """It lets the producers of every topic write again; each other fence leaves what has moved fenced."""
    command = (sys.executable, "-c", WRITE)
    left = ManualFence().undo(world(tmp_path, *command, moved=("orders",)), MemoryJournal())
    assert left is not None
    assert left.startswith("producers of orders, which moved as a part, may write there again as well")
    assert ManualFence().undo(world(tmp_path, *command), MemoryJournal()) is None
    assert ManualFence().undo(world(tmp_path, moved=("orders",)), MemoryJournal()) is None


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ((sys.executable, "-c", "import sys; sys.exit('no route to host')"), "exit code 1: no route to host"),
        (("/does/not/exist",), "check cutover.fence_command"),
        ((sys.executable, "-c", "import time; time.sleep(60)"), "did not end within 1 s"),
    ],
)
def test_a_command_that_fails_is_one_message(tmp_path: Path, command: tuple[str, ...], told: str) -> None:
    with pytest.raises(CouldNotRun, match=told):
        run(command, "fence", tmp_path, seconds=1.0)


def test_the_command_inherits_no_secret_of_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `cutover.switch_command`: the login of the source's administrator is for this command only."""
    for name in ("REGION_MIRROR_SOURCE_ADMIN_CONFIG", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_ACCESS_TOKEN"):
        monkeypatch.setenv(name, "s3cret")
    monkeypatch.setenv("KUBECONFIG", "theirs")
    show = "import os, pathlib; pathlib.Path('told').write_text(repr(dict(os.environ)))"
    run((sys.executable, "-c", show), "fence", tmp_path)
    told = (tmp_path / "told").read_text()
    assert "s3cret" not in told
    assert "'KUBECONFIG': 'theirs'" in told


def test_what_the_command_prints_may_be_any_bytes(tmp_path: Path) -> None:
    said = "import sys; sys.stdout.buffer.write(b'f\\xfcr heute'); sys.exit(sys.argv[1] == 'unfence')"
    run((sys.executable, "-c", said), "fence", tmp_path)
    with pytest.raises(CouldNotRun, match="exit code 1: f\N{REPLACEMENT CHARACTER}r heute"):
        run((sys.executable, "-c", said), "unfence", tmp_path)
