"""The quarantine topics on the target: their names, and their creation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from confluent_kafka import KafkaError
from confluent_kafka.admin import AdminClient, NewTopic

from mirror.clients.answers import settled
from mirror.clients.config_values import config_values
from mirror.clients.records import Unread
from mirror.clients.topics import Topics
from mirror.cutover.recovery.write import HEADER_BYTES
from mirror.problems import CouldNotRun
from settings.patterns import literal

SUFFIX = ".recovered"
SECONDS = 30.0
CONFIG = {
    # Records keep their timestamps: a limit would delete old ones at once, and compaction those of one key.
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "message.timestamp.type": "CreateTime",
}
BATCH_BYTES = 1_000_000
"""librdkafka's default of `batch.size`."""
_KEEPS = ("retention.ms", "retention.bytes", "cleanup.policy")
"""Those without which Kafka deletes records of the topic."""


def quarantine(topic: str) -> str:
    """Name the quarantine topic of a topic of the target."""
    return topic + SUFFIX


def largest_record(config: Mapping[str, str] | Unread | None) -> str:
    """Return `max.message.bytes` of a quarantine topic, from the configuration of the source topic; empty
    where that could not be read. Pure.
    """
    size = config.get("max.message.bytes") if isinstance(config, Mapping) else None
    return str(int(size) + HEADER_BYTES) if size and size.isdigit() else ""


def largest_batch(configs: Iterable[Mapping[str, str] | Unread]) -> int:
    """Return the bytes of one batch that each of these topics takes. A batch counts as one message in
    `max.message.bytes`, and librdkafka does not divide one that is refused, as Java's producer does. Pure.
    """
    sizes = [one.get("max.message.bytes") for one in configs if isinstance(one, Mapping)]
    return max(1, min([BATCH_BYTES, *(int(size) for size in sizes if size and size.isdigit())]))


def exclusions(topics: Topics) -> list[str]:
    """Return the patterns with which the way back leaves the quarantine topics out: one for all of them, or
    their names where another topic has such a name. Pure.
    """
    copies = set(topics.matched.values())
    own = {quarantine(one) for one in copies} - copies
    others = [name for name in (*copies, *topics.target) if name.endswith(SUFFIX) and name not in own]
    if others:
        return [literal(name) for name in sorted(own & topics.target.keys())]
    return [rf".*{re.sub('[.]', '[.]', SUFFIX)}"]


def unfit(
    topics: Topics, wanted: Mapping[str, int], configs: Mapping[str, Mapping[str, str] | Unread]
) -> tuple[str, str, str] | None:
    """Return a topic that is no place for recovered records, why, and the way out; None where each is fit.
    `configs`: of the topics that exist, where they could be read. Pure.
    """
    copies = set(topics.matched.values())
    for name, count in wanted.items():
        there, config = topics.target.get(name), configs.get(name)
        if name in copies:
            way_out = "write to the topics themselves: `--to topic --conflicts-to topic`"
            return name, "it is a mirrored topic, and these records are of another one", way_out
        if there is not None and there.partitions < count:
            return (
                name,
                f"it has {there.partitions} partitions, and the source topic has {count}",
                f"add partitions: `kafka-topics.sh --alter --topic {name} --partitions {count}`",
            )
        if isinstance(config, Unread):
            way_out = "give a login that may DescribeConfigs on it, with --target-admin-config FILE"
            return name, f"whether it keeps recovered records could not be read: {config.reason}", way_out
        given = config or {}
        if wrong := [key for key in _KEEPS if given.get(key, CONFIG[key]) != CONFIG[key]]:
            return (
                name,
                f"it has {', '.join(f'{key}={given[key]}' for key in wrong)}: Kafka would delete recovered "
                "records, which keep their old timestamps",
                f"`kafka-configs.sh --alter --topic {name} --add-config "
                f"{','.join(f'{key}={CONFIG[key]}' for key in wrong)}`",
            )
    return None


def create(
    config: Mapping[str, Any],
    where: str,
    topics: Topics,
    wanted: Mapping[str, int],
    largest: Mapping[str, str],
    configs: Mapping[str, Mapping[str, str] | Unread],
) -> None:
    """Create the topics that are missing, and wait for their leaders. `wanted`: name -> partitions.
    `largest`: name -> `max.message.bytes`. `configs`: of those that exist, as the verifier sees them. One
    that it does not see is asked for with `config`, which writes. Raises CouldNotRun, also where one is
    unfit.
    """
    seen = {name: one for name, one in configs.items() if not isinstance(one, Unread)}
    _refuse(unfit(topics, wanted, seen), where)
    new = [
        NewTopic(
            name,
            count,
            # As many replicas as the copy: the cluster's default may be one.
            copy.replication_factor if (copy := topics.target.get(name.removesuffix(SUFFIX))) else -1,
            config={**CONFIG, **({"max.message.bytes": largest[name]} if name in largest else {})},
        )
        for name, count in wanted.items()
        if name not in topics.target
    ]
    hidden = [name for name in wanted if isinstance(configs.get(name), Unread)]
    if not new and not hidden:
        return
    admin = AdminClient({**config, "client.id": "region-mirror-recover", "log_level": 0})
    made = admin.create_topics(new, request_timeout=SECONDS, operation_timeout=SECONDS) if new else {}
    for name, future in made.items():
        answer = settled(future, SECONDS)
        if isinstance(answer, Unread) and answer.code == KafkaError.TOPIC_ALREADY_EXISTS:
            hidden.append(name)
        elif isinstance(answer, Unread):
            raise CouldNotRun(
                f"creating topic {name} on {where}",
                answer.reason,
                "create it with as many partitions as the source topic has and `retention.ms=-1`, or "
                "give a login that may create it: --target-admin-config FILE",
            )
    values = config_values(admin, hidden)
    there = {
        name: one if isinstance(one, Unread) else {key: each.value for key, each in one.items() if each.value}
        for name, one in values.items()
    }
    _refuse(unfit(topics, {name: wanted[name] for name in hidden}, there), where)


def _refuse(found: tuple[str, str, str] | None, where: str) -> None:
    if found is not None:
        name, happened, way_out = found
        raise CouldNotRun(f"writing to topic {name} on {where}", happened, way_out)
