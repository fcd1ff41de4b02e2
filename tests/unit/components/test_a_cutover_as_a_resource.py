"""The resource that runs a cutover: when it has to, what a preview says, and how it fails."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import dill
import pytest

import components.cutover as module
import mirror.cutover.unattended as unattended
from components.cutover import CutoverProvider, CutoverStoppedError
from mirror.cutover.step import Verdict
from mirror.problems import CouldNotConnect, CouldNotRun
from settings.load import dump
from tests.unit.settings.sample import settings

PROPS = {"settings": dump(settings(mirror__phase="promoted", cutover__by_up=True))}
FENCE = Verdict("blocked", "1 user cannot be fenced: admin", "say so with --accept-unfenced 'admin'")


@pytest.fixture(autouse=True)
def _tracebacks() -> Iterator[None]:
    yield
    vars(sys).pop("tracebacklimit", None)


def test_it_runs_while_the_mirror_replicates_and_never_after(monkeypatch: pytest.MonkeyPatch) -> None:
    for replicates in (True, False):
        monkeypatch.setattr(unattended, "still_replicates", lambda *_, now=replicates: now)
        assert CutoverProvider().diff("x", PROPS, PROPS).changes is replicates


def test_a_preview_says_what_each_step_sees(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    verdicts = [
        ("fence", Verdict("todo", "2 KafkaUsers may write")),
        ("move-groups", Verdict("blocked", "billing has members", "stop them or --leave-out-group NAME")),
    ]
    monkeypatch.setattr(unattended, "look", lambda *_: verdicts)
    assert CutoverProvider().check({}, PROPS).failures == []
    assert capsys.readouterr().out.splitlines() == [
        "cutover now: fence: todo: 2 KafkaUsers may write",
        "cutover now: move-groups: blocked: billing has members. stop them or --leave-out-group NAME "
        "(for `pulumi up`: cutover.leave_out_groups)",
    ]


def test_names_of_groups_control_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A group id may have any character. Pulumi shows what a provider prints, and why it refuses."""
    verdict = Verdict("blocked", "group \x1b[2Jbilling has members", "stop them")
    monkeypatch.setattr(unattended, "look", lambda *_: [("fence", verdict)])
    (failure,) = CutoverProvider().check({}, PROPS).failures
    shown = capsys.readouterr().out
    assert "billing has members" in shown
    assert "billing has members" in failure.reason
    assert "\x1b" not in f"{shown}{failure.reason}"


def test_a_fence_that_needs_a_person_is_refused_before_anything_is_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unattended, "look", lambda *_: [("fence", FENCE)])
    (failure,) = CutoverProvider().check({}, PROPS).failures
    assert "would stop at step fence: 1 user cannot be fenced: admin" in failure.reason
    assert "cutover.accept_unfenced" in failure.reason


def test_a_preview_that_cannot_look_says_so_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(*_: Any) -> Any:
        raise CouldNotConnect("connecting to east", "no answer", "check it")

    monkeypatch.setattr(unattended, "look", unreachable)
    assert CutoverProvider().check({}, PROPS).failures == []
    assert "cutover: not looked at: connecting to east: no answer" in capsys.readouterr().out


def test_a_closed_gate_fails_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: Any) -> str:
        raise CouldNotRun("moving mirror east-to-west, step drain", "records wait", "wait")

    monkeypatch.setattr(unattended, "move", closed)
    with pytest.raises(CutoverStoppedError, match="step drain: records wait"):
        CutoverProvider().create(PROPS)
    monkeypatch.setattr(unattended, "move", lambda *_: "the mirror is promoted")
    assert CutoverProvider().create(PROPS).outs == {**PROPS, "end": "the mirror is promoted"}


def test_the_state_keeps_a_reference_and_no_code() -> None:
    assert module.__name__.encode() in dill.dumps(CutoverProvider())
    assert len(dill.dumps(CutoverProvider())) < 200
