"""topics-present: every source topic that the filter matches is on the target, with its partitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mirror.clients.records import Topic
from mirror.problems import Finding
from mirror.verify.check import Check
from mirror.verify.reading.look import Look, topics
from mirror.verify.reading.source_permissions import source_permissions
from mirror.verify.remedies import RESET_OF_THE_TOPIC, declared, or_else
from mirror.verify.report import CheckResult
from settings.patterns import matches
from settings.scopes import Scope

NAME = "topics-present"
_SUBJECT = "mirror.topics"


def judge(
    matched: Mapping[str, str],
    source: Mapping[str, Topic],
    target: Mapping[str, Topic],
    *,
    replication_factor: int,
    unmatched_patterns: Sequence[str] = (),
    state: str = "running",
    user: str = "",
    hidden: Sequence[Scope] | None = (),
) -> CheckResult:
    """`matched` maps each matched source topic to its name on the target; `replication_factor` -1 means the
    target broker's default, so any; `unmatched_patterns`, which match no source topic,
    are reported, but do not fail the check. `state`: what the stack file declares (`mirror.state`). `hidden`
    are the scopes of topics that the source user `user` may not describe, None where its ACLs are not known.
    """
    findings: list[Finding] = []
    if not matched:
        message = (
            f"none of the {len(source)} topics that the source user sees matches `mirror.topics`: "
            "nothing is mirrored"
        )
        remedy = "check the patterns, and that the source user may Describe the topics"
        findings.append(Finding(_SUBJECT, message, remedy))
    findings += [_hidden(one, user) for one in hidden or ()]
    for name, remote in sorted(matched.items()):
        findings += _topic(source[name], remote, target.get(remote), replication_factor, state)
    partitions = sum(source[name].partitions for name in matched)
    summary = f"{len(matched)} topics with {partitions} partitions are on the target"
    if hidden is None:
        summary += f", of the topics that {user} can see"
    wrong = len({finding.subject for finding in findings} - {_SUBJECT})
    if wrong:
        summary = (
            f"{wrong} of {len(matched)} topics are missing on the target, or differ in partitions or replicas"
        )
    if hidden:
        summary += f"; {user} may not see all topics that `mirror.topics` can match"
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


def _hidden(scope: Scope, user: str) -> Finding:
    where = f"topic {scope.name}{'*' if scope.pattern_type == 'prefix' else ''}"
    message = (
        f"{user} has no ACL by which it may Describe every {where}: Kafka hides the other topics, and they "
        "are not mirrored"
    )
    remedy = (
        "give it the ACLs that `python -m mirror source-user` prints, or narrow `mirror.topics` to the "
        "topics that it may see"
    )
    return Finding(_SUBJECT, message, remedy)


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
        state=mirror.declared_state,
        unmatched_patterns=[
            pattern
            for pattern in mirror.topics
            if not any(matches((pattern,), topic) for topic in seen.source)
        ],
        user=look.settings.source.user,
        hidden=look.of(source_permissions).hidden,
    )


CHECK = Check(
    NAME,
    "every matched topic is on the target",
    reads=(topics, source_permissions),
    judge=_of,
)
