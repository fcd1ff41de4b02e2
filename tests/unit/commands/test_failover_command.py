"""`region-mirror failover`: what it says once it is done; the steps are fakes, Kubernetes is in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from manifests.metadata import MOVED, PHASE
from mirror.commands import failover as command
from mirror.cutover.failover.begun_cutover import read_left_of_cutover
from mirror.cutover.failover.scene import FailoverOptions
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.step import OnlyLooks, Verdict, World
from mirror.estate.deployed import DeployedResource
from mirror.problems import CouldNotRun
from mirror.verify.reading.look import Session
from settings import filters
from settings.model import MovedSettings
from tests.unit.support.command_line import Run, runner
from tests.unit.support.made_up import settings
from tests.unit.support.memory_api import MemoryApi
from tests.unit.support.memory_journal import MemoryJournal


class Promote(OnlyLooks):
    """Promotes when it is asked to."""

    name, patience, lasting = "promote", 5.0, False

    def __init__(self, annotations: dict[str, str]) -> None:
        self._annotations = annotations

    def look(self, world: World) -> Verdict:
        done = PHASE in self._annotations
        return Verdict("done", "promoted") if done else Verdict("todo", "to promote")

    def do(self, world: World, journal: Any) -> None:
        self._annotations[PHASE] = "promoted"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    annotations: dict[str, str] = {}
    world = SimpleNamespace(
        settings=settings(),
        target_kubernetes=MemoryApi(),
        resource=lambda: {"metadata": {"annotations": annotations}},
    )

    def report(verdicts: object) -> Any:
        raise CouldNotRun("reading Lease kafka/east-to-west-cutover", "no answer", "look again")

    @contextmanager
    def opened(*_: object) -> Iterator[Any]:
        yield SimpleNamespace(
            world=world,
            scene=SimpleNamespace(begin=lambda: None),
            steps=[Promote(annotations)],
            report=report,
        )

    monkeypatch.setattr(command, "_opened", opened)
    monkeypatch.setattr(command, "choose_one", lambda *_: (settings(), Path()))
    return runner(monkeypatch, "failover", "--yes")


def test_a_report_that_cannot_be_written_hides_nothing_of_a_failover_that_is_done(
    run: Run, tmp_path: Path, capsys: Any
) -> None:
    assert run("--report", tmp_path / "incident.html") == 0
    told = capsys.readouterr()
    assert "west is promoted. What is left to do:" in told.out
    assert "the report was not written: reading Lease kafka/east-to-west-cutover: no answer." in told.err
    assert "`region-mirror failover status --report FILE` writes it" in told.err


@pytest.mark.parametrize("declared", [True, False])
def test_what_has_moved_in_parts_is_left_out_also_before_the_stack_file_says_so(
    declared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client's open transaction in a moved topic counted as one of MM2, and the failover waited for it."""
    moved = MovedSettings(("orders",), ("readers",))
    api = MemoryApi()
    annotations = {MOVED: '{"topics": ["orders"], "groups": ["readers"]}'}
    monkeypatch.setattr(DeployedResource, "read", lambda _: {"metadata": {"annotations": annotations}})
    monkeypatch.setattr(Session, "deployed", property(lambda one: DeployedResource(one.settings, one.root)))
    monkeypatch.setattr("mirror.estate.deployed.connect", lambda *_: api)
    monkeypatch.setattr(command, "Scene", lambda *_: SimpleNamespace())
    stack = settings(moved={"topics": ["orders"], "groups": ["readers"]}) if declared else settings()
    stack = replace(stack, cutover=replace(stack.cutover, leave_out_groups=("audit",)))
    with command._opened(stack, Path(), FailoverOptions(), frozenset({"reports"})) as opened:
        # Those of the stack file did not count: such a group was placed, or blocked the failover.
        assert opened.world.options.leave_out_groups == {"audit", "reports"}
        assert opened.world.settings.mirror.moved == moved
        assert opened.world.session.settings is opened.world.settings
        assert not filters.mirrored(opened.world.settings, "orders")


def test_a_rollback_says_that_a_cutover_before_it_is_not_undone(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    api = MemoryApi()
    ConfigMapJournal(cast(Any, api), settings()).keep("fence", "command", ["./fence"])
    world = SimpleNamespace(settings=settings(), target_kubernetes=api, resource=dict)

    @contextmanager
    def opened(*_: object) -> Iterator[Any]:
        yield SimpleNamespace(world=world, scene=SimpleNamespace(begin=lambda: None), steps=[Promote({})])

    monkeypatch.setattr(command, "_opened", opened)
    monkeypatch.setattr(command, "choose_one", lambda *_: (settings(), Path()))
    assert runner(monkeypatch, "failover", "rollback", "--yes")() == 0
    assert "a cutover was begun before the failover, and is not undone" in capsys.readouterr().out
    assert read_left_of_cutover(cast(Any, SimpleNamespace(resource=unreadable)), MemoryJournal()) == ""


def unreadable() -> Any:
    raise CouldNotRun("reading the KafkaMirrorMaker2", "no answer", "look again")


def test_markdown_lists_what_is_left_to_do(run: Run, capsys: Any) -> None:
    """In one cell of the table nobody could read it."""
    assert run("--markdown", "--quiet") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "|  | ended | west is promoted. What is left to do: |  |" in lines
    listed = [line for line in lines if line.startswith("- ")]
    assert listed[0].startswith("- Start consumers and then producers there")
    assert "- The mirror does not start by itself when east is back" in listed
