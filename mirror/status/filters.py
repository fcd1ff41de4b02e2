"""Which topics and groups are shown: patterns as in a stack file, each for a whole name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mirror.problems import CouldNotRun
from mirror.status.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Filters:
    """Nothing asked for means everything."""

    topics: tuple[re.Pattern[str], ...] = ()
    groups: tuple[re.Pattern[str], ...] = ()

    @classmethod
    def of(cls, topics: Sequence[str], groups: Sequence[str]) -> Filters:
        """Raises CouldNotRun for what is no regular expression."""
        return cls(_compiled("--topic", topics), _compiled("--group", groups))

    def apply(self, seen: Snapshot) -> Snapshot:
        """What is asked for of a look. Where topics are named, groups are those with an offset on one."""
        if self.topics:
            groups = [
                replace(
                    one, offsets=[offset for offset in one.offsets if self._topic(offset.partition.topic)]
                )
                for one in seen.groups
            ]
            seen = replace(
                seen,
                partitions=[one for one in seen.partitions if self._topic(one.partition.topic)],
                groups=[one for one in groups if one.offsets or one.unread],
            )
        if self.groups:
            seen = replace(
                seen,
                groups=[one for one in seen.groups if any(each.fullmatch(one.group) for each in self.groups)],
            )
        return seen

    def _topic(self, topic: str) -> bool:
        return any(each.fullmatch(topic) for each in self.topics)


def _compiled(option: str, patterns: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    found = []
    for pattern in patterns:
        try:
            found.append(re.compile(pattern))
        except re.error as error:
            raise CouldNotRun(
                f"reading {option} {pattern!r}", f"it is no regular expression ({error})", f"correct {option}"
            ) from error
    return tuple(found)
