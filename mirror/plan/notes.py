"""What a reviewer should know about the source's topics and groups before deploying. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from mirror.plan.planned import SourceLook
from mirror.text.names import few
from settings.filters import LEFT_BEHIND, mirrored, never_translated
from settings.model import Settings
from settings.patterns import matches

_OLD_MIRRORS = re.compile(r"mm2-offset-syncs.*internal|.+checkpoints.*internal")
"""MM2's internal topics with any separator, the empty one too (Strimzi's example from 0.20 to 0.33)."""


def source_warnings(settings: Settings, look: SourceLook) -> Iterator[str]:
    """Name the patterns that match nothing; nothing about a part of the source that could not be read."""
    mirror, alias = settings.mirror, settings.source.alias
    if look.topics_unknown is None:
        if not any(mirrored(settings, topic) for topic in look.topics):
            yield (
                f"No topic that the source user sees on {alias} matches mirror.topics: nothing would be "
                "mirrored. Check the patterns, and that the user may Describe the topics"
            )
        else:
            yield from _unmatched("topic", "mirror.topics", mirror.topics, look.topics, alias)
    if look.groups_unknown is None:
        yield from _unmatched("consumer group", "mirror.groups", mirror.groups, look.groups, alias)


def source_notes(settings: Settings, look: SourceLook) -> Iterator[str]:
    """Return the notes; none about a part of the source that could not be read."""
    mirror = settings.mirror
    if look.topics_unknown is None:
        found = [topic for topic in sorted(look.topics) if mirrored(settings, topic)]
        if old := [topic for topic in found if _OLD_MIRRORS.fullmatch(topic)]:
            yield (
                f"Internal topics of an earlier mirror would be mirrored too: {few(old)}. Add them to "
                "mirror.topics_exclude"
            )
    if look.groups_unknown is None and (left_out := never_translated(mirror, sorted(look.groups))):
        yield (
            f"MM2 never translates groups that match {' or '.join(LEFT_BEHIND)}, although mirror.groups "
            f"matches them: {few(left_out)}. Set their offsets on the target by hand before their "
            "consumers start there, or add them to mirror.groups_exclude"
        )


def _unmatched(
    noun: str, setting: str, patterns: Sequence[str], names: Collection[str], alias: str
) -> Iterator[str]:
    """Name the patterns that match nothing. `.*` matches whatever there will be."""
    nothing = [one for one in patterns if one != ".*" and not any(matches((one,), name) for name in names)]
    if nothing:
        yield f"{setting}: no {noun} on {alias} matches {few(nothing)}"
