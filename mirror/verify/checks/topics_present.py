"""topics-present: every source topic that the filter matches is on the target, with its partitions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from manifests.strimzi.deployed_flow import left_out
from manifests.strimzi.resource import read_mirror_maker2
from mirror.clients.records import Topic
from mirror.mm2.phase import AT_REST
from mirror.problems import CouldNotRead, Finding
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.verify.check import Check
from mirror.verify.reading.look import Look, resource, topics
from mirror.verify.reading.parts import committed, lags
from mirror.verify.reading.refused_topics import MissingTopic, missing_topics
from mirror.verify.reading.source_permissions import source_permissions
from mirror.verify.remedies import RESET_OF_THE_TOPIC, declared, or_else
from mirror.verify.report import CheckResult
from mirror.verify.values.hidden_names import hidden_finding, seen_by
from mirror.verify.values.partition_lag import behind
from mirror.verify.values.refused_topic import to_exclude
from settings.patterns import unmatched
from settings.scopes import Scope

NAME = "topics-present"
_SUBJECT = "mirror.topics"


@dataclass(frozen=True, slots=True)
class MirrorNow:
    """Why topics may have no copy: what decides whether the connectors run (`Look.declared_state`), what is
    known of the topics without a copy, and how many partitions of other topics are late.
    """

    state: str = "running"
    missing: Mapping[str, MissingTopic] = field(default_factory=dict)
    late: int = 0
    moved: bool = False
    """Whether topics that the source has were moved in parts: these may be all that there is."""
    left_out: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Matched topics that the deployed mirror does not take, by the field that leaves them out."""
    own: frozenset[str] = frozenset()
    """Matched topics that hold records of the mirror itself."""


RUNNING = MirrorNow()


def judge(
    matched: Mapping[str, str],
    source: Mapping[str, Topic],
    target: Mapping[str, Topic],
    *,
    replication_factor: int,
    unmatched_patterns: Sequence[str] = (),
    mirror: MirrorNow = RUNNING,
    user: str = "",
    hidden: Sequence[Scope] | None = (),
) -> CheckResult:
    """`matched` maps each matched source topic to its name on the target; `replication_factor` -1 means the
    target broker's default, so any; `unmatched_patterns`, which match no source topic, are reported, but do
    not fail the check. `hidden` are the scopes of topics that the source user `user` may not describe, None
    where its ACLs are not known.
    """
    findings: list[Finding] = []
    if matched.keys() <= mirror.own and not mirror.moved:
        findings.append(_nothing(len(source), matched))
    findings += [hidden_finding("topic", one, user) for one in hidden or ()]
    for name, remote in sorted(matched.items()):
        if remote in target:
            findings += _copy(source[name], target[remote], replication_factor, mirror.state)
        else:
            findings.append(_absent(source[name], remote, mirror))
    partitions = sum(source[name].partitions for name in matched)
    summary = f"{counted(len(matched), 'topic')} with {counted(partitions, 'partition')} are on the target"
    if hidden is None:
        summary += f", {seen_by('topic', user, hidden)}"
    wrong = len({finding.subject for finding in findings} - {_SUBJECT})
    if wrong:
        summary = (
            f"{wrong} of {len(matched)} topics are missing on the target, or differ in partitions or replicas"
        )
    if hidden:
        summary += f"; {seen_by('topic', user, hidden)}"
    if mirror.left_out:
        findings += [_left_out(where, names) for where, names in mirror.left_out.items()]
        count = sum(map(len, mirror.left_out.values()))
        summary += f"; the KafkaMirrorMaker2 leaves out {counted(count, 'topic')}"
    copies = [target[remote] for remote in matched.values() if remote in target]
    # Nothing is less safe by it: while a partition is moved (Cruise Control), it has the replicas of both.
    if replication_factor != -1 and (
        more := sum(one.replication_factor > replication_factor for one in copies)
    ):
        summary += f"; {counted(more, 'topic')} with more than {replication_factor} replicas"
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
        **({"left_out": dict(mirror.left_out)} if mirror.left_out else {}),
        "refused": {
            name: [str(each) for each in one.refused] for name, one in sorted(mirror.missing.items())
        },
    }
    return CheckResult.of(NAME, summary, findings, facts)


def nothing_mirrored(look: Look) -> Finding | None:
    """What is wrong where no topic of clients is mirrored; None where one is, or was moved in parts."""
    nothing = look.topics.nothing_of_clients and not _moved(look)
    return _nothing(len(look.topics.source), look.topics.matched) if nothing else None


