"""What a topic's configuration says about compaction and retention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mirror.clients.records import Unread
from mirror.clients.sides import Joined, Sides

KEPT_FOREVER = -1
"""`retention.ms` of a topic whose records are never deleted because of their age."""


def is_compacted(config: Mapping[str, str] | None) -> bool:
    """Whether `cleanup.policy` includes `compact`."""
    return "compact" in (config or {}).get("cleanup.policy", "")


def retention_ms(config: Mapping[str, str | None]) -> int | None:
    """The milliseconds after which records may be deleted; None where age deletes no record.

    That is: `retention.ms` is -1 or missing, or `cleanup.policy` does not include `delete`.
    """
    text = config.get("retention.ms") or ""
    value = int(text) if text.lstrip("-").isdigit() else KEPT_FOREVER
    policy = config.get("cleanup.policy")
    deletes = policy is None or "delete" in policy
    return value if deletes and value >= 0 else None


def compacted_topics(sides: Sides, joined: Iterable[Joined]) -> dict[str, Mapping[str, str]]:
    """The target's configuration of the joined topics, by the source topic's name.

    `cleanup.policy` includes `compact` where either side compacts. A configuration that could not be read
    counts as not compacted.
    """
    topics = {one.source.topic: one.target.topic for one in joined}
    on_source, on_target = sides.together(
        lambda: sides.source.topic_configs(topics), lambda: sides.target.topic_configs(topics.values())
    )
    found: dict[str, Mapping[str, str]] = {}
    for topic, remote in topics.items():
        configs = (on_source.get(topic), on_target.get(remote))
        policies = [
            config.get("cleanup.policy", "") for config in configs if not isinstance(config, Unread | None)
        ]
        target_config = configs[1]
        merged = {} if isinstance(target_config, Unread | None) else dict(target_config)
        merged["cleanup.policy"] = ",".join(policies)
        found[topic] = merged
    return found
