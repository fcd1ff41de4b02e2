"""Looks for leftovers on both clusters, as the verifier and as the source user. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import TimeoutError as FutureTimeout

from confluent_kafka import KafkaError, KafkaException, TopicCollection

from mirror.clients.answers import REQUEST_SECONDS
from mirror.clients.cluster import Cluster
from mirror.clients.connect_group import workers
from mirror.clients.records import Bounds, TopicPartition, Unread
from mirror.clients.sides import Sides
from mirror.clients.topics import matched_topics
from mirror.estate.one_cluster import refuse_one_cluster
from mirror.mm2.identity import Identity
from mirror.mm2.positions import Positions
from mirror.problems import CouldNotRead, one_line
from mirror.start.leftovers.judge import Gap, Leftovers, NonEmptyTopic
from settings.model import Settings
from settings.names import Names


def look(
    settings: Settings, sides: Sides, former: Identity | None
) -> tuple[Leftovers, dict[TopicPartition, int], bool]:
    """Return the leftovers, the positions that MM2 would find, and whether these are only start positions of
    a first deployment that was interrupted before MM2 ran.

    Topics of this mirror's `former` identity are its own and not leftovers. Raises CouldNotRead where a topic
    cannot be read, because then leftovers cannot be excluded, and CouldNotRun where both sides are one
    cluster: its own topics would pass for leftovers, to be deleted.
    """
    refuse_one_cluster(settings, sides.source.cluster_id, sides.target.cluster_id)
    names, identity = Names.of(settings), Identity.of(settings)
    mine = set(former.topics) if former else set()
    wanted = [topic for where, topic in identity.topics if (where, topic) not in mine and where == "target"]
    on_target = _held(sides.target, existing(sides.target, [*wanted, names.offsets_topic]))
    positions, only_starts = _positions(settings, sides, on_target.get(names.offsets_topic))
    if only_starts or names.offsets_topic not in wanted:
        on_target.pop(names.offsets_topic, None)
    on_source = {}
    if settings.mirror.offset_syncs_topic_location == "source":
        syncs = [
            topic for where, topic in identity.topics if (where, topic) not in mine and where == "source"
        ]
        on_source = _held(sides.source, existing(sides.source, syncs))
    matched = matched_topics(settings, sides.source.topics())
    copies = _held(sides.target, existing(sides.target, matched.values()))
    gaps = _gaps(sides, positions, matched, copies) if not only_starts else []
    same_copies = former is not None and former.same_copies(identity)
    return (
        Leftovers(
            on_target=_some(on_target),
            on_source=_some(on_source),
            copies=() if same_copies else _some(copies),
            gaps=gaps,
            positions=0 if only_starts else len(positions),
            members=0
            if former and former.group_id == names.group_id
            else workers(sides.target, names.group_id),
        ),
        positions,
        only_starts,
    )


def existing(cluster: Cluster, topics: Iterable[str]) -> dict[str, int]:
    """Return the number of partitions of each of these topics that exists.

    A list of all topics omits a topic that the user may not describe. A request for one topic by name shows
    whether it is missing or forbidden.
    """
    asked = TopicCollection(list(dict.fromkeys(topics)))
    if not asked.topic_names:
        return {}
    found = {}
    answers = cluster.admin.describe_topics(asked, request_timeout=REQUEST_SECONDS)
    for topic, answer in answers.items():
        try:
            found[topic] = len(answer.result(REQUEST_SECONDS + 5).partitions)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise _unreadable(cluster, f"topic {topic}", one_line(error.args[0].str())) from error
        except FutureTimeout as error:
            raise _unreadable(cluster, f"topic {topic}", "no answer in time") from error
    return found


def _held(cluster: Cluster, topics: Mapping[str, int]) -> dict[str, dict[TopicPartition, Bounds]]:
    """Return the bounds of the partitions of each topic."""
    wanted = [TopicPartition(topic, number) for topic, count in topics.items() for number in range(count)]
    found: dict[str, dict[TopicPartition, Bounds]] = {topic: {} for topic in topics}
    for one, bounds in cluster.bounds(wanted).items():
        if isinstance(bounds, Unread):
            raise _unreadable(cluster, f"topic {one.topic}", bounds.reason)
        found[one.topic][one] = bounds
    return found


def _some(held: Mapping[str, Mapping[TopicPartition, Bounds]]) -> tuple[NonEmptyTopic, ...]:
    """Return the topics that are not empty; an empty topic has no effect."""
    found = []
    for topic, partitions in held.items():
        records = sum(log.end - log.start for log in partitions.values())
        if records:
            found.append(NonEmptyTopic(topic, records, sum(log.end for log in partitions.values())))
    return tuple(found)


def _positions(
    settings: Settings, sides: Sides, offsets: Mapping[TopicPartition, Bounds] | None
) -> tuple[dict[TopicPartition, int], bool]:
    """Return MM2's positions, and whether all of them are start positions from an interrupted first
    deployment of this mirror. Then MM2 has not run since: it would have moved or added a position.
    """
    names = Names.of(settings)
    if not offsets or all(log.empty for log in offsets.values()):
        return {}, False
    store = Positions(
        sides.target,
        sides.target_reader,
        names.offsets_topic,
        len(offsets),
        names.source_connector,
        settings.source.alias,
    )
    positions = store.read()
    # A start at the beginning (-1) is no position: only its mark is written.
    chosen = {one: offset for one, offset in store.starts.items() if offset >= 0}
    return positions, bool(store.starts) and positions == chosen


def _gaps(
    sides: Sides,
    positions: Mapping[TopicPartition, int],
    matched: Mapping[str, str],
    copies: Mapping[str, Mapping[TopicPartition, Bounds]],
) -> list[Gap]:
    missing = []
    for one in positions:
        if one.topic in matched:
            copy = TopicPartition(matched[one.topic], one.partition)
            log = copies.get(copy.topic, {}).get(copy)
            if log is None or log.empty:
                missing.append(one)
    gaps = []
    for one, bounds in sides.source.bounds(missing).items():
        if isinstance(bounds, Bounds) and positions[one] >= bounds.start:
            gaps.append(Gap(one, positions[one], min(positions[one] + 1, bounds.end) - bounds.start))
    return gaps


def _unreadable(cluster: Cluster, what: str, reason: str) -> CouldNotRead:
    return CouldNotRead(
        f"looking for leftovers in {what} of {cluster.access.describe()}",
        reason,
        "check the broker's health and the user's ACLs: it needs Describe on it",
    )
