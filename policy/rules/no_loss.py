"""The no-loss rules of `settings.no_loss`, for a KafkaMirrorMaker2 of anybody.

A stack file is judged by the same table before anything is rendered (`mirror.allow_data_loss`). Here also the
properties count that a resource does not set, where Kafka's default breaks a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from manifests.strimzi.deployed_flow import POLICIES, policy_of
from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, SOURCE_CONNECTOR
from policy.documents import Documents, MirrorDocument
from policy.examples import CHECKPOINT_CONFIG, REMOVED, SOURCE, SOURCE_CONFIG, WORKER, sound
from policy.rule import Context, Judgement, Rule, Severity, Violation
from settings import no_loss
from settings.model import MirrorSettings, Settings, SourceSettings, TargetSettings
from settings.no_loss.table import CHECKPOINT, CLIENT
from settings.no_loss.table import SOURCE as SOURCE_SECTION
from settings.no_loss.table import WORKER as WORKER_SECTION
from settings.profiles import kafka_default

_FIELDS = {
    SOURCE_SECTION: "sourceConnector.config",
    CHECKPOINT: "checkpointConnector.config",
    WORKER_SECTION: "target.config",
    CLIENT: "source.config",
}
_DEFAULT_BREAKS = frozenset({"read-committed", "group-offsets-synced", "no-acl-sync"})
"""Rules that Kafka's default breaks, so that an absent property is a violation."""
_CLIENT = re.compile(r"((source|target)\.)?((producer|consumer|admin)\.(override\.)?)?")
_SAME_IN_BOTH = {
    "replication-policy-agrees": ("replication.policy.class", "replication.policy.separator"),
    "offset-syncs-location": ("offset-syncs.topic.location",),
}
"""Properties that have to be equal in both connectors."""


def _sections(mirror: MirrorDocument) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return the configuration of each section; none for a connector that is not declared."""
    flow = mirror.flow
    for section, connector in ((SOURCE_SECTION, SOURCE_CONNECTOR), (CHECKPOINT, CHECKPOINT_CONNECTOR)):
        if connector not in flow.undeclared:
            yield section, flow.config(connector)
    yield WORKER_SECTION, mirror.spec.worker
    yield CLIENT, flow.clients


def _stand_in(mirror: MirrorDocument) -> Settings:
    """Return settings with the values of the resource that the tests of the table ask for."""
    flow = mirror.flow
    config = flow.config(SOURCE_CONNECTOR)
    exactly_once = str(mirror.spec.worker.get("exactly.once.source.support", "")).lower() == "enabled"
    return Settings(
        source=SourceSettings(alias=flow.alias, user=""),
        target=TargetSettings(alias=mirror.target, cluster="", namespace="", listener=""),
        mirror=MirrorSettings(
            name=mirror.document.name,
            topics=(),
            exactly_once=exactly_once,
            replication_policy=policy_of(flow) or "default",
            replication_policy_separator=str(config.get("replication.policy.separator", ".")),
        ),
    )


def _by_the_table(rule: no_loss.NoLossRule) -> Judgement:
    def judge(documents: Documents, _: Context) -> Iterator[Violation]:
        for mirror in documents.mirrors():
            settings = _stand_in(mirror)
            for section, config in _sections(mirror):
                for key, breaks in rule.breaks.get(section, {}).items():
                    value, default = _value(section, config, key, rule)
                    if value is not None and breaks(value, settings):
                        told = f"is {value!r}" + (", which is Kafka's default" if default else "")
                        yield Violation(
                            mirror.document.subject, f"{mirror.direction}: {_FIELDS[section]}.{key} {told}"
                        )

    return judge


def _value(
    section: str, config: Mapping[str, Any], key: str, rule: no_loss.NoLossRule
) -> tuple[str | None, bool]:
    """Return the value of a property, and whether it is Kafka's default; None where none is judged."""
    if key in config:
        return str(config[key]), False
    if rule.name not in _DEFAULT_BREAKS or section not in (SOURCE_SECTION, CHECKPOINT):
        return None, False
    # A property may have two spellings, `consumer.isolation.level` and `source.consumer.isolation.level`.
    keys = [one for one in rule.breaks[section] if _CLIENT.sub("", one, 1) == _CLIENT.sub("", key, 1)]
    if key != keys[0] or any(one in config for one in keys):
        return None, False
    return kafka_default("source" if section == SOURCE_SECTION else "checkpoint", key), True


def _in_both(keys: tuple[str, ...]) -> Judgement:
    def judge(documents: Documents, _: Context) -> Iterator[Violation]:
        for mirror in documents.mirrors():
            if mirror.flow.undeclared:
                continue
            for key in keys:
                one = mirror.flow.config(SOURCE_CONNECTOR).get(key, kafka_default("source", key))
                other = mirror.flow.config(CHECKPOINT_CONNECTOR).get(key, kafka_default("checkpoint", key))
                if POLICIES.get(str(one), str(one)) != POLICIES.get(str(other), str(other)):
                    yield Violation(
                        mirror.document.subject,
                        f"{mirror.direction}: {key} is {one!r} in the source connector and {other!r} in the "
                        "checkpoint connector",
                    )

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
    same = _SAME_IN_BOTH.get(rule.name)
    return Rule(
        id=rule.name,
        title=_TITLES[rule.name],
        severity=_severity(rule),
        reason=rule.lost,
        source=f"no-loss rule `{rule.name}` (settings.md)",
        remedy=_remedy(rule),
        judge=_in_both(same) if same else _by_the_table(rule),
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
