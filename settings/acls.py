"""The ACLs that the mirror's users need, and no others.

Each is proven on real clusters (`tests/lab/rights`): without it something breaks, as docs/rights.md
describes. Operations imply others (`StandardAuthorizerData` of Kafka: Read, Write, Delete and Alter imply
Describe; AlterConfigs implies DescribeConfigs); implied operations are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from settings import replication_policy
from settings.filters import topic_patterns
from settings.model import Settings
from settings.names import Names, internal_topics
from settings.scopes import EVERYTHING, Scope, scopes, scopes_ending_with

ResourceType = Literal["topic", "group", "cluster", "transactionalId"]
PatternType = Literal["literal", "prefix"]

_OF_CONNECT = ("Create", "DescribeConfigs", "Read", "Write")
"""For Connect's internal topics. DescribeConfigs: Connect refuses a topic that is not compacted."""

_OF_MM2 = ("Create", "Read", "Write")
"""For MM2's internal topics."""

_OF_MM2_ON_THE_SOURCE = (*_OF_MM2, "DescribeConfigs")
"""DescribeConfigs: verification uses the same user to check that the topic is compacted."""

_OF_HEARTBEATS = ("Create", "DescribeConfigs", "Read", "Write")
"""For the heartbeats topic, which is written on the source and mirrored like any other topic."""


@dataclass(frozen=True, slots=True)
class Acl:
    """Operations that are allowed on the resources with a name or prefix, as in Strimzi's KafkaUser."""

    resource_type: ResourceType
    name: str
    pattern_type: PatternType
    operations: tuple[str, ...]


def mirror_user_acls(settings: Settings) -> tuple[Acl, ...]:
    """Return the ACLs that Connect and MM2 need on the target."""
    names = Names.of(settings)
    acls = [Acl("group", names.group_id, "literal", ("Read",))]
    for topic in (names.configs_topic, names.offsets_topic, names.status_topic):
        acls.append(Acl("topic", topic, "literal", _OF_CONNECT))
    # Read: MM2 loads its checkpoints at a restart (KAFKA-15905); else translation starts from the beginning.
    acls.append(Acl("topic", names.checkpoints_topic, "literal", _OF_MM2))
    if settings.mirror.offset_syncs_topic_location == "target":
        acls.append(Acl("topic", names.offset_syncs_topic, "literal", _OF_MM2))
    if settings.mirror.exactly_once:
        # KIP-618: the leader's transactional id, and one for each task.
        acls.append(Acl("transactionalId", f"connect-cluster-{names.group_id}", "literal", ("Write",)))
        acls.append(Acl("transactionalId", f"{names.group_id}-", "prefix", ("Write",)))
    if settings.mirror.heartbeats_interval_seconds:
        # The heartbeats' Connect keeps its state on the target; it uses the source only to write heartbeats.
        acls.append(Acl("group", names.heartbeats, "literal", ("Read",)))
        acls += [Acl("topic", topic, "literal", _OF_CONNECT) for topic in names.heartbeats_topics]
    # The ACLs for patterns are last, so that a preview shows a new pattern as one more ACL.
    acls += _for(group_scopes(settings), "group", ("Read",))  # to write the translated offsets
    # Read: to commit offsets of a group for the mirrored topics.
    acls += _for(
        mirrored_topic_scopes(settings), "topic", ("Create", "Alter", "AlterConfigs", "Read", "Write")
    )
    if settings.mirror.phase == "retired":
        # `pulumi destroy` deletes the mirror's internal topics as this user. Until then it may not.
        own = internal_topics(settings)
        acls = [
            replace(acl, operations=tuple(sorted((*acl.operations, "Delete"))))
            if acl.resource_type == "topic" and acl.pattern_type == "literal" and acl.name in own
            else acl
            for acl in acls
        ]
    return tuple(acls)


