"""Before the fence the whole mirror is verified; once a cutover has begun, the later steps judge it."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.acls import deny_write
from mirror.clients.records import TopicPartition, Unread
from mirror.cutover import preflight
from mirror.cutover.fence import acls
from mirror.cutover.groups.left_behind import left_behind
from mirror.cutover.preflight import Preflight
from mirror.cutover.step import Step, Verdict, World
from mirror.cutover.steps.prove import CHECKS
from mirror.problems import Finding
from tests.unit.support.made_up import settings

STRAYS = "moved-topics-unwritten"
LEFT: list[str] = []
"""Groups that are not moved."""
WARMED: list[World] = []
"""The worlds that were read ahead."""


@pytest.fixture(autouse=True)
def _cold() -> None:
    WARMED.clear()
    LEFT.clear()


def world(**annotations: str) -> World:
    resource = {"metadata": {"annotations": annotations}}
    settings = SimpleNamespace(fence="strimzi")
    api = {"source_kubernetes": None, "root": None}
    return cast(World, SimpleNamespace(resource=lambda: resource, settings=settings, **api))


def look(
    state: Any,
    *failed: str,
    monkeypatch: pytest.MonkeyPatch,
    fenced: Sequence[str] = ("ann",),
    **annotations: str,
) -> Verdict:
    findings = (Finding("orders-0", "late", "wait"),)
    checks = [
        SimpleNamespace(name=name, passed=name not in failed, findings=findings)
        for name in ("lag", "users", STRAYS)
    ]
    monkeypatch.setattr(preflight, "verify", lambda *_, **__: SimpleNamespace(checks=checks))
    fence = cast(Step, SimpleNamespace(look=lambda world: Verdict(state, "", evidence={"fenced": fenced})))
    return Preflight(fence, WARMED.append, left=lambda _, __: LEFT).look(world(**annotations))


def test_a_proven_mirror_may_be_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = look("todo", monkeypatch=monkeypatch)
    assert (verdict.state, verdict.text) == ("done", "the mirror is proven: 2 checks pass")
    assert len(WARMED) == 1


def test_groups_that_mm2_leaves_out_are_named_before_anybody_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    LEFT.append("connect-orders-s3")
    verdict = look("todo", monkeypatch=monkeypatch)
    assert "NOT moved, because MM2 leaves out their names: connect-orders-s3" in verdict.text
    assert verdict.evidence == {"not_moved": ["connect-orders-s3"]}


def test_they_are_those_with_offsets_on_mirrored_topics() -> None:
    orders, own = TopicPartition("orders", 0), TopicPartition("own", 0)
    offsets = {
        "connect-s3": {orders: 3}, "connect-own": {own: 3}, "connect-hidden": Unread("refused"),
        "connect-skip": {orders: 1}, "billing": {orders: 5}, "console-consumer-1": {orders: 1},
    }  # fmt: skip
    source = SimpleNamespace(
        groups=lambda: sorted(offsets),
        topics=lambda: {"orders": None, "own": None},
        group_offsets=lambda names: {name: offsets[name] for name in names},
    )
    made = settings(topics=["orders"], groups_exclude=["connect-skip"])
    seen: Any = SimpleNamespace(settings=made, sides=lambda: SimpleNamespace(source=source))
    assert left_behind(seen, made) == ["connect-hidden", "connect-s3"]
    part: Any = SimpleNamespace(settings=settings(topics=["own"], groups=["other"]), sides=seen.sides)
    assert left_behind(part, made) == ["connect-hidden", "connect-own"], "a part sees its topics"


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
    part = {"region-mirror/states-before-cutover": '{"checkpoint connector": "running"}'}
    assert look("todo", "lag", monkeypatch=monkeypatch, **part).state == "done"
    promoted = {"region-mirror/phase": "promoted"}
    assert look("todo", "lag", monkeypatch=monkeypatch, **promoted).state == "done"


def test_a_fence_that_holds_nobody_says_nothing_of_a_cutover(monkeypatch: pytest.MonkeyPatch) -> None:
    """Producers that cannot be fenced were accepted: a mirror that is late was not judged before they were
    stopped, and nobody was told of groups that are not moved.
    """
    assert look("done", "lag", monkeypatch=monkeypatch, fenced=()).state == "blocked"
    LEFT.append("connect-orders-s3")
    assert "NOT moved" in look("done", monkeypatch=monkeypatch, fenced=()).text
    deny = deny_write("orders")
    assert acls.judge(frozenset({deny}), ["orders", "open"], everybody=False).evidence["fenced"] == 1
    assert acls.judge(frozenset(), ["orders"], everybody=False).evidence["fenced"] == 0


def test_no_producer_is_fenced_while_a_failover_has_stopped_the_mirror(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The drain could not end: nothing mirrors the last records."""
    stopped = {"region-mirror/states-before-cutover": '{"source connector": "running"}'}
    for fence in ("todo", "done"):
        verdict = look(fence, monkeypatch=monkeypatch, **stopped)
        assert verdict.state == "blocked"
        assert "a failover is in progress" in verdict.text
        assert verdict.remedy.startswith("undo it with `region-mirror failover rollback`")
