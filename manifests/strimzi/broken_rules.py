"""Which no-loss rules of `settings.no_loss` a KafkaMirrorMaker2 of anybody breaks. Pure.

A stack file is judged by the same table before anything is rendered. Here also the properties count that a
resource does not set, where Kafka's default breaks a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from manifests.strimzi.deployed_flow import POLICIES, policy_of
from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, SOURCE_CONNECTOR, MirrorFlow, MirrorMaker2Spec
from settings.model import MirrorSettings, Overrides, Settings, SourceSettings, TargetSettings
from settings.no_loss import NoLossRule
from settings.no_loss.table import CHECKPOINT, CLIENT, SOURCE, WORKER
from settings.profiles import kafka_default

_FIELDS = {
    SOURCE: "sourceConnector.config",
    CHECKPOINT: "checkpointConnector.config",
    WORKER: "target.config",
    CLIENT: "source.config",
}
_DEFAULT_BREAKS = frozenset({"read-committed", "group-offsets-synced", "no-acl-sync"})
"""Rules that Kafka's default breaks, so that an absent property is a violation."""
_SUPPORT = "exactly.once.source.support"
_CLIENT = re.compile(r"((source|target)\.)?((producer|consumer|admin)\.(override\.)?)?")
_SAME_IN_BOTH = {
    "replication-policy-agrees": ("replication.policy.class", "replication.policy.separator"),
    "offset-syncs-location": ("offset-syncs.topic.location",),
}
"""Properties that have to be equal in both connectors."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A property of the resource that breaks a rule: `key` is the field of the resource, of v1's layout."""

    rule: NoLossRule
    key: str
    told: str
    """What the property is, for a sentence with the key as its subject."""


def broken_by(
    rule: NoLossRule, spec: MirrorMaker2Spec, flow: MirrorFlow, *, exactly_once: bool = False
) -> Iterator[Broken]:
    """Return what breaks one rule in one entry of `spec.mirrors`, with the workers' configuration.
    `exactly_once`: the mirror should be; otherwise the workers' configuration decides.
    """
    same = _SAME_IN_BOTH.get(rule.name)
    return _unequal(rule, same, flow) if same else _by_the_table(rule, spec, flow, exactly_once)


def _by_the_table(
    rule: NoLossRule, spec: MirrorMaker2Spec, flow: MirrorFlow, exactly_once: bool
) -> Iterator[Broken]:
    settings = _stand_in(spec, flow, exactly_once)
    for section, config in _sections(spec, flow):
        for key, breaks in rule.breaks.get(section, {}).items():
            value, default = _value(section, config, key, rule, exactly_once)
            if value is not None and breaks(value, settings):
                told = f"is {value!r}" + (" by Kafka's default" if default else "")
                yield Broken(rule, f"{_FIELDS[section]}.{key}", told)


def _unequal(rule: NoLossRule, keys: tuple[str, ...], flow: MirrorFlow) -> Iterator[Broken]:
    if flow.undeclared:
        return
    for key in keys:
        one = flow.config(SOURCE_CONNECTOR).get(key, kafka_default("source", key))
        other = flow.config(CHECKPOINT_CONNECTOR).get(key, kafka_default("checkpoint", key))
        if POLICIES.get(str(one), str(one)) != POLICIES.get(str(other), str(other)):
            told = f"is {one!r} in the source connector and {other!r} in the checkpoint connector"
            yield Broken(rule, key, told)


def _sections(spec: MirrorMaker2Spec, flow: MirrorFlow) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return the configuration of each section; none for a connector that is not declared."""
    for section, connector in ((SOURCE, SOURCE_CONNECTOR), (CHECKPOINT, CHECKPOINT_CONNECTOR)):
        if connector not in flow.undeclared:
            yield section, flow.config(connector)
    yield WORKER, spec.worker
    yield CLIENT, flow.clients


def _stand_in(spec: MirrorMaker2Spec, flow: MirrorFlow, exactly_once: bool) -> Settings:
    """Return settings with the values of the resource that the tests of the table ask for."""
    config = flow.config(SOURCE_CONNECTOR)
    exactly_once |= str(spec.worker.get(_SUPPORT, "")).lower() == "enabled"
    return Settings(
        source=SourceSettings(alias=flow.alias, user=""),
        target=TargetSettings(alias="", cluster="", namespace="", listener=""),
        mirror=MirrorSettings(
            name="",
            topics=(),
            exactly_once=exactly_once,
            replication_policy=policy_of(flow) or "default",
            replication_policy_separator=str(config.get("replication.policy.separator", ".")),
            config=Overrides({key: str(value) for key, value in config.items()}),
        ),
    )


def _value(
    section: str, config: Mapping[str, Any], key: str, rule: NoLossRule, exactly_once: bool
) -> tuple[str | None, bool]:
    """Return the value of a property, and whether it is Kafka's default; None where none is judged."""
    if key in config:
        return str(config[key]), False
    if exactly_once and key == _SUPPORT and section == WORKER:
        return kafka_default("worker", key), True
    if rule.name not in _DEFAULT_BREAKS or section not in (SOURCE, CHECKPOINT):
        return None, False
    # A property may have two spellings, `consumer.isolation.level` and `source.consumer.isolation.level`.
    keys = [one for one in rule.breaks[section] if _CLIENT.sub("", one, 1) == _CLIENT.sub("", key, 1)]
    if key != keys[0] or any(one in config for one in keys):
        return None, False
    return kafka_default("source" if section == SOURCE else "checkpoint", key), True
