"""Source topics and consumer groups that the patterns match before and after a change. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from manifests.strimzi.resource import MirrorFlow
from mirror.plan.planned import GroupChanges, PlannedTopic, SourceLook, TopicChanges
from settings.filters import group_matches, mirrored
from settings.model import MirrorSettings, Settings
from settings.names import copy_of

_NOT_READABLE = "the deployed patterns are regular expressions that only Java understands"


def deployed_mirror(settings: Settings, flow: MirrorFlow) -> MirrorSettings:
    """Return the mirror's settings with the deployed patterns; MM2's default replaces an absent one."""
    return replace(
        settings.mirror,
        heartbeats_interval_seconds=0,  # the deployed patterns already include the heartbeats topic
        topics=flow.pattern_list("topicsPattern", (".*",)),
        topics_exclude=flow.pattern_list("topicsExcludePattern"),
        groups=flow.pattern_list("groupsPattern", (".*",)),
        groups_exclude=flow.pattern_list("groupsExcludePattern"),
    )


def entering_topics(settings: Settings, flow: MirrorFlow | None, names: Iterable[str]) -> list[str]:
    """Return the topics that the change adds.

    Raises re.error or Warning for deployed patterns that Python cannot read.
    """
    return [name for name, before, after in _topics(settings, flow, names) if after and not before]


def topic_changes(settings: Settings, flow: MirrorFlow | None, look: SourceLook) -> TopicChanges:
    """Compare the topics before and after; `flow`: the deployed mirror; None if there is none."""
    if look.topics_unknown is not None:
        return TopicChanges(unknown=look.topics_unknown)
    try:
        found = list(_topics(settings, flow, look.topics))
    except (re.error, Warning):
        return TopicChanges(unknown=_NOT_READABLE)

    def topic(name: str, enters: bool) -> PlannedTopic:
        partitions, records = look.topics[name]
        copy = copy_of(settings, name)
        return PlannedTopic(name, partitions, None if copy == name else copy, records if enters else None)

    return TopicChanges(
        sum(after for _, _, after in found),
        tuple(topic(name, True) for name, before, after in found if after and not before),
        tuple(topic(name, False) for name, before, after in found if before and not after),
    )


def group_changes(settings: Settings, flow: MirrorFlow | None, look: SourceLook) -> GroupChanges:
    """Compare the consumer groups as `topic_changes` compares topics."""
    if look.groups_unknown is not None:
        return GroupChanges(unknown=look.groups_unknown)
    try:
        found = _compared(look.groups, settings, flow, group_matches)
        others = tuple(name for name in look.other_groups if group_matches(settings.mirror, name))
    except (re.error, Warning):
        return GroupChanges(unknown=_NOT_READABLE)
    return GroupChanges(
        sum(after for _, _, after in found),
        tuple(name for name, before, after in found if after and not before),
        tuple(name for name, before, after in found if before and not after),
        untranslated=others,
    )


def _topics(
    settings: Settings, flow: MirrorFlow | None, names: Iterable[str]
) -> list[tuple[str, bool, bool]]:
    return _compared(names, settings, flow, lambda mirror, name: mirrored(settings, name, mirror))


def _compared(
    names: Iterable[str],
    settings: Settings,
    flow: MirrorFlow | None,
    match: Callable[[MirrorSettings, str], bool],
) -> list[tuple[str, bool, bool]]:
    """Return each name, whether it matched before, and whether it matches after the change."""
    old = None if flow is None else deployed_mirror(settings, flow)
    return [
        (name, old is not None and match(old, name), match(settings.mirror, name)) for name in sorted(names)
    ]
