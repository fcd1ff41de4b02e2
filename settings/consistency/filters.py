"""Rules for topics and groups that are listed by name: MM2 must be able to mirror them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from settings.filters import GROUPS_EXCLUDE_DEFAULT, TOPICS_EXCLUDE_DEFAULT
from settings.model import Settings
from settings.patterns import matches
from settings.problems import Problem
from settings.replication_policy import is_internal
from settings.rules.text import RuleResult
from settings.scopes import literal_names


def listed_topics_can_be_mirrored(settings: Settings) -> Iterator[Problem]:
    """`DefaultTopicFilter` and `isInternalTopic` leave out some names whatever the patterns are."""
    separator, version = settings.mirror.replication_policy_separator, settings.workers.version

    def fault(name: str) -> RuleResult:
        remedy = "Remove it: MM2 mirrors no topic of this name"
        if exclude := _excluding(name, TOPICS_EXCLUDE_DEFAULT):
            return f"can never match: MM2 always leaves out topics that match {exclude}", remedy
        if is_internal(separator, name):
            return "can never match: MM2 takes it for one of its internal topics", remedy
        if is_internal(separator, name, version):
            return (
                f"can never match: workers of Kafka {version} take each topic that ends in "
                f"{_endings(separator)} for one of MM2's own (KIP-1074)",
                "Set workers.version to 4.0.0 or newer, or remove the topic",
            )
        return None

    yield from _never_match("mirror.topics", settings.mirror.topics, fault)


def listed_groups_can_be_translated(settings: Settings) -> Iterator[Problem]:
    """`DefaultGroupFilter` leaves out some names whatever the patterns are."""

    def fault(name: str) -> RuleResult:
        exclude = _excluding(name, GROUPS_EXCLUDE_DEFAULT)
        if exclude is None:
            return None
        return (
            f"can never match: MM2 always leaves out groups that match {exclude}",
            "Remove it, and set the group's offsets on the target by hand before its consumers start there",
        )

    yield from _never_match("mirror.groups", settings.mirror.groups, fault)


def _endings(separator: str) -> str:
    return " or ".join(dict.fromkeys((".internal", "-internal", f"{separator}internal")))


def _never_match(path: str, patterns: Sequence[str], fault: Callable[[str], RuleResult]) -> Iterator[Problem]:
    """Judge the entries that are names: an entry of which one name can match is sound."""
    for index, pattern in enumerate(patterns):
        faults = [fault(name) for name in literal_names(pattern)]
        if faults and faults[0] is not None and all(faults):
            yield Problem(f"{path}[{index}]", pattern, *faults[0])


def _excluding(name: str, excludes: Sequence[str]) -> str | None:
    return next((exclude for exclude in excludes if matches((exclude,), name)), None)


RULES = (listed_topics_can_be_mirrored, listed_groups_can_be_translated)
