"""remove-fence: what is said while the fence holds somebody, and where only people can lift it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mirror.cutover.reopening.remove_fence import RemoveFence
from mirror.cutover.step import Verdict
from tests.unit.settings.sample import settings
from tests.unit.support.memory_api import MemoryApi


def looked_at(*left: str, **changes: object) -> Verdict:
    world: Any = SimpleNamespace(settings=settings(**changes), target_kubernetes=MemoryApi())
    fence: Any = SimpleNamespace(remains=lambda *_: list(left), holds="user")
    step = RemoveFence()
    step._fence = fence
    return step.look(world)


@pytest.fixture(autouse=True)
def denied(monkeypatch: pytest.MonkeyPatch) -> None:
    def left_denied(_: object, command: str) -> str:
        assert command == "reopen"
        return ""

    monkeypatch.setattr("mirror.cutover.reopening.remove_fence.left_denied", left_denied)


def test_whom_it_still_holds_is_named_and_counted() -> None:
    assert looked_at("ann", "bob") == Verdict(
        "todo",
        "the fence of mirror east-to-west still holds 2 users: ann, bob",
        evidence={"held": ["ann", "bob"]},
        remaining=2,
    )


def test_a_fence_by_hand_is_lifted_by_hand_unless_a_command_does_it() -> None:
    manual = looked_at(cutover__fence="manual")
    text = "cutover.fence is manual: whoever stopped the producers of east lets them write again"
    assert manual == Verdict("done", text)
    free = Verdict("done", "nothing on east is fenced by mirror east-to-west", remaining=0)
    assert looked_at(cutover__fence="manual", cutover__fence_command=("fence.sh",)) == free
    assert looked_at() == free
