"""internal-topics-safe: Connect's and MM2's own topics lose no record to retention or a lost broker.

Connect refuses to start on a topic of configs, offsets or statuses whose `cleanup.policy` is not `compact`
alone (`TopicAdmin.verifyTopicCleanupPolicyOnlyCompact`), and on a topic of configs with several partitions
(`KafkaConfigBackingStore`); once started it looks no more. MM2 makes checkpoints and offset syncs compacted
(`MirrorUtils.createSinglePartitionCompactedTopic`), and never looks at what is there.
"""

from __future__ import annotations

from collections.abc import Sequence

from mirror.clients.records import Unread
from mirror.problems import Finding
from mirror.verify.check import Check
from mirror.verify.reading.configs import internal_topics
from mirror.verify.reading.look import Look
from mirror.verify.remedies import or_else
from mirror.verify.report import CheckResult
from mirror.verify.values.internal_topic import POLICY, InternalTopic

NAME = "internal-topics-safe"


def judge(topics: Sequence[InternalTopic]) -> CheckResult:
    """Passes where each is there, is compacted and nothing else, and has its replicas."""
    findings = [finding for one in topics for finding in _findings(one)]
    if findings:
        wrong = len({finding.subject for finding in findings})
        summary = f"{wrong} of {len(topics)} internal topics may lose their records"
    else:
        fewest = min((one.topic.replication_factor for one in topics if one.topic), default=0)
        summary = f"{len(topics)} internal topics are compacted, with {fewest} replicas or more"
    facts = {
        one.name: {
            "role": one.role,
            "cluster": one.where,
            "cleanup_policy": _policy(one),
            "partitions": one.topic.partitions if one.topic else None,
            "replication_factor": one.topic.replication_factor if one.topic else None,
            "replication_factor_needed": one.replicas,
        }
        for one in topics
    }
    return CheckResult.of(NAME, summary, findings, {"topics": facts})


def _findings(one: InternalTopic) -> list[Finding]:
    if one.topic is None:
        message = f"{one.role} is not on {one.where}, or the {one.user} may not Describe it"
        remedy = "the mirror makes it when it starts: look at the worker's log and its user's ACLs"
        return [Finding(one.name, message, remedy)]
    found = []
    policy = _policy(one)
    if isinstance(one.config, Unread):
        message = f"{one.role}: its configuration could not be read: {one.config.reason}"
        found.append(Finding(one.name, message, f"the {one.user} needs DescribeConfigs on the topic"))
    elif policy != "compact":
        message = f"{one.role} has {POLICY} {policy or '(none)'}, not compact: in time {one.holds}"
        where = f"--entity-type topics --entity-name {one.name}"
        remedy = or_else(
            "correct it in what declares the topic, where something does (a KafkaTopic)",
            "destroy records of keys that have a newer record, and no other: nobody reads them",
            f"kafka-configs.sh --alter {where} --add-config {POLICY}=compact",
        )
        found.append(Finding(one.name, message, remedy))
    if one.topic.replication_factor < one.replicas:
        message = (
            f"{one.role} has {one.topic.replication_factor} replicas, and needs {one.replicas} "
            f"({one.where} has {one.brokers} brokers)"
        )
        remedy = "reassign its partitions (Cruise Control): the setting counts only when the topic is made"
        found.append(Finding(one.name, message, remedy))
    if one.one_partition and one.topic.partitions != 1:
        message = f"{one.role} has {one.topic.partitions} partitions, and Connect starts with exactly 1"
        remedy = or_else(
            "there is no way that keeps it: Connect cannot start with it, and partitions cannot be removed",
            f"destroy its {one.topic.partitions} partitions; MM2's positions are in another topic and remain",
            "stop the mirror, delete the topic and `pulumi up`: Strimzi configures the connectors again",
        )
        found.append(Finding(one.name, message, remedy))
    return found


def _policy(one: InternalTopic) -> str | None:
    if isinstance(one.config, Unread) or POLICY not in one.config:
        return None
    return one.config[POLICY].value


def _of(look: Look) -> CheckResult:
    return judge(look.of(internal_topics))


CHECK = Check(
    NAME,
    "Connect's and MM2's own topics are compacted and replicated",
    reads=(internal_topics,),
    judge=_of,
)
