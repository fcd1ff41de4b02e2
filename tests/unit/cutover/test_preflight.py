"""Before the fence the whole mirror is verified; once a cutover has begun, the later steps judge it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.cutover import preflight
from mirror.cutover.preflight import Preflight
from mirror.cutover.step import Step, Verdict, World
from mirror.cutover.steps.prove import CHECKS
from mirror.problems import Finding

STRAYS = "moved-topics-unwritten"
WARMED: list[World] = []
"""The worlds that were read ahead."""


@pytest.fixture(autouse=True)
def _cold() -> None:
    WARMED.clear()


def world(**annotations: str) -> World:
    resource = {"metadata": {"annotations": annotations}}
    settings = SimpleNamespace(fence="strimzi")
    return cast(World, SimpleNamespace(resource=lambda: resource, settings=settings, root=None))


def look(state: Any, *failed: str, monkeypatch: pytest.MonkeyPatch, **annotations: str) -> Verdict:
    findings = (Finding("orders-0", "late", "wait"),)
    checks = [
        SimpleNamespace(name=name, passed=name not in failed, findings=findings)
        for name in ("lag", "users", STRAYS)
    ]
    monkeypatch.setattr(preflight, "verify", lambda *_, **__: SimpleNamespace(checks=checks))
    fence = cast(Step, SimpleNamespace(look=lambda world: Verdict(state, "")))
    return Preflight(fence, WARMED.append).look(world(**annotations))


def test_a_proven_mirror_may_be_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = look("todo", monkeypatch=monkeypatch)
    assert (verdict.state, verdict.text) == ("done", "the mirror is proven: 2 checks pass")
    assert len(WARMED) == 1


def test_a_failed_check_blocks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = look("todo", "lag", monkeypatch=monkeypatch)
    assert (verdict.state, verdict.text) == ("blocked", "1 failing check of the mirror: lag")
    assert verdict.evidence["lag"][0]["message"] == "late"
    assert WARMED == []


def test_records_in_a_topic_that_moved_before_block_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = look("todo", STRAYS, monkeypatch=monkeypatch)
    assert (verdict.state, verdict.text) == ("done", "the mirror is proven: 2 checks pass")
    assert STRAYS not in CHECKS, "nor the proof before the promotion"


def test_a_cutover_that_has_begun_is_judged_by_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look("done", "lag", monkeypatch=monkeypatch).state == "done"
    stopped = {"region-mirror/states-before-cutover": "{}"}
    assert look("todo", "lag", monkeypatch=monkeypatch, **stopped).state == "done"
    promoted = {"region-mirror/phase": "promoted"}
    assert look("todo", "lag", monkeypatch=monkeypatch, **promoted).state == "done"
