"""topics-present: every source topic that the filter matches is on the target, with its partitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirror.clients.records import Topic
from mirror.problems import Finding
from mirror.verify.check import Check
from mirror.verify.reading.look import Look, topics
from mirror.verify.remedies import RESET_OF_THE_TOPIC, declared, or_else
from mirror.verify.report import CheckResult
from settings.patterns import matches

NAME = "topics-present"


def judge(
    matched: Mapping[str, str],
    source: Mapping[str, Topic],
    target: Mapping[str, Topic],
    *,
    replication_factor: int,
    unmatched_patterns: Sequence[str] = (),
    state: str = "running",
) -> CheckResult:
    """`matched` maps each matched source topic to its name on the target; `replication_factor` -1 means the
    target broker's default, so any; `unmatched_patterns`, which match no source topic,
    are reported, but do not fail the check. `state`: what the stack file declares (`mirror.state`).
    """
    findings: list[Finding] = []
    if not matched:
        message = (
            f"none of the {len(source)} topics that the source user sees matches `mirror.topics`: "
            "nothing is mirrored"
        )
        remedy = "check the patterns, and that the source user may Describe the topics"
        findings.append(Finding("mirror.topics", message, remedy))
    for name, remote in sorted(matched.items()):
        findings += _topic(source[name], remote, target.get(remote), replication_factor, state)
    partitions = sum(source[name].partitions for name in matched)
    summary = f"{len(matched)} topics with {partitions} partitions are on the target"
    if findings:
        wrong = len({finding.subject for finding in findings})
        summary = (
            f"{wrong} of {len(matched)} topics are missing on the target, or differ in partitions or replicas"
        )
    if unmatched_patterns:
        summary += f"; no topic matches {', '.join(unmatched_patterns)}"
    facts = {
        "topics": {
            name: {
                "remote": remote,
                "partitions": source[name].partitions,
                "target_partitions": target[remote].partitions if remote in target else None,
                "target_replication_factor": target[remote].replication_factor if remote in target else None,
            }
            for name, remote in sorted(matched.items())
        },
        "unmatched_patterns": list(unmatched_patterns),
    }
    return CheckResult.of(NAME, summary, findings, facts)


def _topic(
    source: Topic, remote: str, copy: Topic | None, replication_factor: int, state: str
) -> list[Finding]:
    if copy is None:
        named = "" if remote == source.name else f" as {remote}"
        message = f"it is not on the target{named}"
        remedy = or_else(
            "wait for `mirror.refresh_topics_interval_seconds`: MM2 creates it. If it was deleted on the "
            "target, its records are gone there, and MM2 continues after them",
            f"rewind the {source.partitions} partitions of this topic: MM2 mirrors every record that the "
            "source still has",
            f"stop the source connector, {RESET_OF_THE_TOPIC}, start it again",
        )
        return [Finding(source.name, message, declared(state, remedy))]
    findings = []
    if copy.partitions < source.partitions:
        message = f"it has {source.partitions} partitions on the source, {copy.partitions} on the target"
        remedy = "wait for the next refresh of topics: MM2 adds partitions; it needs Alter on the topic"
        findings.append(Finding(source.name, message, declared(state, remedy)))
    if replication_factor != -1 and copy.replication_factor != replication_factor:
        message = (
            f"its replication factor on the target is {copy.replication_factor}, "
            f"the stack file asks for {replication_factor}"
        )
        remedy = "MM2 sets it only when it creates a topic: reassign the partitions (or Cruise Control)"
        findings.append(Finding(source.name, message, remedy))
    return findings


def _of(look: Look) -> CheckResult:
    seen, mirror = look.topics, look.settings.mirror
    return judge(
        seen.matched,
        seen.source,
        seen.target,
        replication_factor=mirror.replication_factor,
        state=mirror.state,
        unmatched_patterns=[
            pattern
            for pattern in mirror.topics
            if not any(matches((pattern,), topic) for topic in seen.source)
        ],
    )


CHECK = Check(
    NAME,
    "every matched topic is on the target",
    reads=(topics,),
    judge=_of,
)
