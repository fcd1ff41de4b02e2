"""Filters for topics and groups: patterns as in a stack file, matched against the whole name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mirror.problems import CouldNotRun
from mirror.status.snapshot import Snapshot
from settings.patterns import fault, matches


@dataclass(frozen=True, slots=True)
class Filters:
    """Patterns of topics and groups to show; an empty tuple shows all."""

    topics: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @classmethod
    def of(cls, topics: Sequence[str], groups: Sequence[str]) -> Filters:
        """Check the values of `--topic` and `--group`. Raises CouldNotRun for an unusable pattern."""
        return cls(_checked("--topic", topics), _checked("--group", groups))

    def shows_group(self, group: str) -> bool:
        """Whether the group is chosen."""
        return not self.groups or matches(self.groups, group)

    def shows(self, topic: str, group: str) -> bool:
        """Whether a group's offset on a topic is chosen."""
        return self.shows_group(group) and (not self.topics or matches(self.topics, topic))

    def apply(self, seen: Snapshot) -> Snapshot:
        """Return only the matching topics and groups; with `topics`, only groups with an offset on one."""
        if self.topics:
            groups = [
                replace(
                    one,
                    offsets=[each for each in one.offsets if matches(self.topics, each.partition.topic)],
                )
                for one in seen.groups
            ]
            shown = [one for one in seen.partitions if matches(self.topics, one.partition.topic)]
            seen = replace(
                seen,
                partitions=shown,
                left_out=len(seen.partitions) - len(shown),
                groups=[one for one in groups if one.offsets or one.unread],
            )
        if self.groups:
            seen = replace(seen, groups=[one for one in seen.groups if matches(self.groups, one.group)])
        return seen


def _checked(option: str, patterns: Sequence[str]) -> tuple[str, ...]:
    for pattern in patterns:
        if problem := fault(pattern):
            rule, remedy = problem
            raise CouldNotRun(f"reading {option} {pattern!r}", rule, remedy)
    return tuple(patterns)