def verifier_acls(settings: Settings) -> tuple[Acl, ...]:
    """Return the ACLs that verification needs on the target, after each deployment and before the first one
    (to look for leftovers of an earlier mirror). All are read-only.
    """
    names = Names.of(settings)
    acls = [
        Acl("group", names.group_id, "literal", ("Describe",)),
        # DescribeConfigs here and below: to check that the topics are compacted.
        Acl("topic", names.offsets_topic, "literal", ("DescribeConfigs", "Read")),
    ]
    left = [names.configs_topic, names.status_topic]
    acls += [Acl("topic", topic, "literal", ("Describe", "DescribeConfigs")) for topic in left]
    # Read: to check that MM2 still translates offsets, and which ones.
    own = [names.checkpoints_topic]
    if settings.mirror.offset_syncs_topic_location == "target":
        own.append(names.offset_syncs_topic)
    acls += [Acl("topic", topic, "literal", ("DescribeConfigs", "Read")) for topic in own]
    acls += _for(group_scopes(settings), "group", ("Describe",))
    # DescribeConfigs: to compare the configuration with the source, and to explain differences by retention
    # or compaction.
    acls += _for(mirrored_topic_scopes(settings), "topic", ("DescribeConfigs", "Read"))
    return tuple(acls)


def source_user_acls(settings: Settings) -> tuple[Acl, ...]:
    """Return the ACLs that the source user needs on the source. By default none allows to write."""
    acls = [
        *_for(scopes(settings.mirror.topics), "topic", ("DescribeConfigs", "Read")),
        *_for(group_scopes(settings), "group", ("Describe",)),
    ]
    if settings.mirror.offset_syncs_topic_location == "source":
        acls.append(Acl("topic", Names.of(settings).offset_syncs_topic, "literal", _OF_MM2_ON_THE_SOURCE))
    if settings.mirror.heartbeats_interval_seconds:
        # MirrorHeartbeatConnector creates the topic and writes to it; the mirror reads it.
        acls.append(Acl("topic", replication_policy.HEARTBEATS, "literal", _OF_HEARTBEATS))
    return tuple(acls)


def mirrored_topic_scopes(settings: Settings) -> tuple[Scope, ...]:
    """Return the scopes of the mirrored topics, with their names on the target."""
    found = scopes(topic_patterns(settings.mirror))
    return tuple(dict.fromkeys(copy for scope in found for copy in renamed(settings, scope)))


def group_scopes(settings: Settings) -> tuple[Scope, ...]:
    """Return the scopes of the consumer groups whose offsets are translated."""
    return scopes(settings.mirror.groups)


def renamed(settings: Settings, scope: Scope) -> tuple[Scope, ...]:
    """Return the scopes on the target for the copies of the topics in a scope on the source.

    The identity policy renames topics whose names end with `heartbeats`. A prefix that may hold mirrored ones
    therefore needs a second scope.
    """
    mirror, prefix = settings.mirror, f"{settings.source.alias}{settings.mirror.replication_policy_separator}"
    if mirror.replication_policy == "default":
        return (_prefixed(prefix, scope),)
    if scope == EVERYTHING:
        return (scope,)
    if scope.pattern_type == "literal":
        renames = scope.name.endswith(replication_policy.HEARTBEATS)
        return (_prefixed(prefix, scope) if renames else scope,)
    ending = scopes_ending_with(topic_patterns(mirror), replication_policy.HEARTBEATS)
    common = (one if scope.covers(one) else scope for one in ending if scope.covers(one) or one.covers(scope))
    return tuple(dict.fromkeys((scope, *(_prefixed(prefix, one) for one in common))))


def _prefixed(prefix: str, scope: Scope) -> Scope:
    if scope == EVERYTHING:
        return Scope(prefix, "prefix")
    return Scope(f"{prefix}{scope.name}", scope.pattern_type)


def _for(where: Iterable[Scope], resource_type: ResourceType, operations: tuple[str, ...]) -> list[Acl]:
    return [Acl(resource_type, scope.name, scope.pattern_type, operations) for scope in where]
