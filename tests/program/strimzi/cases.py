"""What Strimzi's examples of KafkaMirrorMaker2 declare (1.2.0, `packaging/examples`), property by property,
and the stack file that says the same.

The examples themselves are Strimzi's; here stands only which value each gives to which field of `spec`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

IDENTITY = "org.apache.kafka.connect.mirror.IdentityReplicationPolicy"
SYNC_GROUPS = {
    "sync.group.offsets.enabled": "true",
    "emit.checkpoints.interval.seconds": 60,
    "sync.group.offsets.interval.seconds": 60,
    "refresh.groups.interval.seconds": 600,
}
NO_GROUPS = {"sync.group.offsets.enabled": "false", "refresh.groups.interval.seconds": 600}


@dataclass(frozen=True)
class Case:
    """One documented case. `examples` and the stack's mirrors stand side by side."""

    title: str
    where: str
    """File below Strimzi's `packaging/examples`, or what of its documentation."""
    examples: tuple[dict[str, Any], ...]
    stack: str
    note: str = ""


def example(
    source: str = "cluster-a",
    target: str = "cluster-b",
    *,
    secured: str = "",
    topics: str = "my-mirror-maker-2-{}",
    both: dict[str, Any] | None = None,
    workers: dict[str, Any] | None = None,
    source_connector: dict[str, Any] | None = None,
    checkpoint_connector: dict[str, Any] | None = None,
    further: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return `spec` of an example; `source_connector` None leaves the connector out."""
    mirrors = []
    for alias in (source, *further):
        mirror: dict[str, Any] = {
            "source": _cluster(alias, secured),
            "checkpointConnector": {
                "tasksMax": 1,
                "config": {
                    "checkpoints.topic.replication.factor": -1,
                    **(both or {}),
                    **(checkpoint_connector or {}),
                },
            },
            "topicsPattern": ".*",
            "groupsPattern": ".*",
        }
        if source_connector is not None:
            mirror["sourceConnector"] = {
                "tasksMax": 1,
                "config": {
                    "replication.factor": -1,
                    "offset-syncs.topic.replication.factor": -1,
                    "sync.topic.acls.enabled": "false",
                    **(both or {}),
                    **source_connector,
                },
            }
        mirrors.append(mirror)
    factors = {f"{kind}.storage.replication.factor": -1 for kind in ("config", "offset", "status")}
    return {
        "version": "4.3.1",
        "replicas": 1,
        "target": {
            **_cluster(target, secured),
            "groupId": "my-mirror-maker-2-group",
            "configStorageTopic": topics.format("config"),
            "offsetStorageTopic": topics.format("offset"),
            "statusStorageTopic": topics.format("status"),
            "config": {**factors, **(workers or {})},
        },
        "mirrors": mirrors,
    }


def _cluster(alias: str, secured: str) -> dict[str, Any]:
    port = 9093 if secured else 9092
    cluster: dict[str, Any] = {"alias": alias, "bootstrapServers": f"{alias}-kafka-bootstrap:{port}"}
    if secured:
        secret = {"secretName": f"{alias}-cluster-ca-cert", "pattern": "*.crt"}
        cluster["tls"] = {"trustedCertificates": [secret]}
    user = f"{alias}-user"
    if secured == "tls-auth":
        files = {"secretName": user, "certificate": "user.crt", "key": "user.key"}
        cluster["authentication"] = {"type": "tls", "certificateAndKey": files}
    elif secured == "scram-sha-512":
        password = {"secretName": user, "password": "password"}
        cluster["authentication"] = {"type": secured, "username": user, "passwordSecret": password}
    return cluster


_PLAIN = example(
    topics="__my-mirror-maker-2-{}",
    both={"offset-syncs.topic.location": "target"},
    workers={"plugin.discovery": "service_load"},
    source_connector={},
    checkpoint_connector=NO_GROUPS,
)


def _reverse() -> dict[str, Any]:
    return example(
        "cluster-b",
        "cluster-a",
        topics="__my-mirror-maker-2-{}",
        both={"offset-syncs.topic.location": "target"},
        workers={"plugin.discovery": "service_load"},
        source_connector={},
        checkpoint_connector=NO_GROUPS,
    )


_SOURCE = """\
  region-mirror:source:
    {alias: cluster-a, cluster: cluster-a, namespace: kafka, listener: tls, user: cluster-a-user%s}
"""
_TARGET = """\
  region-mirror:target:
    {alias: cluster-b, cluster: cluster-b, namespace: kafka, listener: tls%s}
"""
_MIRROR = """\
  region-mirror:mirror:
    name: my-mirror-maker-2
    topics: [.*]
    replication_policy: %s
    tasks_max: 1
    group_id: my-mirror-maker-2-group
    configs_topic: %smy-mirror-maker-2-config
    offsets_topic: %smy-mirror-maker-2-offset
    status_topic: %smy-mirror-maker-2-status
"""
_WORKERS = """\
  region-mirror:workers: {replicas: 1, version: "4.3.1"}
"""


def _stack(policy: str = "default", before: str = "", login: str = "", own_login: str = "") -> str:
    mirror = _MIRROR % (policy, before, before, before)
    return f"config:\n{_SOURCE % login}{_TARGET % own_login}{mirror}{_WORKERS}"


_BOTH_WAYS = """\
config:
  region-mirror:mirror: {replication_policy: default, topics: [.*], tasks_max: 1}
  region-mirror:workers: {replicas: 1, version: "4.3.1"}
  region-mirror:mirrors:
    a-to-b:
      source: {alias: cluster-a, cluster: cluster-a, namespace: kafka, listener: tls, user: cluster-a-user}
      target: {alias: cluster-b, cluster: cluster-b, namespace: kafka, listener: tls, context: b}
      mirror: {topics_exclude: ["b-to-a-(configs|offsets|status)"]}
    b-to-a:
      source: {alias: cluster-b, cluster: cluster-b, namespace: kafka, listener: tls, user: cluster-b-user}
      target: {alias: cluster-a, cluster: cluster-a, namespace: kafka, listener: tls, context: a}
      mirror: {topics_exclude: ["a-to-b-(configs|offsets|status)"]}
"""
_SEVERAL = """\
config:
  region-mirror:source: {namespace: kafka, listener: tls}
  region-mirror:target: {alias: cluster-b, cluster: cluster-b, namespace: kafka, listener: tls}
  region-mirror:mirror: {replication_policy: default, topics: [.*], tasks_max: 1}
  region-mirror:workers: {replicas: 1, version: "4.3.1"}
  region-mirror:mirrors:
    a-to-b: {source: {alias: cluster-a, cluster: cluster-a, user: cluster-a-user}}
    c-to-b: {source: {alias: cluster-c, cluster: cluster-c, user: cluster-c-user}}
"""

CASES = (
    Case("Unidirectional", "mirror-maker/kafka-mirror-maker-2.yaml", (_PLAIN,), _stack(before="__")),
    Case(
        "Topics keep their names",
        "mirror-maker/kafka-mirror-maker-2-custom-replication-policy.yaml",
        (
            example(
                both={"replication.policy.class": IDENTITY},
                source_connector={"refresh.topics.interval.seconds": 600},
                checkpoint_connector=NO_GROUPS,
            ),
        ),
        _stack("identity"),
    ),
    Case(
        "Consumer groups",
        "mirror-maker/kafka-mirror-maker-2-sync-groups.yaml",
        (
            example(
                source_connector={"refresh.topics.interval.seconds": 600, "offset.lag.max": 100},
                checkpoint_connector=SYNC_GROUPS,
            ),
        ),
        _stack(),
    ),
    Case(
        "TLS",
        "mirror-maker/kafka-mirror-maker-2-tls.yaml",
        (
            example(
                secured="tls",
                source_connector={"refresh.topics.interval.seconds": 600},
                checkpoint_connector=NO_GROUPS,
            ),
        ),
        _stack(),
    ),
    Case(
        "SCRAM-SHA-512",
        "security/scram-sha-512-auth/mirror-maker-2.yaml",
        (
            example(
                secured="scram-sha-512",
                source_connector={"refresh.topics.interval.seconds": 600, "offset.lag.max": 100},
                checkpoint_connector=SYNC_GROUPS,
            ),
        ),
        _stack(),
    ),
    Case(
        "TLS client certificates",
        "security/tls-auth/mirror-maker-2.yaml",
        (example(secured="tls-auth", checkpoint_connector=SYNC_GROUPS),),
        _stack(login=", authentication: tls", own_login=", authentication: tls"),
        "The example has no `sourceConnector`: as it stands it copies nothing.",
    ),
    Case(
        "Two clusters, both ways",
        "documentation, *Bidirectional replication (active/active)*: the unidirectional example, each way",
        (_PLAIN, _reverse()),
        _BOTH_WAYS,
        "Run as two stacks, one for each target, or as one with two mirrors.",
    ),
    Case(
        "Several sources",
        "documentation, *Configuring MirrorMaker 2 using a shared target Kafka cluster*",
        (
            example(
                topics="__my-mirror-maker-2-{}",
                both={"offset-syncs.topic.location": "target"},
                workers={"plugin.discovery": "service_load"},
                source_connector={},
                checkpoint_connector=NO_GROUPS,
                further=("cluster-c",),
            ),
        ),
        _SEVERAL,
        "Strimzi also lets several sources share one KafkaMirrorMaker2. Ours has one for each: a source "
        "that is added or removed rolls no other mirror's pods, and each has a user with its own rights.",
    ),
)
