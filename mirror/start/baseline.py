"""Takes the baseline from the source's Kafka: before MM2 starts, and again when topics are added."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mirror.clients.cluster import Cluster
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.clients.topics import matched_topics
from mirror.estate.deployed import DeployedResource
from mirror.problems import CouldNotRead, CouldNotRun
from mirror.verify.baseline import Baseline, TooLarge, TopicThen
from settings import filters
from settings.model import Settings

GRACE_SECONDS = 15.0
PAUSE_SECONDS = 1.0


class AnotherCluster(CouldNotRun):
    """The mirror would go on at its positions, but in another Kafka cluster."""


class Taking:
    """Takes one mirror's baseline as the source user. `manifest` is the KafkaMirrorMaker2 as declared: it
    names the credentials before the resource exists.
    """

    def __init__(self, settings: Settings, manifest: Mapping[str, Any], root: Path) -> None:
        self._settings = settings
        self._manifest = manifest
        self._resource = DeployedResource(settings, root)

    def lacks_something(self, known: Baseline) -> bool:
        """Whether the source has matched topics or partitions that `known` does not contain. Raises
        CouldNotRun, AnotherCluster if `known` is of another one and the mirror is to run.
        """
        with self._source() as source:
            topics = source.topics()
            if not self._is_same(known, source.cluster_id):
                return False
            matched = matched_topics(self._settings, topics)
            return known.lacks({name: topics[name].partitions for name in matched})

    def take(self, known: Baseline | None) -> Baseline:
        """The current state of the source, added to the `known` baseline. Raises CouldNotRun."""
        began = time.monotonic()
        while True:
            try:
                with self._source() as source:
                    seen = read(self._settings, source)
                if known and not self._is_same(known, seen.cluster):
                    return known
                return known.extended(seen) if known else seen
            except AnotherCluster:
                raise
            except CouldNotRun:
                if time.monotonic() + PAUSE_SECONDS > began + GRACE_SECONDS:
                    raise
            time.sleep(PAUSE_SECONDS)

    def _is_same(self, known: Baseline, cluster: str) -> bool:
        """Whether the source is the cluster of the baseline, as far as both are known. Raises AnotherCluster
        unless the connectors are at rest: a mirror of another cluster can be stopped, and a promoted one
        deployed.
        """
        if not known.cluster or not cluster or known.cluster == cluster:
            return True
        mirror = self._settings.mirror
        if mirror.connector_state != "running":
            return False
        source = self._settings.source.alias
        raise AnotherCluster(
            f"comparing source {source} with the one that mirror {mirror.name} was started with",
            f"it is Kafka cluster {cluster}, and was {known.cluster}. MM2 would go on at its positions in "
            "the former cluster: it would skip records of this one, and mix those of both in the copies",
            f"if the address is wrong, set it back. Another cluster needs a mirror of its own, with another "
            f"source.alias. If this one takes the place of {source}, deploy with mirror.state: stopped, find "
            "out with `region-mirror audit` what its topics hold, then take a new baseline "
            "(docs/verification.md)",
        )

    def _source(self) -> Cluster:
        access = self._resource.source_access(self._manifest)
        return _connected(Cluster(access))


def read(
    settings: Settings, source: Cluster, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Baseline:
    """Read topic ids, start offsets and groups of the source. Raises CouldNotRun."""
    topics = source.topics()
    matched = list(matched_topics(settings, topics))
    ids = source.topic_ids(matched)
    partitions = [TopicPartition(name, one) for name in matched for one in range(topics[name].partitions)]
    bounds = source.bounds(partitions)
    then = {}
    for name in matched:
        topic_id = ids[name]
        if isinstance(topic_id, Unread):
            raise CouldNotRead(
                f"reading the id of topic {name} on {source.access.describe()}",
                topic_id.reason,
                "the source user needs Describe on the topic; try again",
            )
        begins = [_begin(bounds[TopicPartition(name, one)]) for one in range(topics[name].partitions)]
        then[name] = TopicThen(topic_id, len(begins), tuple(begins))
    groups = [group for group in source.groups() if filters.group_matches(settings.mirror, group)]
    return Baseline(now().isoformat(timespec="seconds"), source.cluster_id, then, tuple(groups))


def encoded(baseline: Baseline) -> bytes:
    """The baseline as bytes. Raises CouldNotRun where it is too large for a ConfigMap."""
    try:
        return baseline.encode()
    except TooLarge as error:
        raise CouldNotRun(
            "keeping the baseline of the source in a ConfigMap",
            str(error),
            "split `mirror.topics` over two mirrors",
        ) from error


def _begin(bounds: Bounds | Unread) -> int:
    return bounds.start if isinstance(bounds, Bounds) else -1


def _connected(cluster: Cluster) -> Cluster:
    cluster.connect()
    return cluster