def _nothing(seen: int, own: Collection[str]) -> Finding:
    but = f", but for the mirror's own {few(sorted(own))}" if own else ""
    return Finding(
        _SUBJECT,
        f"none of the {seen} topics that the source user sees matches `mirror.topics`{but}: nothing is "
        "mirrored",
        "check the patterns, and that the source user may Describe the topics",
    )


def _moved(look: Look) -> bool:
    return any(topic in look.topics.source for topic in look.settings.mirror.moved.topics)


def _absent(source: Topic, remote: str, mirror: MirrorNow) -> Finding:
    """A topic without a copy: the target refuses it, MM2 has not created it yet, or somebody deleted it."""
    state, missing = mirror.state, mirror.missing.get(source.name, MissingTopic())
    named = "" if remote == source.name else f" as {remote}"
    message = f"it is not on the target{named}"
    if mirror.late and state == "running":
        message += (
            f", and {mirror.late} partitions of other topics are late: a topic that the target refuses to "
            "create stalls every topic of its task, although connector and task are RUNNING"
        )
    if missing.refused:
        message += f". The target refuses {'; '.join(map(str, missing.refused))}"
        return Finding(source.name, message, declared(state, to_exclude(missing.refused)))
    keeps = (
        "wait for `mirror.refresh_topics_interval_seconds`: MM2 creates it. If it was deleted on the "
        "target, its records are gone there, and MM2 continues after them"
    )
    if mirror.late and missing.copied:
        keeps = (
            'look for "Could not create topic" in the worker\'s log, which names the refused property or '
            f"policy; MM2 would set {', '.join(missing.copied)}. Add a refused property to "
            "`mirror.topic_configs_exclude` and deploy"
        )
    partitions = f"the {source.partitions} partitions of this topic"
    effect = f"rewind {partitions}: MM2 mirrors every record that the source still has"
    steps = f"stop the source connector, {RESET_OF_THE_TOPIC}, start it again"
    return Finding(source.name, message, declared(state, or_else(keeps, effect, steps)))


def _copy(source: Topic, copy: Topic, replication_factor: int, state: str) -> list[Finding]:
    findings = []
    if copy.partitions < source.partitions:
        message = f"it has {source.partitions} partitions on the source, {copy.partitions} on the target"
        remedy = "wait for the next refresh of topics: MM2 adds partitions; it needs Alter on the topic"
        findings.append(Finding(source.name, message, declared(state, remedy)))
    if copy.replication_factor < replication_factor:
        message = (
            f"its replication factor on the target is {copy.replication_factor}, "
            f"the stack file asks for {replication_factor}"
        )
        remedy = "MM2 sets it only when it creates a topic: reassign the partitions (or Cruise Control)"
        findings.append(Finding(source.name, message, remedy))
    return findings


def _left_out(where: str, names: Sequence[str]) -> Finding:
    return Finding(
        where,
        f"in the KafkaMirrorMaker2 it leaves out what the stack file mirrors: {few(names)}. MM2 copies no "
        "new record of them, and no other check sees that while nobody writes",
        "somebody has changed it outside Pulumi (`region-mirror ci changed-by` says who and when), which "
        "`pulumi up` does not notice, or the stack file is not deployed yet. Correct the line there "
        "(`kubectl edit`), or leave the topics out in the stack file, too (`mirror.topics_exclude`), and "
        "deploy",
    )


def _of(look: Look) -> CheckResult:
    seen, mirror = look.topics, look.settings.mirror
    return judge(
        seen.matched,
        seen.source,
        seen.target,
        replication_factor=mirror.replication_factor,
        mirror=MirrorNow(
            look.declared_state,
            look.of(missing_topics),
            _late(look),
            _moved(look),
            _not_taken(look, look.resource),
            seen.own,
        ),
        unmatched_patterns=unmatched(mirror.topics, seen.source),
        user=look.settings.source.user,
        hidden=look.of(source_permissions).hidden_topics,
    )


def _not_taken(look: Look, resource: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """Nothing of a mirror that is stopped for good, or of another source, which other checks report."""
    flow = read_mirror_maker2(resource).flows.get(look.settings.source.alias)
    if flow is None or look.declared_state in AT_REST:
        return {}
    return left_out(flow, look.topics.matched)


def _late(look: Look) -> int:
    """How many partitions of topics with a copy are late; read only where a topic has none."""
    missing = look.of(missing_topics)
    if not missing:
        return 0
    with suppress(CouldNotRead):
        at, allowed = look.of(committed).at, look.settings.verification.max_lag_seconds
        return sum(
            behind(one, at).seconds > allowed for one in look.of(lags) if one.partition.topic not in missing
        )
    return 0


CHECK = Check(
    NAME,
    "every matched topic is on the target",
    reads=(resource, topics, source_permissions, missing_topics),
    judge=_of,
)
