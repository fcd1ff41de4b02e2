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
from mirror.verify.remedies import AFTER_PROMOTION
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
    [finding] = result.findings
    assert finding.subject == "KafkaMirrorMaker2 kafka/east-to-west"
    assert finding.message == "the operator has acted on generation 2, the newest is 3"
    assert finding.remedy.startswith("wait; if it lasts")


@pytest.mark.parametrize("absent", [SOURCE, CHECKPOINT])
def test_each_connector_must_be_there(absent: str) -> None:
    left = [one for one in HEALTHY["status"]["connectors"] if one["name"] != absent]
    result = judged(changed(connectors=left))
    [finding] = result.findings
    [other] = left
    assert finding.subject == absent
    assert finding.message == f"Connect runs no such connector; it runs: {other['name']}"
    assert finding.remedy == "wait for the operator, or look at its log"


def test_a_mirror_without_a_connector_says_so_for_both() -> None:
    findings = judged(changed(connectors=None)).findings
    assert [one.subject for one in findings] == [SOURCE, CHECKPOINT]
    assert {one.message for one in findings} == {"Connect runs no such connector; it runs: none"}


def test_a_failed_task_does_not_hide_that_the_other_connector_is_absent() -> None:
    findings = judged(changed(connectors=[connector(SOURCE, tasks=("FAILED",))])).findings
    assert [one.subject for one in findings] == [f"{SOURCE}, task 0", CHECKPOINT]


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


def test_what_connect_has_not_assigned_needs_patience_and_no_restart() -> None:
    for state in ("UNASSIGNED", "RESTARTING"):
        [finding] = judged(changed(connectors=[connector(CHECKPOINT), connector(SOURCE, state)])).findings
        assert (finding.subject, finding.message) == (SOURCE, f"it is {state}")
        assert finding.remedy.startswith("wait for Connect to assign it")


def test_connectors_that_a_promotion_has_stopped_are_not_to_be_started() -> None:
    stopped = connector(SOURCE, "STOPPED", ())
    [finding] = judged(changed(connectors=[connector(CHECKPOINT), stopped]), state="promoted").findings
    assert finding.remedy == AFTER_PROMOTION


def test_a_failed_connector_and_its_failed_tasks_are_findings_of_their_own() -> None:
    failed = connector(SOURCE, "FAILED", ("FAILED", "RUNNING"))
    findings = judged(changed(connectors=[connector(CHECKPOINT), failed])).findings
    assert [one.subject for one in findings] == [SOURCE, f"{SOURCE}, task 0"]
    assert all(one.remedy.startswith("read the trace, remove the cause") for one in findings)


def test_the_facts_hold_states_and_warnings() -> None:
    warning = {"type": "Warning", "status": "True", "reason": "Deprecated", "message": "a field\nis old"}
    ready = {"type": "Ready", "status": "True"}
    result = judged(
        changed(conditions=[ready, warning], connectors=[connector(CHECKPOINT), connector(SOURCE, tasks=())])
    )
    assert result.name == "connectors-running"
    assert result.facts == {
        "connectors": [
            {"name": CHECKPOINT, "state": "RUNNING", "tasks": ["RUNNING"]},
            {"name": SOURCE, "state": "RUNNING", "tasks": []},
        ],
        "warnings": ["Deprecated: a field is old"],
    }
    assert result.summary == "1 connectors, tasks or resources are not running as they should"
    [finding] = result.findings
    assert (finding.subject, finding.message) == (
        SOURCE,
        "no task is running, so nothing is mirrored (source topics match)",
    )
    assert "Describe and Read on the topics" in finding.remedy


def test_a_resource_that_no_operator_has_made_ready() -> None:
    false = {"type": "Ready", "status": "False"}
    other = {"type": "Other", "status": "True"}
    subject = "KafkaMirrorMaker2 kafka/east-to-west"
    [finding] = judged(changed(conditions=[false], connectors=[])).findings
    assert (finding.subject, finding.message) == (
        subject,
        "it has no status yet: no operator has looked at it",
    )
    assert finding.remedy == "check that the Cluster Operator runs and watches this namespace"
    [finding] = judged(changed(conditions=[other])).findings
    assert (finding.subject, finding.message) == (subject, "it is not Ready")
    assert finding.remedy == "look at the Cluster Operator's log"


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
    assert first_line(TRACE) == (
        "org.apache.kafka.connect.errors.ConnectException: Unrecoverable exception (caused by: "
        "org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized)"
    )
    assert first_line("one\nCaused by: two") == "one (caused by: two)"
    assert first_line("one\nCaused by: two\n\tat x\nCaused by: three") == "one (caused by: three)"


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
