"""topic-configs-match: what MM2 copies of a topic's configuration is the same on the target.

What it copies is decided by `MirrorSourceConnector.targetConfig` and `.incrementalAlterConfigs`:

    excluded by name (`DefaultConfigPropertyFilter`: min.insync.replicas ...)  left out
    read-only or sensitive                                                     left out
    of the source broker's own file (STATIC_BROKER_CONFIG)                     left out, and not removed from
                                                                               the copy
    Kafka's default at the source (DEFAULT_CONFIG)    removed from the copy, which has the target's default,
                                                      or copied with `use.defaults.from: source`
    anything else: set on the topic, or dynamically for all topics             set on the copy

A difference in a property that MM2 does not copy is reported, but does not fail the check, unless the copy
has a value of its own where the source has that of its broker's file: the source's topic has lost its value
since, or somebody has set the copy's. A retention of the copy's own that keeps more deletes no record sooner:
it is reported, as a longer default of the target's brokers is. A property that the target refuses fails it,
since MM2 then sets none of the topic's properties.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from mirror.clients.records import Unread
from mirror.problems import Finding
from mirror.text.names import few
from mirror.text.numbers import counted
from mirror.verify.check import Check
from mirror.verify.reading.configs import both_configs, kafka_topics
from mirror.verify.reading.look import Look, topics
from mirror.verify.report import CheckResult
from mirror.verify.values.copy_rules import copy_rules
from mirror.verify.values.refused_topic import Refused, refused_changes, to_exclude
from mirror.verify.values.topic_config import (
    ConfigDifference,
    CopyRules,
    KafkaTopic,
    TopicConfig,
    config_differences,
)
from settings.no_loss.table import CLEANUP_POLICY

NAME = "topic-configs-match"
_THEN = "sets the others"
_SHOWN = 4


def judge(
    matched: Mapping[str, str],
    source: Mapping[str, TopicConfig | Unread],
    target: Mapping[str, TopicConfig | Unread],
    rules: CopyRules,
    declared: Mapping[str, KafkaTopic] = MappingProxyType({}),
) -> CheckResult:
    """`matched` maps source topics that have a copy to its name; configurations are by each side's names.
    `declared` are KafkaTopics of the target, by the topic's name.
    """
    if rules.filter_class:
        reason = f"what {rules.filter_class} leaves out cannot be known here"
        remedy = "remove `config.property.filter.class` from `mirror.config.source_connector`"
        return CheckResult.could_not_judge(NAME, reason, remedy)
    findings: list[Finding] = []
    left_out: dict[str, dict[str, str]] = defaultdict(dict)
    compared = unread = 0
    for topic, remote in sorted(matched.items()):
        here, there = source.get(topic), target.get(remote)
        if not isinstance(here, Mapping) or not isinstance(there, Mapping):
            findings.append(_unread(topic, here, there))
            unread += 1
            continue
        compared += 1
        refused = refused_changes(here, there, rules)
        if refused:
            findings.append(_refused(topic, refused))
        for one in config_differences(here, there, rules):
            if one.name in {each.name for each in refused}:
                continue
            if one.reason is None:
                findings.append(_finding(topic, remote, one, rules, declared.get(remote), refused))
            else:
                left_out[one.name][topic] = f"{one.reason}: {one.source} on the source, {one.target} here"
    facts = {
        "topics": compared,
        "excluded": list(rules.excludes),
        "defaults_from": "source" if rules.defaults_from_source else "target",
        "left_out": {name: dict(topics) for name, topics in sorted(left_out.items())},
    }
    return CheckResult.of(NAME, _summary(compared, unread, findings, left_out, rules), findings, facts)


def _unread(topic: str, here: object, there: object) -> Finding:
    """Name the side whose configuration could not be read: the source where it is both."""
    side, configs, user = "source", here, "source user"
    if isinstance(here, Mapping):
        side, configs, user = "target", there, "verifier"
    reason = configs.reason if isinstance(configs, Unread) else "no answer"
    message = f"its configuration on the {side} could not be read: {reason}"
    return Finding(topic, message, f"the {user} needs DescribeConfigs on the topic")


def _refused(topic: str, refused: Sequence[Refused]) -> Finding:
    message = (
        f"the target refuses {'; '.join(map(str, refused))}. MM2 sets the properties of a topic in one "
        "request, so no other property of this topic changes on the target, either"
    )
    return Finding(topic, message, to_exclude(refused, _THEN))


def _finding(
    topic: str,
    remote: str,
    one: ConfigDifference,
    rules: CopyRules,
    declared: KafkaTopic | None,
    refused: Sequence[Refused],
) -> Finding:
    message = f"{one.name} is {one.target} on the target, {one.source} on the source"
    if declared is not None and declared.config.get(one.name, one.source) != one.source:
        message += f"; KafkaTopic {declared.name} of the target sets it to {declared.config[one.name]}"
        remedy = (
            f"the Topic Operator sets it again after MM2: set it to {one.source} in the KafkaTopic, remove "
            f"it there, or leave it to the KafkaTopic with `mirror.topic_configs_exclude: [{one.name}]`"
        )
        if one.name == CLEANUP_POLICY:
            remedy += ", which needs `mirror.allow_data_loss: [cleanup-policy-copied]`"
        return Finding(topic, message, remedy)
    if one.stays:  # also where the target refuses other properties: MM2 would not set this one then
        message += (
            ". MM2 leaves it: it copies no value that the source has from its broker's own file, and does "
            "not remove what it copied before"
        )
        return Finding(topic, message, _set_by_hand(remote, one))
    if refused:
        return Finding(topic, message, to_exclude(refused, _THEN))
    return Finding(
        topic,
        message,
        f"wait {rules.interval_seconds:g} s (`mirror.sync_topic_configs_interval_seconds`): MM2 sets it; "
        "if it stays, MM2's user lacks AlterConfigs on the topic, or the connector does not run",
    )


def _set_by_hand(remote: str, one: ConfigDifference) -> str:
    """Without the property the copy would have the target's default, which may delete more."""
    value = f"[{one.source}]" if "," in str(one.source) else one.source
    command = ["kafka-configs.sh", "--alter", "--entity-type", "topics", "--entity-name", remote]
    line = shlex.join([*command, "--add-config", f"{one.name}={value}"])
    return (
        f"give the copy the source's value: `{line}` "
        "with the target's --bootstrap-server; if the copy is meant to differ, leave the property out with "
        f"`mirror.topic_configs_exclude: [{one.name}]`"
    )


