"""Raw properties that are refused, because they have a setting or are derived by Strimzi or this program.

Strimzi 1.2.0 drops some of them from the workers' configuration with a warning in its log
(`KafkaMirrorMaker2Configuration`), and passes others on: `target.config` and `source.config` reach the
connectors as `target.cluster.*` and `source.cluster.*`, where they replace the values that Strimzi derived.
"""

from __future__ import annotations

import re

from settings.no_loss.table import CLIENT, CONNECTORS, SOURCE, WORKER

_PREFIX = re.compile(
    r"(source\.cluster\.|target\.cluster\.)?((source|target)\.)?((producer|consumer|admin)\.(override\.)?)?"
)
_CONNECTION = re.compile(
    r"bootstrap\.servers|security\.(protocol|providers)|sasl\..*|ssl\.(truststore|keystore|key)\..*"
    r"|transactional\.id|(key|value)\.(de)?serializer"
)
_TLS = re.compile(r"ssl\.(endpoint\.identification\.algorithm|cipher\.suites|protocol|enabled\.protocols)")
"""The exceptions that Strimzi allows (`FORBIDDEN_PREFIX_EXCEPTIONS`)."""
_CONNECTOR = {
    "name": "mirror.name",
    "connector.plugin.version": "workers.version",
    "topics": "mirror.topics",
    "topics.exclude": "mirror.topics_exclude",
    "topics.blacklist": "mirror.topics_exclude",
    "groups": "mirror.groups",
    "groups.exclude": "mirror.groups_exclude",
    "groups.blacklist": "mirror.groups_exclude",
    "config.properties.exclude": "mirror.topic_configs_exclude",
    "config.properties.blacklist": "mirror.topic_configs_exclude",
    "replication.factor": "mirror.replication_factor",
    "offset.lag.max": "mirror.offset_lag_max",
    "refresh.topics.interval.seconds": "mirror.refresh_topics_interval_seconds",
    "refresh.groups.interval.seconds": "mirror.refresh_groups_interval_seconds",
    "sync.topic.configs.interval.seconds": "mirror.sync_topic_configs_interval_seconds",
    "sync.group.offsets.interval.seconds": "mirror.sync_group_offsets_interval_seconds",
    "emit.checkpoints.interval.seconds": "mirror.emit_checkpoints_interval_seconds",
    "heartbeats.replication.enabled": "mirror.heartbeats_interval_seconds",
    "offsets.storage.topic": "mirror.offsets_topic",
}
_WORKER = {
    "group.id": "mirror.group_id",
    "config.storage.topic": "mirror.configs_topic",
    "offset.storage.topic": "mirror.offsets_topic",
    "status.storage.topic": "mirror.status_topic",
}
_OF_WORKERS = re.compile(
    r"(config|offset|status)\.storage\..*|group\.id|(key|value|header)\.converter(\..*)?"
)
_CLASSES = ("topic.filter.class", "group.filter.class", "replication.policy.internal.topic.separator.enabled")


def instead(section: str, key: str) -> tuple[str, str] | None:
    """Return why a property is refused in a section of `mirror.config`, as (rule, remedy); else None."""
    bare = _PREFIX.sub("", key, count=1)
    if _CONNECTION.fullmatch(bare):
        side = "source" if section == CLIENT or key.startswith("source.") else "target"
        rule = f"would silently replace the value that Strimzi derives from the section {side}, or be dropped"
        return rule, f"Set it up in {side}: bootstrap_servers, listener, authentication, credentials"
    if section in CONNECTORS:
        return _of_connector(section, key)
    if section == WORKER:
        return _of_worker(key)
    if not _TLS.fullmatch(key):
        rule = "has no effect: MM2 reads only connection settings from this section (`MirrorClientConfig`)"
        return rule, _of_client(key)
    return None


def _of_client(key: str) -> str:
    """Say where a property that has no effect in the section of the source's clients belongs."""
    if _OF_WORKERS.fullmatch(key):
        return "Remove the line: it is a property of the workers (mirror.config.worker)"
    own = key.removeprefix("source.")
    if own.startswith(("consumer.", "producer.", "admin.")):
        return f"Write source.{own} in mirror.config.source_connector"
    return f"Write source.consumer.{key} or source.admin.{key} in mirror.config.source_connector"


def _of_connector(section: str, key: str) -> tuple[str, str] | None:
    if key.startswith(("source.cluster.", "target.cluster.")):
        return "is derived from the sections source and target", "Set it there"
    if key == "connector.class":
        return "is set by Strimzi", "Remove the line"
    if key == "tasks.max":
        tasks = "tasks_max" if section == SOURCE else "checkpoint_tasks_max"
        return f"has a setting of its own, mirror.{tasks}", "Move it there"
    if key in _CLASSES:
        rule = (
            "must keep MM2's default: ACLs, names and checks depend on how MM2 reads patterns and "
            "names topics"
        )
        return rule, "Remove the line; select topics and groups with mirror.topics and mirror.groups"
    if setting := _CONNECTOR.get(key):
        return f"has a setting of its own, {setting}", "Move it there"
    return None


def _of_worker(key: str) -> tuple[str, str] | None:
    if setting := _WORKER.get(key):
        return f"has a setting of its own, {setting}", "Move it there"
    if key in ("listeners", "plugin.path") or key.startswith(("rest.", "security.", "ssl.", "sasl.")):
        if _TLS.fullmatch(key):
            return None
        return "is ignored: Strimzi derives it", "Remove the line"
    if key in ("consumer.interceptor.classes", "producer.interceptor.classes"):
        return "is ignored: Strimzi sets it for tracing", "Set workers.tracing"
    return None
