"""connectors-running: what Strimzi's status says, judged piece by piece."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from mirror.clients.records import TopicPartition, Unread
from mirror.clients.topics import Topics
from mirror.verify.checks.connectors_running import CHECK, first_line, judge
from mirror.verify.reading import look as reading
from mirror.verify.reading.look import Look
from mirror.verify.report import CheckResult
from settings.names import Names
from tests.unit.support.made_up import ORDERS, settings

SOURCE, CHECKPOINT = "east->west.MirrorSourceConnector", "east->west.MirrorCheckpointConnector"
TRACE = """org.apache.kafka.connect.errors.ConnectException: Unrecoverable exception
\tat org.apache.kafka.connect.Somewhere(Somewhere.java:1)
Caused by: org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized
\t... 3 more"""


def connector(name: str, state: str = "RUNNING", tasks: tuple[str, ...] = ("RUNNING",)) -> dict[str, Any]:
    return {
        "name": name,
        "connector": {"state": state, "worker_id": "w"},
        "tasks": [{"id": number, "state": task, "worker_id": "w"} for number, task in enumerate(tasks)],
    }


HEALTHY: dict[str, Any] = {
    "metadata": {"name": "east-to-west", "namespace": "kafka", "generation": 3},
    "status": {
        "observedGeneration": 3,
        "conditions": [{"type": "Ready", "status": "True"}],
        "connectors": [connector(CHECKPOINT), connector(SOURCE)],
    },
}


def judged(
    resource: dict[str, Any], *, topics_match: bool = True, groups_match: bool = False, state: str = "running"
) -> CheckResult:
    return judge(
        resource,
        Names.of(settings()),
        topics_match=topics_match,
        groups_match=groups_match,
        declared_state=state,
    )


def changed(**status: Any) -> dict[str, Any]:
    resource = copy.deepcopy(HEALTHY)
    resource["status"] |= status
    return resource


def test_a_healthy_mirror_passes() -> None:
    result = judged(HEALTHY)
    assert result.passed
    assert result.summary == "2 connectors and 2 tasks RUNNING"


def test_not_ready_is_a_condition_of_its_own_with_status_true() -> None:
    condition = {
        "type": "NotReady",
        "status": "True",
        "reason": "InvalidResourceException",
        "message": "no\nsecret",
    }
    result = judged(changed(conditions=[condition], connectors=[]))
    assert [finding.message for finding in result.findings] == [
        "NotReady, InvalidResourceException: no secret"
    ]


def test_no_status_means_no_operator() -> None:
    result = judged({"metadata": HEALTHY["metadata"]})
    assert "no operator" in result.findings[0].message


def test_paused_reconciliation_is_found() -> None:
    result = judged(changed(conditions=[{"type": "ReconciliationPaused", "status": "True"}], connectors=None))
    assert [finding.remedy for finding in result.findings] == [
        "remove the annotation strimzi.io/pause-reconciliation"
    ]


def test_a_generation_not_observed_yet_is_found() -> None:
    result = judged(changed(observedGeneration=2))
    assert "acted on generation 2, the newest is 3" in result.findings[0].message


@pytest.mark.parametrize("absent", [SOURCE, CHECKPOINT])
def test_each_connector_must_be_there(absent: str) -> None:
    left = [one for one in HEALTHY["status"]["connectors"] if one["name"] != absent]
    result = judged(changed(connectors=left))
    assert [finding.subject for finding in result.findings] == [absent]


def test_ready_with_a_failed_task_fails_and_names_task_and_trace() -> None:
    failed = connector(SOURCE, tasks=("RUNNING", "FAILED"))
    failed["tasks"][1]["trace"] = TRACE
    result = judged(changed(connectors=[connector(CHECKPOINT), failed]))
    [finding] = result.findings
    assert finding.subject == f"{SOURCE}, task 1"
    assert (
        "FAILED: org.apache.kafka.connect.errors.ConnectException: Unrecoverable exception" in finding.message
    )
    assert "TopicAuthorizationException" in finding.message
    assert "\n" not in finding.message
    assert "restart-connector" in finding.remedy


def test_a_paused_connector_is_one_finding_whatever_its_tasks_say() -> None:
    paused = connector(SOURCE, "PAUSED", ("PAUSED", "PAUSED"))
    result = judged(changed(connectors=[connector(CHECKPOINT), paused]))
    assert [finding.message for finding in result.findings] == ["it is PAUSED"]
    assert "resumes it" in result.findings[0].remedy


def test_a_pause_that_the_stack_declares_is_said_so() -> None:
    paused = connector(SOURCE, "PAUSED", ("PAUSED",))
    result = judged(changed(connectors=[connector(CHECKPOINT), paused]), state="paused")
    assert "mirror.state: running" in result.findings[0].remedy


def test_a_mirror_that_is_stopped_on_purpose_is_one_finding_without_a_word_on_acls() -> None:
    stopped = connector(SOURCE, "STOPPED", ())
    [finding] = judged(changed(connectors=[connector(CHECKPOINT), stopped]), state="stopped").findings
    assert finding.message == "it is STOPPED"
    assert "mirror.state: running" in finding.remedy
    assert "ACL" not in finding.remedy


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
        session = SimpleNamespace(settings=settings(), names=Names.of(settings()))
        found = Look(session, ())  # type: ignore[arg-type]
        found.give(reading.resource, resource)
        found.give(reading.sides, SimpleNamespace(source=source))  # type: ignore[arg-type]
        found.give(reading.topics, Topics({}, {}, {ORDERS.topic: ORDERS.topic}))
        return CHECK.judge(found)

    assert of(HEALTHY).passed
    assert source.asked == 0
    assert of(changed(connectors=[connector(CHECKPOINT, tasks=()), connector(SOURCE)])).passed is passed
    assert source.asked == 1


def test_a_checkpoint_connector_without_groups_needs_no_task() -> None:
    assert judged(changed(connectors=[connector(CHECKPOINT, tasks=()), connector(SOURCE)])).passed


def test_a_trace_is_its_first_line_and_its_root_cause() -> None:
    assert first_line("") == ""
    assert first_line("one\n\tat x") == "one"
    assert first_line(TRACE).endswith("Not authorized)")


@pytest.mark.parametrize(
    ("cause", "settings_named"),
    [
        (
            "RecordTooLargeException: The message is 2097239 bytes when serialized",
            ("mirror.expected_record_bytes", "producer.override.max.request.size"),
        ),
        (
            "InvalidTimestampException: Timestamp 1700 of message with offset 0 is out of range. The "
            "timestamp should be within [1, 2]",
            ("log.message.timestamp.before.max.ms", "log.message.timestamp.after.max.ms"),
        ),
    ],
)
def test_the_remedy_names_the_setting_behind_a_known_cause(
    cause: str, settings_named: tuple[str, ...]
) -> None:
    failed = connector(SOURCE, tasks=("FAILED",))
    failed["tasks"][0]["trace"] = f"ConnectException: x\n\tat x\nCaused by: org.apache.kafka.{cause}"
    (finding,) = judged(changed(connectors=[connector(CHECKPOINT), failed])).findings
    assert all(setting in finding.remedy for setting in settings_named)
