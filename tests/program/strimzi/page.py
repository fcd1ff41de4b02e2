"""Writes docs/strimzi-examples.md: a stack file for each documented case, and the reasons for differences."""

from __future__ import annotations

from settings.markdown import table_cell
from tests.program.strimzi.cases import CASES, Case
from tests.program.strimzi.comparison import ABSENT, differences

WHY = {
    "checkpointConnector.autoRestart.enabled": (
        "Without it a failed task is never restarted, although the resource is Ready. "
        "`mirror.auto_restart_max` limits the restarts."
    ),
    "checkpointConnector.config.emit.checkpoints.interval.seconds": (
        "A group that moves to the target re-reads the records that it has read since the last checkpoint."
    ),
    "checkpointConnector.config.offset-syncs.topic.location": (
        "The source user needs no write permission (KIP-716). Both connectors must have the same value."
    ),
    "checkpointConnector.config.refresh.groups.interval.seconds": (
        "Offsets of a new group are translated after at most half a minute instead of ten minutes."
    ),
    "checkpointConnector.config.sync.group.offsets.enabled": (
        "Consumers resume at their offsets; without it they need a tool of their own (KIP-545)."
    ),
    "checkpointConnector.config.sync.group.offsets.interval.seconds": (
        "As for checkpoints: the group re-reads the records that it has read since the last sync."
    ),
    "logging": (
        "While the source refuses the login, MM2 repeats a warning thousands of times a second; one a second "
        "remains. ERROR is not limited. `workers.loggers` changes it or turns it off."
    ),
    "source.authentication": (
        "The mirror reads as a user with only the needed permissions; the credential is a copy beside the "
        "mirror."
    ),
    "source.bootstrapServers": "The TLS listener.",
    "source.tls": (
        "Always TLS. The Secret with the CA is a copy in the target's namespace, where Strimzi reads it; "
        "each `pulumi up` updates it."
    ),
    "sourceConnector": "Without it no record is copied.",
    "sourceConnector.autoRestart.enabled": "As for the checkpoint connector.",
    "sourceConnector.config.exactly.once.support": (
        "The connector does not start if records could be duplicated. `mirror.exactly_once: false` "
        "disables it."
    ),
    "sourceConnector.config.heartbeats.replication.enabled": (
        "Otherwise topics named heartbeats are mirrored although no pattern matches them, and need "
        "permissions."
    ),
    "sourceConnector.config.offset-syncs.topic.location": "As in the checkpoint connector.",
    "sourceConnector.config.offset.lag.max": (
        "Every commit sends a sync; additional syncs overwrite the first one of a partition "
        "(`OffsetSyncWriter`)."
    ),
    "sourceConnector.config.producer.override.batch.size": "The profile: `region-mirror explain`.",
    "sourceConnector.config.producer.override.buffer.memory": "The profile.",
    "sourceConnector.config.producer.override.linger.ms": "The profile.",
    "sourceConnector.config.producer.override.send.buffer.bytes": "The profile: the kernel chooses the size.",
    "sourceConnector.config.refresh.topics.interval.seconds": (
        "A new topic is mirrored after at most half a minute instead of ten minutes."
    ),
    "sourceConnector.config.source.consumer.allow.auto.create.topics": (
        "A topic that is deleted on the source stays deleted: MM2's consumer would create it anew."
    ),
    "sourceConnector.config.source.consumer.isolation.level": (
        "Records of aborted transactions are not mirrored; exactly-once requires it (KIP-618)."
    ),
    "sourceConnector.config.source.consumer.max.poll.records": "The profile: one poll is one transaction.",
    "sourceConnector.config.source.consumer.receive.buffer.bytes": (
        "The profile: the kernel chooses the size."
    ),
    "sourceConnector.config.sync.topic.configs.interval.seconds": (
        "A change of a topic's configuration is copied after at most one minute instead of ten."
    ),
    "target.authentication": (
        "The mirror has a user of its own, with only the permissions that this mirror needs."
    ),
    "target.bootstrapServers": "The TLS listener.",
    "target.config.exactly.once.source.support": (
        "Exactly-once must be enabled for the workers too (KIP-618)."
    ),
    "target.config.offset.flush.interval.ms": (
        "The profile: the delay until positions of idle topics are committed."
    ),
    "target.config.offset.flush.timeout.ms": "The profile.",
    "target.config.scheduled.rebalance.max.delay.ms": (
        "Tasks of a lost worker stay unassigned for one minute instead of five (KIP-415)."
    ),
    "target.config.plugin.discovery": (
        "Not set, because it would hide plug-ins without a service manifest in your own `workers.image` "
        "(KIP-898). `mirror.config.worker` can set it."
    ),
    "target.groupId": (
        "Derived from the name of the mirror, so that it is unique; `mirror.group_id` overrides it."
    ),
    "target.tls": "Always TLS, trusting Strimzi's own Secret.",
    "topicsExcludePattern": (
        "Connect's topics of the mirror in the other direction. `.*` matches them too, and MM2 excludes them "
        "only if their names begin with `__`."
    ),
}
"""The reason for each difference, by property. There is no reason without a difference."""

_HEAD = """\
<!-- Written by `pytest tests/program/test_strimzi_examples.py --update-golden`; do not edit. -->
# Strimzi's examples as stack files

**I know one of Strimzi's examples of KafkaMirrorMaker2. What does it look like here, and what is different?**
Below is a stack file for each documented case of Strimzi 1.2.0. A test renders it and compares it with the
example, property by property. Properties that are not in this table are equal, or have Kafka's default.

`<mirror>`, `<source>` and `<target>` are placeholders for the names. *Kafka's* marks Kafka's default, where
the example does not set the property. To use the value of the example, set the named setting, or
`mirror.config`.

| Property | Strimzi's example | Ours | Cases | Why |
| --- | --- | --- | --- | --- |
"""


def page() -> str:
    """Return the page."""
    rows: dict[str, dict[str, list[str]]] = {}
    for number, case in enumerate(CASES, start=1):
        for difference in (one for mirror in differences(case) for one in mirror):
            row = rows.setdefault(difference.path, {"theirs": [], "ours": [], "cases": []})
            row["theirs"].append(_code(difference.theirs))
            row["ours"].append(_code(difference.ours))
            row["cases"].append(str(number))
    lines = [
        f"| `{path}` | {_all(row['theirs'])} | {_all(row['ours'])} | {_cases(row['cases'])} | {WHY[path]} |"
        for path, row in sorted(rows.items())
    ]
    sections = [_section(number, case) for number, case in enumerate(CASES, start=1)]
    return _HEAD + "\n".join(lines) + "\n" + "".join(sections)


def _section(number: int, case: Case) -> str:
    note = f"\n{case.note}\n" if case.note else ""
    where = case.where if " " in case.where else f"`packaging/examples/{case.where}`"
    return f"\n## {number}. {case.title}\n\nStrimzi: {where}.\n{note}\n```yaml\n{case.stack}```\n"


def _code(value: str) -> str:
    if value == ABSENT:
        return "none"
    prefix = "Kafka's " if value.startswith("Kafka's ") else ""
    return table_cell(f"{prefix}`{value.removeprefix(prefix)}`")


def _all(values: list[str]) -> str:
    distinct = dict.fromkeys(values)
    said = [value for value in distinct if value.removeprefix("Kafka's ") == value]
    return " or ".join(value for value in distinct if value in said or value[8:] not in said)


def _cases(numbers: list[str]) -> str:
    distinct = list(dict.fromkeys(numbers))
    return "all" if len(distinct) == len(CASES) else ", ".join(distinct)
