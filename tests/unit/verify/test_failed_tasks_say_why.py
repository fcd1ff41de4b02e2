"""connectors-running: the cause in a task's trace, and the setting behind a known cause."""

from __future__ import annotations

import pytest

from mirror.verify.values.restarts import first_line
from tests.unit.verify.connectors import CHECKPOINT, SOURCE, TRACE, changed, connector, judged


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
    assert finding.remedy == (
        "read the trace, and remove the cause; then restart it: `kubectl -n kafka annotate kafkamirrormaker2 "
        f"east-to-west 'strimzi.io/restart-connector-task={SOURCE}:1'`"
    )


def test_a_failed_connector_and_its_failed_tasks_are_findings_of_their_own() -> None:
    failed = connector(SOURCE, "FAILED", ("FAILED", "RUNNING"))
    findings = judged(changed(connectors=[connector(CHECKPOINT), failed])).findings
    assert [one.subject for one in findings] == [SOURCE, f"{SOURCE}, task 0"]
    assert all(one.remedy.startswith("read the trace, and remove the cause") for one in findings)
    assert findings[0].remedy.endswith(f"'strimzi.io/restart-connector={SOURCE}'`")
    assert findings[1].remedy.endswith(f"'strimzi.io/restart-connector-task={SOURCE}:0'`")


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
        (  # With exactly-once delivery, the trace has no more of it.
            "Failed to flush offsets and/or records for task 0\nCaused by: org.apache.kafka.common.errors."
            "InvalidTimestampException: One or more records have been rejected due to invalid timestamp",
            ("log.message.timestamp.before.max.ms", "log.message.timestamp.after.max.ms"),
        ),
        (
            "InvalidTimestampException: Timestamp 1700 of message with offset 0 is out of range. The "
            "timestamp should be within [1, 2]",
            ("log.message.timestamp.before.max.ms", "log.message.timestamp.after.max.ms"),
        ),
        (
            "common.InvalidRecordException: Invalid record timestamp -6",
            ("before 1970", "strimzi.io/connector-offsets=alter", "which the target then never gets"),
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
