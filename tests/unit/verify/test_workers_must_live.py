"""connectors-running: a status that says RUNNING is as old as the Cluster Operator's last look."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mirror.clients.other_groups import ListedGroup
from mirror.clients.records import Unread
from mirror.clients.topics import Topics
from mirror.problems import CouldNotRead
from mirror.verify.checks.connectors_running import CHECK
from mirror.verify.reading import look as reading
from mirror.verify.reading.look import Look
from mirror.verify.reading.workers import REJOIN_SECONDS, read_workers, workers
from mirror.verify.report import CheckResult
from mirror.verify.values.workers import Workers
from settings.names import Names
from tests.unit.support.clock import Clock
from tests.unit.support.made_up import settings
from tests.unit.verify.connectors import CHECKPOINT, HEALTHY, SOURCE, changed, connector

NAMES = Names.of(settings())
UNKNOWN = CouldNotRead("listing group east-to-west of west", "a broker restarts", "look again")


class Target:
    """A target whose answers about Connect's group come one after the other, the last one for ever."""

    alias = "west"

    def __init__(self, *members: int | CouldNotRead) -> None:
        self._answers = list(members)
        self.asked: list[str] = []

    def any_group(self, group: str) -> ListedGroup:
        self.asked.append(group)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, CouldNotRead):
            raise answer
        return ListedGroup(group, "Stable", "connect", answer, readable=True)


def look_at(target: object, resource: Any = HEALTHY) -> Look:
    session = SimpleNamespace(settings=settings(), names=NAMES)
    found = Look(cast(Any, session), ())
    found.give(reading.resource, resource)
    found.give(reading.sides, cast(Any, SimpleNamespace(target=target)))
    found.give(reading.topics, Topics({}, {}, {"orders": "orders"}))
    return found


def read(*members: int | CouldNotRead) -> tuple[Workers, Sequence[str]]:
    target = Target(*members)
    return read_workers(look_at(target), Clock()), target.asked


def judged(members: int | Unread, resource: Any = HEALTHY) -> CheckResult:
    look = look_at(None, resource)
    look.give(workers, Workers(NAMES.group_id, "west", members))
    return CHECK.judge(look)


def test_a_mirror_without_a_worker_is_not_proven() -> None:
    """The operator was down and a node was drained: nobody made the worker's pod anew, nor wrote the status.
    On a source where nobody writes, every check passed.
    """
    result = judged(0)
    (finding,) = result.findings
    assert not result.passed
    assert f"no worker runs: Connect's group {NAMES.group_id} on west has no member" in finding.message
    assert finding.remedy.startswith("check that the Cluster Operator runs")
    assert result.facts["reconciling"] is False, "the alert must not wait for the operator"


def test_a_worker_is_enough() -> None:
    assert judged(1).passed
    assert judged(1).summary == "2 connectors and 2 tasks RUNNING"


def test_a_change_that_nobody_applies_does_not_hide_that_no_worker_runs() -> None:
    """MirrorDown (critical) waits for an operator that rolls workers. One that is down was taken for it after
    any change of the resource: nothing was mirrored, and a warning came after an hour.
    """
    waits = changed(observedGeneration=2)
    result = judged(0, waits)
    assert [one.subject for one in result.findings][1:] == ["workers"]
    assert result.facts["reconciling"] is False
    for members in (1, Unread("a broker restarts")):
        rolls = judged(members, waits)
        assert (len(rolls.findings), rolls.facts["reconciling"]) == (1, True)


def test_a_mirror_that_no_operator_has_made_yet_has_no_worker_to_miss() -> None:
    new = changed(conditions=[], connectors=None, observedGeneration=None)
    target = Target(0)
    [finding] = CHECK.judge(look_at(target, new)).findings
    assert "no operator has looked at it" in finding.message
    assert target.asked == []


def test_what_could_not_be_counted_is_said_and_fails_nothing() -> None:
    result = judged(Unread("listing group east-to-west of west: a broker restarts"))
    assert result.passed
    reason = "listing group east-to-west of west: a broker restarts"
    assert result.summary.endswith(f"; whether a worker runs is not known: {reason}")


@pytest.mark.parametrize("state", ["PAUSED", "FAILED"])
def test_nobody_is_asked_where_the_status_says_enough(state: str) -> None:
    target = Target(0)
    resource = changed(connectors=[connector(CHECKPOINT), connector(SOURCE, state)])
    assert len(CHECK.judge(look_at(target, resource)).findings) == 1
    assert target.asked == []


def test_members_of_connects_group_are_counted() -> None:
    found, asked = read(3)
    assert found == Workers(NAMES.group_id, "west", 3)
    assert asked == [NAMES.group_id]


def test_a_group_whose_coordinator_moves_is_asked_for_again() -> None:
    assert read(0, 0, 2)[0].members == 2
    found, asked = read(0)
    assert found.members == 0
    assert len(asked) == REJOIN_SECONDS + 1


def test_a_broker_that_does_not_answer_is_no_missing_worker() -> None:
    assert read(UNKNOWN)[0].members == Unread("listing group east-to-west of west: a broker restarts")