def _summary(
    compared: int,
    unread: int,
    findings: Sequence[Finding],
    left_out: Mapping[str, Mapping[str, str]],
    rules: CopyRules,
) -> str:
    """`compared` and `unread` are numbers of topics; findings are about either."""
    differ = len({finding.subject for finding in findings}) - unread
    if differ:
        text = f"{differ} of {compared} topics have another configuration than on the source"
    else:
        text = f"{counted(compared, 'topic')} {'is' if compared == 1 else 'are'} configured as on the source"
    if unread:
        text += f"; the configuration of {counted(unread, 'topic')} could not be read"
    if not rules.enabled:
        text += "; MM2 copies no configuration (sync.topic.configs.enabled is false)"
    if left_out:
        names = sorted(left_out, key=lambda name: (-len(left_out[name]), name))
        shown = few([f"{name} ({len(left_out[name])})" for name in names], _SHOWN)
        text += f"; properties that MM2 does not copy and that differ (topics): {shown}"
    return text


def _of(look: Look) -> CheckResult:
    source, target = look.of(both_configs)
    there = {name: remote for name, remote in look.topics.matched.items() if remote in target}
    rules = copy_rules(look.settings)
    result = judge(there, source, target, rules)
    # Their names matter only where something differs.
    return result if result.passed else judge(there, source, target, rules, look.of(kafka_topics))


CHECK = Check(
    NAME,
    "topics are configured as on the source",
    reads=(topics, both_configs, kafka_topics),
    judge=_of,
    copies_only=True,
)
