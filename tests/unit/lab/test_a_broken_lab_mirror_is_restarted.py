"""A mirror that a lab test leaves behind broken is restarted for the tests that follow, with ever more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.problems import Finding
from tests.lab.support import shared_mirror
from tests.lab.support.lab import Regions
from tests.lab.support.shared_mirror import NAME, WORKERS, wait_until_proven
from tests.lab.support.stack import Stack

RESTART = "strimzi.io/restart-connector"
UNASSIGNED = Finding("a->b.Source", "it is UNASSIGNED", f"wait; `kubectl annotate x '{RESTART}=a->b.Source'`")


class FakeLab:
    """A mirror that some checks fail, until `mended_by` was done to it."""

    def __init__(self, mended_by: str) -> None:
        self.done: list[str] = []
        self.mended_by = mended_by

    @property
    def mirror(self) -> Stack:
        verified = SimpleNamespace(output="NOT PROVEN")
        return cast(Stack, SimpleNamespace(failed_checks=self.failed_checks, verify=lambda: verified))

    @property
    def regions(self) -> Regions:
        log = SimpleNamespace(read_text=lambda **_: "17:00:01 ERROR [task-0] Worker:1 - it failed")
        return cast(
            Regions,
            SimpleNamespace(
                running=lambda prefix: [f"{prefix}0"],
                kill=self.done.append,
                annotate_mirror=lambda *words: self.done.append(" ".join(words)),
                lab=SimpleNamespace(log=lambda name: log),
            ),
        )

    def failed_checks(self) -> set[str]:
        return set() if self.mended_by in self.done else {"lag"}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nothing is waited for; return the patience of each wait."""
    waits: list[float] = []

    def until(what: str, condition: Any, *, seconds: float, every: float) -> None:
        waits.append(seconds)
        if not condition():
            raise AssertionError(f"waited for {what}")

    monkeypatch.setattr(shared_mirror, "until", until)
    monkeypatch.setattr(shared_mirror, "_waited_in_vain", 0)
    return waits


def test_workers_are_killed_first_and_brokers_if_that_does_not_help(at_once: list[float]) -> None:
    lab = FakeLab(mended_by="nothing")
    for _ in range(4):
        with pytest.raises(AssertionError, match="failed checks: lag") as failure:
            wait_until_proven(lab.mirror, lab.regions, "after the test")
    worker = f"{WORKERS}0"
    assert lab.done == [worker, "east-kafka", "west-kafka", worker], "and nothing the third time"
    assert at_once == [180.0, 180.0, 180.0, 20.0], "a restart has as long to help as a test"
    assert f"{worker}: 1 x 17:00:01 ERROR [task-0] Worker:1 - it failed" in str(failure.value)
    assert str(failure.value).endswith("NOT PROVEN")


def test_a_mirror_that_a_restart_has_helped_is_waited_for_as_before() -> None:
    lab = FakeLab(mended_by=f"{WORKERS}0")
    with pytest.raises(AssertionError):
        wait_until_proven(lab.mirror, lab.regions, "after the test")
    wait_until_proven(lab.mirror, lab.regions, "before the next")
    assert shared_mirror._waited_in_vain == 0


def test_a_connector_that_stays_unassigned_fails_no_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """The restart that its finding names mends it."""
    monkeypatch.setattr(shared_mirror, "LOOKS", SimpleNamespace(found=[("connectors-running", UNASSIGNED)]))
    lab = FakeLab(mended_by=f"{NAME} {RESTART} a->b.Source")
    wait_until_proven(lab.mirror, lab.regions, "after the test")
    assert lab.done == [lab.mended_by]
