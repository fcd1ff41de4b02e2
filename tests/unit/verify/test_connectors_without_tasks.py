"""connectors-running: a connector that is RUNNING without a task fails where it has something to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from mirror.clients.records import TopicPartition, Unread
from mirror.clients.topics import Topics
from mirror.problems import CouldNotRead
from mirror.verify.checks.connectors_running import CHECK
from mirror.verify.reading import look as reading
from mirror.verify.reading.look import Look
from mirror.verify.reading.workers import workers
from mirror.verify.report import CheckResult
from mirror.verify.values.workers import Workers
from settings.names import Names
from tests.unit.support.made_up import ORDERS, settings
from tests.unit.verify.connectors import CHECKPOINT, HEALTHY, SOURCE, changed, connector, judged


def test_a_source_connector_without_tasks_fails_when_topics_match() -> None:
    resource = changed(connectors=[connector(CHECKPOINT), connector(SOURCE, tasks=())])
    assert not judged(resource).passed
    assert judged(resource, topics_match=False).passed


@pytest.mark.parametrize("tasks", [None, []])
def test_a_checkpoint_connector_without_tasks_fails_when_groups_match(tasks: list[Any] | None) -> None:
    idle = connector(CHECKPOINT) | {"tasks": tasks}
    resource = changed(connectors=[idle, connector(SOURCE)])
    (finding,) = judged(resource, groups_match=True).findings
    assert finding.subject == CHECKPOINT
    assert "no task is running, so no group is translated" in finding.message
    assert "Describe on the groups" in finding.remedy


def test_a_stopped_checkpoint_connector_is_one_finding() -> None:
    resource = changed(connectors=[connector(CHECKPOINT, "STOPPED", ()), connector(SOURCE)])
    (finding,) = judged(resource, groups_match=True).findings
    assert finding.message == "it is STOPPED"


@dataclass
class OneSide:
    """A source with one group, and what a look asks of it."""

    offsets: Any
    asked: int = 0

    def groups(self) -> list[str]:
        return ["billing"]

    def group_offsets(self, groups: list[str]) -> dict[str, Any]:
        self.asked += 1
        return dict.fromkeys(groups, self.offsets)


def looked_at(resource: Mapping[str, Any], source: OneSide) -> CheckResult:
    session = SimpleNamespace(settings=settings(), names=Names.of(settings()))
    found = Look(session, ())  # type: ignore[arg-type]
    found.give(reading.resource, resource)
    found.give(reading.sides, SimpleNamespace(source=source))  # type: ignore[arg-type]
    found.give(reading.topics, Topics({}, {}, {ORDERS.topic: ORDERS.topic}))
    found.give(workers, Workers("east-to-west", "west", 1))
    return CHECK.judge(found)


class Hidden(OneSide):
    """A source whose groups cannot be read."""

    def group_offsets(self, groups: list[str]) -> dict[str, Any]:
        raise CouldNotRead("reading groups", "no answer in time", "try again")


def test_what_is_down_is_reported_also_where_the_groups_cannot_be_read() -> None:
    """The whole check "could not be judged", although the source connector had failed."""
    idle = connector(CHECKPOINT, tasks=())
    result = looked_at(changed(connectors=[idle, connector(SOURCE, "FAILED", ())]), Hidden({}))
    assert (result.passed, result.judged) == (False, True)
    assert [one.subject for one in result.findings] == [SOURCE, SOURCE]
    with pytest.raises(CouldNotRead):
        looked_at(changed(connectors=[idle, connector(SOURCE)]), Hidden({}))


@pytest.mark.parametrize(
    ("offsets", "passed"),
    [
        ({ORDERS: 7}, False),
        ({TopicPartition("not-mirrored", 0): 7}, True),
        ({}, True),
        (Unread("GROUP_AUTHORIZATION_FAILED"), False),
    ],
)
def test_groups_are_asked_for_only_where_no_task_runs(offsets: Any, passed: bool) -> None:
    source = OneSide(offsets)

    def of(resource: Mapping[str, Any]) -> CheckResult:
        return looked_at(resource, source)

    assert of(HEALTHY).passed
    assert source.asked == 0
    assert of(changed(connectors=[connector(CHECKPOINT, tasks=()), connector(SOURCE)])).passed is passed
    assert source.asked == 1


def test_a_checkpoint_connector_without_groups_needs_no_task() -> None:
    assert judged(changed(connectors=[connector(CHECKPOINT, tasks=()), connector(SOURCE)])).passed
