"""Section `mirror.moved`: the part of a mirror that a cutover has moved to the target already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from settings.model.fields import meta
from settings.rules import kafka, text


@dataclass(frozen=True, slots=True)
class MovedSettings:
    """Topics and groups that a cutover in parts (`region-mirror cutover --topic`) has moved. They are no
    longer part of the mirror: the patterns of `mirror` do not match them any more.
    """

    topics: tuple[str, ...] = field(
        default=(),
        metadata=meta("Names of the moved topics, as they are on the source.", rule=kafka.topic_name),
    )
    groups: tuple[str, ...] = field(
        default=(), metadata=meta("Names of the moved consumer groups.", rule=text.not_blank)
    )

    def __bool__(self) -> bool:
        """Whether anything has been moved."""
        return bool(self.topics or self.groups)

    def with_more(self, topics: Iterable[str], groups: Iterable[str]) -> MovedSettings:
        """Add names; both lists are sorted, and each name is there once."""
        return MovedSettings(tuple(sorted({*self.topics, *topics})), tuple(sorted({*self.groups, *groups})))

    def lacks(self, other: MovedSettings) -> MovedSettings:
        """Return the names of `other` that are not here."""
        return MovedSettings(
            tuple(sorted(set(other.topics) - set(self.topics))),
            tuple(sorted(set(other.groups) - set(self.groups))),
        )
