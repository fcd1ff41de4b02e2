"""Kafka's defaults, which `explain` prints beside every value.

They are those of the `ConfigDef`s of Kafka 4.3.1 (`tests/lab/test_kafka_defaults.py` checks them against the
jars) and of `Worker.baseProducerConfigs`, because Connect has its own defaults for producers.
"""

from __future__ import annotations

from typing import Literal

KAFKA_VERSION = "4.3.1"
ConfigOwner = Literal["worker", "source", "checkpoint"]
"""The configuration that a property belongs to: `target.config`, or that of one of the two connectors."""

PRODUCER_OVERRIDE, SOURCE_CONSUMER = "producer.override.", "source.consumer."


def _table(text: str) -> dict[str, str]:
    return dict(line.split(maxsplit=1) for line in text.strip().splitlines())


PRODUCER = _table("""
acks all
batch.size 16384
buffer.memory 33554432
compression.gzip.level -1
compression.lz4.level 9
compression.type none
compression.zstd.level 3
connections.max.idle.ms 540000
delivery.timeout.ms 120000
enable.idempotence true
linger.ms 5
max.block.ms 60000
max.in.flight.requests.per.connection 5
max.request.size 1048576
receive.buffer.bytes 32768
reconnect.backoff.max.ms 1000
reconnect.backoff.ms 50
request.timeout.ms 30000
retries 2147483647
retry.backoff.max.ms 1000
retry.backoff.ms 100
send.buffer.bytes 131072
transaction.timeout.ms 60000
""")
"""`ProducerConfig`."""

CONNECT_PRODUCER = _table("""
delivery.timeout.ms 2147483647
enable.idempotence false
max.block.ms 9223372036854775807
max.in.flight.requests.per.connection 1
""")
"""The defaults that `Worker.baseProducerConfigs` replaces; with exactly-once,
`exactlyOnceSourceTaskProducerConfigs` enables idempotence again.
"""

CONSUMER = _table("""
allow.auto.create.topics true
auto.offset.reset earliest
check.crcs true
connections.max.idle.ms 540000
default.api.timeout.ms 60000
enable.auto.commit false
fetch.max.bytes 52428800
fetch.max.wait.ms 500
fetch.min.bytes 1
isolation.level read_uncommitted
max.partition.fetch.bytes 1048576
max.poll.interval.ms 300000
max.poll.records 500
receive.buffer.bytes 65536
reconnect.backoff.max.ms 1000
reconnect.backoff.ms 50
request.timeout.ms 30000
retry.backoff.max.ms 1000
retry.backoff.ms 100
send.buffer.bytes 131072
""")
"""`ConsumerConfig`, but for `auto.offset.reset` and `enable.auto.commit`, which
`MirrorConnectorConfig.sourceConsumerConfig` sets.
"""

_CONNECTOR = _table(r"""
admin.timeout.ms 60000
consumer.poll.timeout.ms 1000
enabled true
errors.retry.timeout 0
errors.tolerance none
offset-syncs.topic.location source
replication.policy.class org.apache.kafka.connect.mirror.DefaultReplicationPolicy
replication.policy.internal.topic.separator.enabled true
replication.policy.separator .
tasks.max 1
tasks.max.enforce true
topic.filter.class org.apache.kafka.connect.mirror.DefaultTopicFilter
topics .*
topics.exclude mm2.*\.internal,.*\.replica,__.*
""")

SOURCE = _CONNECTOR | _table("""
config.properties.exclude follower.replication.throttled.replicas,leader.replication.throttled.replicas,message.timestamp.difference.max.ms,log.message.timestamp.before.max.ms,log.message.timestamp.after.max.ms,message.timestamp.type,unclean.leader.election.enable,min.insync.replicas
config.property.filter.class org.apache.kafka.connect.mirror.DefaultConfigPropertyFilter
emit.offset-syncs.enabled true
exactly.once.support requested
heartbeats.replication.enabled true
offset-syncs.topic.replication.factor 3
offset.lag.max 100
refresh.topics.enabled true
refresh.topics.interval.seconds 600
replication.factor 2
sync.topic.acls.enabled true
sync.topic.acls.interval.seconds 600
sync.topic.configs.enabled true
sync.topic.configs.interval.seconds 600
transaction.boundary poll
""")  # noqa: E501
"""`MirrorSourceConfig` and `SourceConnectorConfig`."""

CHECKPOINT = _CONNECTOR | _table("""
checkpoints.topic.replication.factor 3
emit.checkpoints.enabled true
emit.checkpoints.interval.seconds 60
group.filter.class org.apache.kafka.connect.mirror.DefaultGroupFilter
groups .*
groups.exclude console-consumer-.*,connect-.*,__.*
refresh.groups.enabled true
refresh.groups.interval.seconds 600
sync.group.offsets.enabled false
sync.group.offsets.interval.seconds 60
""")
"""`MirrorCheckpointConfig`."""

HEARTBEAT = frozenset(
    {"emit.heartbeats.enabled", "emit.heartbeats.interval.seconds", "heartbeats.topic.replication.factor"}
)
"""Properties that only the heartbeat connector reads (`MirrorHeartbeatConfig`)."""
_READ_ALL_THE_SAME = frozenset({"emit.offset-syncs.enabled"})
"""What the checkpoint connector reads without defining it (`MirrorCheckpointConfig.validate`)."""

WORKER = _table("""
config.storage.replication.factor 3
connect.protocol sessioned
connector.client.config.override.policy All
exactly.once.source.support disabled
offset.flush.interval.ms 60000
offset.flush.timeout.ms 5000
offset.storage.partitions 25
offset.storage.replication.factor 3
rebalance.timeout.ms 60000
request.timeout.ms 40000
scheduled.rebalance.max.delay.ms 300000
session.timeout.ms 10000
status.storage.partitions 5
status.storage.replication.factor 3
task.shutdown.graceful.timeout.ms 5000
topic.creation.enable true
worker.sync.timeout.ms 3000
worker.unsync.backoff.ms 300000
""")
"""`DistributedConfig`."""


def kafka_default(where: ConfigOwner, key: str, *, exactly_once: bool = True) -> str | None:
    """Return the default that Connect or MM2 uses; None if there is none."""
    if where == "worker":
        return WORKER.get(key)
    if key.startswith(PRODUCER_OVERRIDE):
        name = key.removeprefix(PRODUCER_OVERRIDE)
        if name == "enable.idempotence" and exactly_once:
            return "true"
        return CONNECT_PRODUCER.get(name, PRODUCER.get(name))
    for prefix in (SOURCE_CONSUMER, "consumer."):
        if key.startswith(prefix) and key not in _CONNECTOR:
            return CONSUMER.get(key.removeprefix(prefix))
    return (SOURCE if where == "source" else CHECKPOINT).get(key)


def read_by_another(where: ConfigOwner, key: str) -> bool:
    """Tell whether MM2's other connectors read a property, and this one ignores it. Always False for the
    workers.
    """
    own = SOURCE if where == "source" else CHECKPOINT
    if where == "worker" or key in own or key in _READ_ALL_THE_SAME:
        return False
    return key in SOURCE or key in CHECKPOINT or key in HEARTBEAT
