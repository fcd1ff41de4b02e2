"""Mirrored topics without a copy, and what of their configuration the target's brokers refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mirror.clients.records import Unread
from mirror.verify.reading.look import Look
from mirror.verify.values.copy_rules import copy_rules
from mirror.verify.values.refused_topic import Refused, TargetBrokers, copied, refusals


@dataclass(frozen=True, slots=True)
class MissingTopic:
    """A topic without a copy: what the target refuses of it, and all that MM2 would set on the copy.

    Both are empty where the configuration could not be read.
    """

    refused: tuple[Refused, ...] = ()
    copied: tuple[str, ...] = ()


def missing_topics(look: Look) -> Mapping[str, MissingTopic]:
    """By the name on the source. Nothing is read where every topic has a copy."""
    missing = [name for name, remote in look.topics.matched.items() if remote not in look.topics.target]
    if not missing:
        return {}
    offsets_topic = look.names.offsets_topic
    wanted = [offsets_topic] if offsets_topic in look.topics.target else []
    here, there = look.sides.together(
        lambda: look.sides.source.topic_config_values(missing),
        lambda: look.sides.target.topic_config_values(wanted),
    )
    any_topic = there.get(offsets_topic)
    brokers = TargetBrokers.of_topic(any_topic) if isinstance(any_topic, Mapping) else TargetBrokers()
    rules = copy_rules(look.settings)
    found = {}
    for name in missing:
        config = here.get(name)
        if config is None or isinstance(config, Unread):
            found[name] = MissingTopic()
        else:
            found[name] = MissingTopic(refusals(config, rules, brokers), tuple(copied(config, rules)))
    return found
