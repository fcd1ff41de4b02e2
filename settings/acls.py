"""The rights that the mirror's users need, and none besides.

Each one is proven on real clusters (`tests/lab/rights`): taken away alone, something breaks, and
docs/rights.md says what. Operations imply others (`StandardAuthorizerData` of Kafka: Read, Write, Delete and
Alter imply Describe; AlterConfigs implies DescribeConfigs); implied ones are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from settings import replication_policy
from settings.filters import topic_patterns
from settings.model import Settings
from settings.names import Names
from settings.patterns import EVERYTHING, Scope, scopes

ResourceType = Literal["topic", "group", "cluster", "transactionalId"]
PatternType = Literal["literal", "prefix"]

_OF_CONNECT = ("Create", "DescribeConfigs", "Read", "Write")
"""On a topic in which Connect keeps its own state. DescribeConfigs: it refuses one that is not compacted."""

_OF_MM2 = ("Create", "Read", "Write")
"""On a topic in which MM2 keeps its own state."""

_OF_MM2_ON_THE_SOURCE = (*_OF_MM2, "DescribeConfigs")
"""There verification looks with the same user: is the topic compacted?"""

_OF_HEARTBEATS = ("Create", "DescribeConfigs", "Read", "Write")
"""On the topic of the heartbeats, which is written on the source and mirrored like any other."""


@dataclass(frozen=True, slots=True)
class Acl:
    """Operations allowed on the resources that a name or prefix selects, as Strimzi's KafkaUser spells
    them.
    """

    resource_type: ResourceType
    name: str
    pattern_type: PatternType
    operations: tuple[str, ...]


def mirror_user_acls(settings: Settings) -> tuple[Acl, ...]:
    """Return what Connect and MM2 need on the target."""
    names = Names.of(settings)
    acls = [Acl("group", names.group_id, "literal", ("Read",))]
    for topic in (names.configs_topic, names.offsets_topic, names.status_topic):
        acls.append(Acl("topic", topic, "literal", _OF_CONNECT))
    # Read: MM2 loads its checkpoints at a restart (KAFKA-15905); without it translation starts from nothing.
    acls.append(Acl("topic", names.checkpoints_topic, "literal", _OF_MM2))
    if settings.mirror.offset_syncs_topic_location == "target":
        acls.append(Acl("topic", names.offset_syncs_topic, "literal", _OF_MM2))
    if settings.mirror.exactly_once:
        # KIP-618: the leader's transactional id, and one for each task.
        acls.append(Acl("transactionalId", f"connect-cluster-{names.group_id}", "literal", ("Write",)))
        acls.append(Acl("transactionalId", f"{names.group_id}-", "prefix", ("Write",)))
    if settings.mirror.heartbeats_interval_seconds:
        # Their Connect keeps its state here; it reaches the source only to write heartbeats.
        acls.append(Acl("group", names.heartbeats, "literal", ("Read",)))
        acls += [Acl("topic", topic, "literal", _OF_CONNECT) for topic in names.heartbeats_topics]
    # What the patterns decide comes last, so that a new pattern shows in a preview as one more rule.
    acls += _for(group_scopes(settings), "group", ("Read",))  # writes the translated offsets
    # Read on the mirrored topics is what committing a group's offsets for them asks for.
    acls += _for(
        mirrored_topic_scopes(settings), "topic", ("Create", "Alter", "AlterConfigs", "Read", "Write")
    )
    return tuple(acls)


def verifier_acls(settings: Settings) -> tuple[Acl, ...]:
    """Return what verification needs on the target, before the first deployment (what is left of an earlier
    mirror?) and after each: it reads, and changes nothing.
    """
    names = Names.of(settings)
    acls = [
        Acl("group", names.group_id, "literal", ("Describe",)),
        # DescribeConfigs here and below: are the topics compacted?
        Acl("topic", names.offsets_topic, "literal", ("DescribeConfigs", "Read")),
    ]
    left = [names.configs_topic, names.status_topic]
    acls += [Acl("topic", topic, "literal", ("Describe", "DescribeConfigs")) for topic in left]
    # Read: whether MM2 still translates, and what it translates next.
    own = [names.checkpoints_topic]
    if settings.mirror.offset_syncs_topic_location == "target":
        own.append(names.offset_syncs_topic)
    acls += [Acl("topic", topic, "literal", ("DescribeConfigs", "Read")) for topic in own]
    acls += _for(group_scopes(settings), "group", ("Describe",))
    # DescribeConfigs: are they configured as on the source; do retention or compaction explain a difference?
    acls += _for(mirrored_topic_scopes(settings), "topic", ("DescribeConfigs", "Read"))
    return tuple(acls)


def source_user_acls(settings: Settings) -> tuple[Acl, ...]:
    """Return what the source user needs on the source. With the offset syncs on the target: no write right at
    all.
    """
    acls = [
        *_for(scopes(settings.mirror.topics), "topic", ("DescribeConfigs", "Read")),
        *_for(group_scopes(settings), "group", ("Describe",)),
    ]
    if settings.mirror.offset_syncs_topic_location == "source":
        acls.append(Acl("topic", Names.of(settings).offset_syncs_topic, "literal", _OF_MM2_ON_THE_SOURCE))
    if settings.mirror.heartbeats_interval_seconds:
        # MirrorHeartbeatConnector creates the topic and writes to it; mirroring it reads it.
        acls.append(Acl("topic", replication_policy.HEARTBEATS, "literal", _OF_HEARTBEATS))
    return tuple(acls)


def mirrored_topic_scopes(settings: Settings) -> tuple[Scope, ...]:
    """Return the scopes of the mirrored topics under their names on the target."""
    return tuple(dict.fromkeys(renamed(settings, scope) for scope in scopes(topic_patterns(settings.mirror))))


def group_scopes(settings: Settings) -> tuple[Scope, ...]:
    """Return the scopes of the consumer groups whose offsets are translated."""
    return scopes(settings.mirror.groups)


def renamed(settings: Settings, scope: Scope) -> Scope:
    """Return the scope on the target of the copies of a scope's topics on the source."""
    mirror, alias = settings.mirror, settings.source.alias
    if mirror.replication_policy == "default" and (scope == EVERYTHING or scope.pattern_type == "prefix"):
        prefix = "" if scope == EVERYTHING else scope.name
        return Scope(f"{alias}{mirror.replication_policy_separator}{prefix}", "prefix")
    if scope.pattern_type == "prefix" or scope == EVERYTHING:
        return scope
    topic = replication_policy.remote_topic(
        mirror.replication_policy, mirror.replication_policy_separator, alias, scope.name
    )
    return Scope(topic, "literal")


def _for(where: Iterable[Scope], resource_type: ResourceType, operations: tuple[str, ...]) -> list[Acl]:
    return [Acl(resource_type, scope.name, scope.pattern_type, operations) for scope in where]
