"""The topics' configurations: of all mirrored topics on both sides, and of the mirror's internal topics."""

from __future__ import annotations

from collections.abc import Mapping

from manifests.strimzi.connectors import (
    checkpoint_connector_config,
    source_connector_config,
    worker_config,
)
from mirror.clients.records import ConfigValue, Topic, Unread
from mirror.problems import CouldNotRun
from mirror.verify.reading.look import Look
from mirror.verify.values.internal_topic import InternalTopic
from mirror.verify.values.topic_config import KafkaTopic

TopicConfig = Mapping[str, Mapping[str, ConfigValue] | Unread]


def source_configs(look: Look) -> TopicConfig:
    """Of the mirrored topics, by their names on the source."""
    return look.sides.source.topic_config_values(look.topics.matched)


def target_configs(look: Look) -> TopicConfig:
    """Of their copies, by their names on the target."""
    there = [remote for remote in look.topics.matched.values() if remote in look.topics.target]
    return look.sides.target.topic_config_values(there)


def both_configs(look: Look) -> tuple[TopicConfig, TopicConfig]:
    """Both at once."""
    return look.sides.together(lambda: look.of(source_configs), lambda: look.of(target_configs))


def kafka_topics(look: Look) -> dict[str, KafkaTopic]:
    """The KafkaTopics of the target's cluster by the topic's name; none where they may not be listed."""
    target, kubernetes = look.settings.target, look.session.deployed.kubernetes
    try:
        found = kubernetes.strimzi_list(
            "KafkaTopic", target.namespace, {"strimzi.io/cluster": target.cluster}
        )
    except CouldNotRun:
        return {}
    return {one.topic: one for one in map(KafkaTopic.of, found)}


def internal_topics(look: Look) -> list[InternalTopic]:
    """Connect's three topics, and MM2's two: offset syncs where the stack file has them."""
    names, settings, topics = look.names, look.settings, look.topics
    worker, source = worker_config(settings), source_connector_config(settings)
    checkpoint = checkpoint_connector_config(settings)
    syncs_on_source = settings.mirror.offset_syncs_topic_location == "source"
    wanted = [
        (
            "Connect's topic of configs", names.configs_topic, worker["config.storage.replication.factor"],
            "the connectors' configuration is deleted, and after a restart no connector runs",
        ),
        (
            "Connect's topic of offsets", names.offsets_topic, worker["offset.storage.replication.factor"],
            "the mirror's positions are deleted, and after a restart every record is copied again",
        ),
        (
            "Connect's topic of statuses", names.status_topic, worker["status.storage.replication.factor"],
            "the connectors' states are deleted, and it is unknown whether they run",
        ),
        (
            "the checkpoints topic", names.checkpoints_topic,
            checkpoint["checkpoints.topic.replication.factor"],
            "checkpoints are deleted, and after a restart MM2 no longer translates groups that are behind",
        ),
    ]  # fmt: skip
    syncs = (
        "the offset-syncs topic", names.offset_syncs_topic, source["offset-syncs.topic.replication.factor"],
        "offset syncs are deleted, and after a restart MM2 no longer translates any group",
    )  # fmt: skip
    if not syncs_on_source:
        wanted.append(syncs)
    configs = look.sides.target.topic_config_values(name for _, name, *_ in wanted if name in topics.target)
    found = [
        _internal(one, look.sides.target.alias, "verifier", topics.target, configs, topics.target_brokers)
        for one in wanted
    ]
    if syncs_on_source:
        here = [syncs[1]] if syncs[1] in topics.source else []
        configs = look.sides.source.topic_config_values(here)
        found.append(
            _internal(
                syncs, look.sides.source.alias, "source user", topics.source, configs, topics.source_brokers
            )
        )
    return found


def _internal(
    wanted: tuple[str, str, str, str],
    where: str,
    user: str,
    topics: Mapping[str, Topic],
    configs: TopicConfig,
    brokers: int,
) -> InternalTopic:
    role, name, asked, holds = wanted
    return InternalTopic(
        role=role,
        name=name,
        where=where,
        user=user,
        holds=holds,
        topic=topics.get(name),
        config=configs.get(name, Unread("not asked for")),
        brokers=brokers,
        asked=int(asked) if asked.isdigit() else -1,
        one_partition=role.endswith("configs"),
    )
