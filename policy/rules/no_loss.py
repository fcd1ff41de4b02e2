"""The no-loss rules of `settings.no_loss`, for a KafkaMirrorMaker2 of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manifests.strimzi.broken_rules import broken_by
from policy.documents import Documents
from policy.examples import CHECKPOINT_CONFIG, REMOVED, SOURCE, SOURCE_CONFIG, WORKER, sound
from policy.rule import Context, Judgement, Rule, Severity, Violation
from settings import no_loss


def _judge(rule: no_loss.NoLossRule) -> Judgement:
    def judge(documents: Documents, _: Context) -> Iterator[Violation]:
        for mirror in documents.mirrors():
            for one in broken_by(rule, mirror.spec, mirror.flow):
                yield Violation(mirror.document.subject, f"{mirror.direction}: {one.key} {one.told}")

    return judge


_FAILING: dict[str, Any] = {
    "exactly-once": sound(((*SOURCE_CONFIG, "exactly.once.support"), "requested")),
    "read-committed": sound(((*SOURCE_CONFIG, "source.consumer.isolation.level"), REMOVED)),
    "acks-all": sound(((*SOURCE_CONFIG, "producer.override.acks"), "1")),
    "idempotence": sound(((*SOURCE_CONFIG, "producer.override.enable.idempotence"), "false")),
    "records-in-order": sound(
        ((*SOURCE_CONFIG, "producer.override.max.in.flight.requests.per.connection"), "20")
    ),
    "errors-tolerance": sound(((*SOURCE_CONFIG, "errors.tolerance"), "all")),
    "offset-reset-earliest": sound(((*SOURCE_CONFIG, "source.consumer.auto.offset.reset"), "latest")),
    "records-unchanged": sound(((*SOURCE_CONFIG, "transforms"), "filter")),
    "connectors-enabled": sound(((*SOURCE_CONFIG, "enabled"), False)),
    "new-topics-mirrored": sound(((*SOURCE_CONFIG, "refresh.topics.enabled"), "false")),
    "cleanup-policy-copied": sound(
        ((*SOURCE_CONFIG, "config.properties.exclude"), r"cleanup\..*, segment\.bytes")
    ),
    "topic-configs-synced": sound(((*SOURCE_CONFIG, "sync.topic.configs.enabled"), False)),
    "group-offsets-synced": sound(((*CHECKPOINT_CONFIG, "sync.group.offsets.enabled"), REMOVED)),
    "internal-topics-replicated": sound(((*WORKER, "offset.storage.replication.factor"), 1)),
    "replication-policy-agrees": sound(((*CHECKPOINT_CONFIG, "replication.policy.class"), REMOVED)),
    "offset-syncs-location": sound(((*CHECKPOINT_CONFIG, "offset-syncs.topic.location"), "source")),
    "no-acl-sync": sound(((*SOURCE_CONFIG, "sync.topic.acls.enabled"), REMOVED)),
    "client-overrides": sound(((*WORKER, "connector.client.config.override.policy"), "None")),
    "host-names-verified": sound(((*SOURCE, "config"), {"ssl.endpoint.identification.algorithm": ""})),
}
"""An example for each rule of the table."""
_TITLES = {
    "exactly-once": "Workers and source connector agree about exactly-once",
    "read-committed": "Only committed records are mirrored",
    "acks-all": "Every in-sync replica confirms a mirrored record",
    "idempotence": "The producers of an exactly-once mirror are idempotent",
    "records-in-order": "Records keep their order",
    "errors-tolerance": "No record is skipped",
    "offset-reset-earliest": "New partitions are mirrored from their beginning",
    "records-unchanged": "Records are copied as they are",
    "connectors-enabled": "Both connectors copy and translate",
    "new-topics-mirrored": "Topics and partitions that are added later are mirrored",
    "cleanup-policy-copied": "Compacted topics remain compacted",
    "topic-configs-synced": "Configurations of topics are copied",
    "group-offsets-synced": "Offsets of consumer groups are copied",
    "internal-topics-replicated": "Internal topics have more than one replica",
    "replication-policy-agrees": "Both connectors name topics alike",
    "offset-syncs-location": "Both connectors keep offset syncs on the same cluster",
    "no-acl-sync": "MirrorMaker 2 writes no ACLs",
    "client-overrides": "Connectors may set producer properties",
    "host-names-verified": "Host names of brokers are verified",
}


def _remedy(rule: no_loss.NoLossRule) -> str:
    keys = dict.fromkeys(key for keys in rule.breaks.values() for key in keys)
    few = ", ".join(list(keys)[:3]) + (", ..." if len(keys) > 3 else "")
    return f"{rule.instead} (of a resource that is not region-mirror's: correct {few})"


def _severity(rule: no_loss.NoLossRule) -> Severity:
    """Records are never lost for lack of group offsets; a mirror for analytics has no groups."""
    return "warning" if rule.name == "group-offsets-synced" else "error"


def _rule(rule: no_loss.NoLossRule) -> Rule:
    return Rule(
        id=rule.name,
        title=_TITLES[rule.name],
        severity=_severity(rule),
        reason=rule.lost,
        source=f"no-loss rule `{rule.name}` (settings.md)",
        remedy=_remedy(rule),
        judge=_judge(rule),
        passing=(sound(),),
        failing=(_FAILING[rule.name],),
    )


def _repeats(documents: Documents, _: Context) -> Iterator[Violation]:
    for document, spec in documents.mirror_makers():
        value = str(spec.worker.get("exactly.once.source.support", "disabled"))
        if value.lower() != "enabled":
            yield Violation(
                document.subject, f"target.config.exactly.once.source.support is {value!r}: at least once"
            )


RULES = (
    *map(_rule, no_loss.RULES),
    Rule(
        id="exactly-once-on",
        title="Records are written exactly once",
        severity="warning",
        reason="After the crash of a worker records are repeated on the target, and nothing marks them",
        source="KIP-618",
        remedy="Set exactly.once.source.support: enabled for the workers, and exactly.once.support: required "
        "for the source connector (mirror.exactly_once)",
        judge=_repeats,
        passing=(sound(),),
        failing=(sound(((*WORKER, "exactly.once.source.support"), REMOVED)),),
    ),
)
