"""Writes docs/strimzi-examples.md: each documented case as a stack file, and where and why ours differs."""

from __future__ import annotations

from tests.program.strimzi.cases import CASES, Case
from tests.program.strimzi.comparison import ABSENT, differences

WHY = {
    "checkpointConnector.autoRestart.enabled": (
        "A task that failed stays failed, while the resource says Ready. `mirror.auto_restart_max` limits it."
    ),
    "checkpointConnector.config.emit.checkpoints.interval.seconds": (
        "A group that moves reads again what it read since the last checkpoint."
    ),
    "checkpointConnector.config.offset-syncs.topic.location": (
        "The source user needs no write right (KIP-716). Both connectors have to say it alike."
    ),
    "checkpointConnector.config.refresh.groups.interval.seconds": (
        "Offsets of a new group are translated after half a minute, not after ten."
    ),
    "checkpointConnector.config.sync.group.offsets.enabled": (
        "Consumers resume where they stood; without it they need a tool of their own (KIP-545)."
    ),
    "checkpointConnector.config.sync.group.offsets.interval.seconds": (
        "As with checkpoints: what was read since is read again."
    ),
    "source.authentication": (
        "The mirror reads as a user with its rights and no more; its credential is a copy beside the mirror."
    ),
    "source.bootstrapServers": "The TLS listener.",
    "source.tls": (
        "Always TLS. The CA's Secret is a copy in the target's namespace, where Strimzi looks for it, kept "
        "up to date by each `pulumi up`."
    ),
    "sourceConnector": "Without it no record is copied.",
    "sourceConnector.autoRestart.enabled": "As for the checkpoint connector.",
    "sourceConnector.config.exactly.once.support": (
        "Refuses to start where records could arrive twice. `mirror.exactly_once: false` gives it up."
    ),
    "sourceConnector.config.heartbeats.replication.enabled": (
        "Else topics named heartbeats are mirrored although no pattern asks for them, and need rights."
    ),
    "sourceConnector.config.offset-syncs.topic.location": "As in the checkpoint connector.",
    "sourceConnector.config.offset.lag.max": (
        "Every commit brings a sync; more of them overwrite a partition's first one (`OffsetSyncWriter`)."
    ),
    "sourceConnector.config.producer.override.batch.size": "The profile: `python -m mirror explain`.",
    "sourceConnector.config.producer.override.buffer.memory": "The profile.",
    "sourceConnector.config.producer.override.linger.ms": "The profile.",
    "sourceConnector.config.refresh.topics.interval.seconds": (
        "A new topic is mirrored after half a minute, not after ten."
    ),
    "sourceConnector.config.source.consumer.isolation.level": (
        "Aborted transactions stay on the source; exactly-once needs it (KIP-618)."
    ),
    "sourceConnector.config.source.consumer.max.poll.records": "The profile: one poll is one transaction.",
    "sourceConnector.config.sync.topic.configs.interval.seconds": (
        "A topic's configuration follows after a minute, not after ten."
    ),
    "target.authentication": "The mirror has a user of its own, with the rights of this mirror alone.",
    "target.bootstrapServers": "The TLS listener.",
    "target.config.exactly.once.source.support": "Exactly-once is the workers' affair too (KIP-618).",
    "target.config.offset.flush.interval.ms": "The profile: how soon the position on quiet topics is known.",
    "target.config.offset.flush.timeout.ms": "The profile.",
    "target.config.scheduled.rebalance.max.delay.ms": (
        "Tasks of a lost worker stay unassigned for one minute instead of five (KIP-415)."
    ),
    "target.config.plugin.discovery": (
        "Not ours to switch: it would hide plug-ins of an own `workers.image` that lack a service manifest "
        "(KIP-898). `mirror.config.worker` can say it."
    ),
    "target.groupId": "Derived from the mirror's name, so that no two are equal; `mirror.group_id`.",
    "target.tls": "Always TLS, trusting Strimzi's own Secret.",
    "topicsExcludePattern": (
        "Connect's topics of the mirror that runs the other way, which `.*` matches too: without `__` before "
        "their names MM2 does not leave them out by itself."
    ),
}
"""Keyed by the property. Every difference has a reason, and every reason a difference."""

_HEAD = """\
<!-- Written by `pytest tests/program/test_strimzi_examples.py --update-golden`; do not edit. -->
# Strimzi's examples as stack files

**I know one of Strimzi's examples of KafkaMirrorMaker2. What does it look like here, and what is different?**
Below each documented case of Strimzi 1.2.0 stands as a stack file. A test renders it and compares it with the
example, property by property. What is not in this table is the same, or is Kafka's default written out.

`<mirror>`, `<source>` and `<target>` stand for the names; *Kafka's* is what Kafka does where the example says
nothing. To get a value of the example back, set the setting that is named, or else `mirror.config`.

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
    return f"{prefix}`{value.removeprefix(prefix)}`".replace("|", "\\|")


def _all(values: list[str]) -> str:
    distinct = dict.fromkeys(values)
    said = [value for value in distinct if value.removeprefix("Kafka's ") == value]
    return " or ".join(value for value in distinct if value in said or value[8:] not in said)


def _cases(numbers: list[str]) -> str:
    distinct = list(dict.fromkeys(numbers))
    return "all" if len(distinct) == len(CASES) else ", ".join(distinct)
