"""What a trace of Connect, or a missing task, says is to be done, and what restarts a connector or a task.

`strimzi.io/restart-connector` restarts the connector alone: its tasks go on, or stay FAILED (Connect's
`POST /connectors/NAME/restart`, KIP-745). A task has an annotation of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mirror.verify.remedies import or_else

_CAUSES = (
    (
        re.compile("RecordTooLargeException"),
        "MM2's producer compares a record before compression with `max.request.size`: set "
        "`mirror.expected_record_bytes` to the size of the largest records, or "
        "`producer.override.max.request.size` under `mirror.config.source_connector`, and deploy",
    ),
    (
        re.compile(r"InvalidTimestampException|[Tt]imestamp\b.*\bout of range"),
        "MM2 keeps the source's timestamps, and the target refuses them: raise "
        "`log.message.timestamp.before.max.ms` (for the future `log.message.timestamp.after.max.ms`) in the "
        "target's Kafka resource, and deploy",
    ),
    (
        re.compile(r"Invalid record timestamp -\d"),
        or_else(
            "Connect copies no record with a timestamp before 1970, and MM2 stops at it: correct the "
            "producer, and wait until retention has removed the record on the source",
            "replace MM2's offset of the partition by that of the record, which the target then never gets",
            "stop the source connector, set the offset (strimzi.io/connector-offsets=alter), start it again",
        ),
    ),
)
"""The remedy for each cause that a trace names (`KafkaProducer.ensureValidRecordSize`, `LogValidator`,
`ConnectUtils.checkAndConvertTimestamp`)."""

NOTHING_MIRRORED = (
    "no task is running, so nothing is mirrored (source topics match)",
    "wait for the first refresh of topics; then look at the worker's log and at the source user's ACLs "
    "(Describe and Read on the topics)",
)
NOTHING_TRANSLATED = (
    "no task is running, so no group is translated (groups with offsets on mirrored topics match)",
    "wait for the first refresh of groups; then look at the worker's log and at the source user's ACLs "
    "(Describe on the groups), and restart the connector",
)
"""Message and remedy of a connector that is RUNNING without a task, where it has something to do."""


def restart(resource: Mapping[str, Any], connector: str, task: object = None) -> str:
    """Return the command that restarts the connector, or one of its tasks."""
    metadata = resource.get("metadata") or {}
    what = f"restart-connector={connector}"
    if task is not None:
        what = f"restart-connector-task={connector}:{task}"
    where = f"-n {metadata.get('namespace')} annotate kafkamirrormaker2 {metadata.get('name')}"
    return f"`kubectl {where} 'strimzi.io/{what}'`"


def after_failure(trace: str, again: str) -> str:
    """Return the remedy of something FAILED. `again`: the command that restarts it."""
    known = next((remedy for cause, remedy in _CAUSES if cause.search(trace)), None)
    return f"{known or 'read the trace, and remove the cause'}; then restart it: {again}"


def first_line(trace: object) -> str:
    """The first line of a Java stack trace, and what in the end caused it."""
    lines = [line.strip() for line in str(trace or "").splitlines() if line.strip()]
    if not lines:
        return ""
    causes = [line for line in lines[1:] if line.startswith("Caused by: ")]
    return lines[0] + (f" ({causes[-1][0].lower()}{causes[-1][1:]})" if causes else "")
