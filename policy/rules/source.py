"""Rules about the source: nothing is written to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from manifests.strimzi.jaas import options
from manifests.strimzi.resource import CHECKPOINT_CONNECTOR, CONNECTOR_FIELDS, SOURCE_CONNECTOR
from policy.documents import Document, Documents, MirrorDocument
from policy.examples import REMOVED, SOURCE_CONFIG, sound
from policy.rule import Context, Rule, Violation

_LOCATION = "offset-syncs.topic.location"
_CHANGING = frozenset(
    {"Write", "Create", "Delete", "Alter", "AlterConfigs", "ClusterAction", "IdempotentWrite", "All"}
)
"""Operations of ACLs that change something (`AclOperation`)."""


def _only_reads(documents: Documents, _: Context) -> Iterator[Violation]:
    users = tuple(documents.of("KafkaUser"))
    named = {(one.origin, one.name): settings.source.user for one, settings in documents.settings()}
    for mirror in documents.mirrors():
        for connector in (SOURCE_CONNECTOR, CHECKPOINT_CONNECTOR):
            if connector in mirror.flow.undeclared:
                continue
            place = mirror.flow.config(connector).get(_LOCATION, "source")
            if str(place) != "target":
                given = "" if _LOCATION in mirror.flow.config(connector) else " by Kafka's default"
                yield Violation(
                    mirror.document.subject,
                    f"{mirror.direction}: {CONNECTOR_FIELDS[connector]} has {_LOCATION} {place!r}{given}, so "
                    f"the user on {mirror.flow.alias} needs Create and Write there",
                )
        for user in users:
            if _reads_as(mirror, user, named.get((mirror.document.origin, mirror.document.name))):
                yield from _writes(mirror, user)


def _writes(mirror: MirrorDocument, user: Document) -> Iterator[Violation]:
    authorization = user.spec.get("authorization") or {}
    for acl in authorization.get("acls") or []:
        operations = acl.get("operations") or [acl.get("operation")]
        changing = sorted(_CHANGING.intersection(map(str, operations)))
        if changing and acl.get("type", "allow") == "allow":
            resource = acl.get("resource") or {}
            where = " ".join(str(resource[key]) for key in ("type", "name") if key in resource)
            yield Violation(
                user.subject,
                f"{mirror.document.name} reads {mirror.flow.alias} as this user, which has "
                f"{', '.join(changing)} on {where}",
                "Remove these operations from the user's ACLs",
            )


def _reads_as(mirror: MirrorDocument, user: Document, declared: str | None) -> bool:
    """Tell whether the mirror reads its source as a KafkaUser, by its name and its cluster. `declared`: the
    name in the mirror's stack file, which a token or a Secret of others does not tell.
    """
    name = str(user.metadata.get("name"))
    if name not in ({declared} if declared else _names(mirror.flow.connection)):
        return False
    cluster = str((user.metadata.get("labels") or {}).get("strimzi.io/cluster", ""))
    service = f"{cluster}-kafka-bootstrap"
    if str(mirror.flow.connection.get("bootstrapServers", "")).startswith(service):
        return True
    # The same name may exist on both clusters; the target's user has to write.
    on_target = str(mirror.spec.target.get("bootstrapServers", "")).startswith(service)
    return not on_target or name not in _names(mirror.spec.target)


def _names(cluster: Mapping[str, Any]) -> set[str]:
    """Return the names that a cluster's user may have: Strimzi names a user's Secret after the user, and the
    brokers take the name from a token, where it is usually the client id.
    """
    login = cluster.get("authentication") or {}
    secret = (login.get("certificateAndKey") or {}).get("secretName")
    jaas = options((login.get("config") or {}).get("sasl.jaas.config", ""))
    tokens = (login.get("clientId"), jaas.get("clientId"), jaas.get("oauth.client.id"))
    return {str(name) for name in (login.get("username"), secret, *tokens) if name}


def _user(*operations: str) -> dict[str, Any]:
    acl = {"resource": {"type": "topic", "name": "*"}, "operations": list(operations)}
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaUser",
        "metadata": {"name": "mirror-source", "labels": {"strimzi.io/cluster": "east"}},
        "spec": {"authorization": {"type": "simple", "acls": [acl]}},
    }


RULES = (
    Rule(
        id="source-only-read",
        title="The mirror's user on the source cannot write",
        severity="error",
        reason="A mirror that can write to production can harm it. With the offset syncs on the target "
        "MirrorMaker 2 only reads its source",
        source="KIP-716, `MirrorConnectorConfig.OFFSET_SYNCS_TOPIC_LOCATION`",
        remedy="Set offset-syncs.topic.location: target in both connectors, and give the user Read, Describe "
        "and DescribeConfigs only (`region-mirror source-user` prints its ACLs). A deployed mirror keeps "
        "its offset syncs on the source: changing it starts the translation of offsets anew",
        judge=_only_reads,
        passing=(sound(), _user("Read", "DescribeConfigs")),
        failing=(sound(((*SOURCE_CONFIG, _LOCATION), REMOVED)), _user("Read", "Write")),
        across=True,
    ),
)
