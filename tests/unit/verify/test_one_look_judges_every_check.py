"""One look: a part that cannot be read fails its own checks, and what no check asks for is not read."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from manifests.metadata import PHASE
from mirror.clients.records import Bounds, TopicPartition
from mirror.clients.topics import Topics
from mirror.problems import CouldNotConnect, CouldNotRead
from mirror.verify.reading import look as look_module
from mirror.verify.reading.look import Look, Session, resource, sides, topics
from mirror.verify.reading.source_permissions import SourcePermissions, source_permissions
from mirror.verify.register import BY_NAME, NAMES, reads_of
from mirror.verify.report import CheckResult
from mirror.verify.run import judge
from mirror.verify.values.partition_lag import PartitionLag
from tests.unit.support.made_up import NOW
from tests.unit.verify.looks import BOTH, FIVE, ORDERS, REFUSED, STACK, judged, look


def test_the_checks_are_in_the_order_of_their_reading() -> None:
    assert [name for name in NAMES if name in FIVE] == list(FIVE)


def test_a_part_that_could_not_be_read_fails_its_checks_and_no_other() -> None:
    reason = CouldNotRead("reading positions", "no such topic", "look at the worker")
    results = judged(BOTH, lags=reason, tails=reason)
    assert results["lag"].findings[0].message == "reading positions: no such topic"
    assert not results["tail-matches"].passed
    assert results["topics-present"].passed
    assert results["groups-translated"].passed


def test_an_error_in_a_check_is_a_failure_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> CheckResult:
        raise ZeroDivisionError("oops")

    monkeypatch.setitem(BY_NAME, "lag", replace(BY_NAME["lag"], judge=broken))
    results = judged(BOTH)
    assert not results["lag"].passed
    assert "ZeroDivisionError: oops" in results["lag"].findings[0].message
    assert results["tail-matches"].passed


def test_a_cluster_out_of_reach_ends_the_look_whatever_else_was_seen() -> None:
    one = Look(Session(STACK, Path(), ExitStack()), reads_of(FIVE), NOW)
    nothing: Mapping[str, Any] = {}
    one.give(resource, nothing)
    one.session.open = lambda *_, **__: (_ for _ in ()).throw(REFUSED)  # type: ignore[method-assign]
    with pytest.raises(CouldNotConnect):
        judge(one, FIVE)


def test_no_more_is_read_of_a_cluster_out_of_reach() -> None:
    one, asked = Look(Session(STACK, Path(), ExitStack()), reads_of(FIVE), NOW), list[str]()
    one.give(resource, REFUSED)
    one.ended = REFUSED
    with pytest.raises(CouldNotConnect):
        judge(one, FIVE, lambda: asked.append("status"))
    assert asked == []


def test_something_else_is_read_after_all_checks_but_records_match(monkeypatch: pytest.MonkeyPatch) -> None:
    events, read = list[str](), threading.Event()

    def slowly(_: Look) -> CheckResult:
        time.sleep(0.2)
        events.append("lag")
        return CheckResult.of("lag", "", [])

    def longest(_: Look) -> CheckResult:
        events.append("beside it" if read.wait(5) else "behind it")
        return CheckResult.of("records-match", "", [])

    def meanwhile() -> None:
        events.append("status")
        read.set()

    for name, of in (("lag", slowly), ("records-match", longest)):
        monkeypatch.setitem(BY_NAME, name, replace(BY_NAME[name], judge=of, copies_only=False))
    results = judge(look(BOTH), ("records-match", "lag", "topics-present"), meanwhile)
    assert events == ["lag", "status", "beside it"]
    assert [one.name for one in results] == ["records-match", "lag", "topics-present"]


def test_checks_that_wait_for_the_same_thing_do_not_hold_each_other_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, one = threading.Event(), Look(Session(STACK, Path(), ExitStack()), reads_of(FIVE), NOW)
    both: Any = object()

    def slowly(look: Look) -> dict[str, Any]:
        reading.set()
        time.sleep(0.3)  # by now the other one is where it needs the resource
        with look.session._lock:
            return {}

    def opened(*_: object, **__: object) -> Any:
        with one.session._lock:
            return both

    monkeypatch.setattr(look_module, "resource", slowly)
    monkeypatch.setattr(one.session, "open", opened)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lambda: one.resource)
        reading.wait(5)
        second = pool.submit(lambda: one.sides)
        assert (first.result(10), second.result(10)) == ({}, both)


def test_a_part_is_read_once_for_all_that_ask_and_its_error_kept() -> None:
    reads = []

    def part(_: Look) -> int:
        reads.append(1)
        raise CouldNotRead("reading", "no", "wait")

    one = look(BOTH)
    for _ in range(3):
        with pytest.raises(CouldNotRead):
            one.of(part)
    assert len(reads) == 1
    assert one.ended is None


def test_what_no_check_asks_for_is_not_read() -> None:
    one = Look(Session(STACK, Path(), ExitStack()), reads_of(["topics-present"]), NOW)
    one.give(topics, BOTH)
    one.give(source_permissions, SourcePermissions((), ()))
    one.give(sides, REFUSED)
    nothing: Mapping[str, Any] = {}
    one.give(resource, nothing)
    [result] = judge(one, ["topics-present"])
    assert result.passed


def test_an_absent_topic_is_one_finding_of_topics_present() -> None:
    absent = (TopicPartition("orders", 0), TopicPartition("orders", 1))
    seen = Topics(ORDERS, {}, {"orders": "orders"}, (), absent)
    results = judged(seen)
    assert not results["topics-present"].passed
    assert results["tail-matches"].passed
    assert "not checked: 2 partitions" in results["tail-matches"].summary
    assert not judged(seen, "tail-matches")["tail-matches"].passed


@pytest.mark.parametrize("name", ["lag", "tail-matches", "groups-translated"])
def test_a_check_of_no_topic_proves_nothing(name: str) -> None:
    """`verify --check lag` passed where the source user sees no topic any more: all of 0 partitions."""
    nothing = Topics({}, {}, {})
    [finding] = judged(nothing, name)[name].findings
    assert "nothing is mirrored" in finding.message
    results = judged(nothing)
    assert results[name].passed, "one cause, one finding"
    assert not results["topics-present"].passed


@pytest.mark.parametrize("phase", ["promoted", "retired"])
def test_a_promoted_mirror_is_judged_as_one_whatever_the_stack_file_says(phase: str) -> None:
    past_end = PartitionLag(TopicPartition("orders", 0), 9, Bounds(0, 5), None)
    status = {"connectors": [{"name": "east->west.MirrorSourceConnector", "connector": {"state": "STOPPED"}}]}
    there = {"metadata": {"annotations": {PHASE: phase}}, "status": status}
    one = look(BOTH, lags=[past_end], resource=there)
    assert one.settings.mirror.declared_state == "running"
    results = {result.name: result for result in judge(one, FIVE)}
    [finding] = results["lag"].findings
    assert "delete the topic" not in finding.remedy
    assert "exclude the topic" in finding.remedy
    stopped = [one for one in results["connectors-running"].findings if "STOPPED" in one.message]
    assert stopped
    assert all("Never start the connectors again" in one.remedy for one in stopped)


def test_a_mirror_that_replicates_keeps_both_ways_of_a_remedy() -> None:
    past_end = PartitionLag(TopicPartition("orders", 0), 9, Bounds(0, 5), None)
    [finding] = judged(BOTH, "lag", lags=[past_end])["lag"].findings
    assert "The next steps destroy the topic on the target" in finding.remedy
