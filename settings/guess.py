""" "Did you mean ...?": suggestions for misspelt settings, sections and values."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from settings.kinds import is_section, settings_of
from settings.model import Settings

_ELSEWHERE = {
    # Names in Strimzi's KafkaMirrorMaker2 and in Kafka.
    "topics_pattern": "mirror.topics",
    "topics_exclude_pattern": "mirror.topics_exclude",
    "groups_pattern": "mirror.groups",
    "groups_exclude_pattern": "mirror.groups_exclude",
    "replication_policy_class": "mirror.replication_policy",
    "config_storage_topic": "mirror.configs_topic",
    "offset_storage_topic": "mirror.offsets_topic",
    "status_storage_topic": "mirror.status_topic",
    "config_properties_exclude": "mirror.topic_configs_exclude",
    "auto_restart": "mirror.auto_restart_max",
    "jvm": "workers.jvm_options",
    "logging": "workers.loggers",
    "metrics_config": "workers.metrics",
    "rack": "workers.rack_topology_key",
    "username": "source.user",
    "verify": "verification.enabled",
}


def normalised(name: object) -> str:
    """Spell a name like a setting: `tasksMax`, `tasks.max` and `tasks-max` become `tasks_max`."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(name))
    return re.sub(r"[.\- ]+", "_", snake).lower()


def closest(value: object, known: Collection[str]) -> str | None:
    """Return the known word that is most similar to the value, if one is."""
    words = {normalised(word): word for word in known}
    close = difflib.get_close_matches(normalised(value), list(words), n=1, cutoff=0.7)
    return words[close[0]] if close else None


def did_you_mean(value: object, known: Collection[str]) -> str | None:
    """Return the question, or None if no known word is similar."""
    close = closest(value, known)
    return f"Did you mean {close}?" if close else None


def setting(section: str, key: object, known: Collection[str]) -> str | None:
    """Return the question for a key that is not a setting of the section (`mirror.config`; "" at the top).

    The section's own settings are preferred, unless another section has a setting with exactly this name.
    """
    if not section and str(key).partition(".")[0] in known and "." in str(key):
        return (
            "It was set without --path. Remove the line, then: `pulumi config set --path "
            f"region-mirror:{key}`, with --secret for a secret"
        )
    name = normalised(key)
    if name in {normalised(word) for word in known}:
        return did_you_mean(key, known)
    exact = [path for path in paths() if path.rpartition(".")[2] == name]
    if name in _ELSEWHERE:
        exact.append(_ELSEWHERE[name])
    if exact:
        return f"Did you mean {' or '.join(exact)}?"
    return did_you_mean(key, known) or _elsewhere(section, name)


@cache
def paths() -> tuple[str, ...]:
    """Return every setting and section, `source` and `source.credentials.password` alike."""
    return tuple(_paths("", Settings))


def _paths(prefix: str, kind: type[Any]) -> Iterator[str]:
    for field, inner in settings_of(kind):
        yield f"{prefix}{field.name}"
        if is_section(inner):
            yield from _paths(f"{prefix}{field.name}.", inner)


def _elsewhere(section: str, name: str) -> str | None:
    others = {path.rpartition(".")[2]: path for path in paths() if path.rpartition(".")[0] != section}
    close = difflib.get_close_matches(name, list(others), n=1, cutoff=0.8)
    return f"Did you mean {others[close[0]]}?" if close else None
