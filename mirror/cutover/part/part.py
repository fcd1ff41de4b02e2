"""The part of a mirror that one cutover moves, and the settings that its steps see. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from manifests.metadata import STATES_BEFORE
from manifests.strimzi.moved import moved_of
from mirror.cutover.step import JSON
from mirror.mm2.moved import named
from mirror.mm2.phase import REPLICATE, phase_of
from settings.model import MovedSettings, Settings
from settings.patterns import literal

PART, SCOPE = "part", "scope"
"""The entry of the journal with the topics and groups of the part, written before the first change."""


@dataclass(frozen=True, slots=True)
class Part:
    """`whole`: the settings of the mirror, in which what was moved earlier is left out already."""

    whole: Settings
    scope: MovedSettings
    """The topics and groups that this cutover moves."""

    @property
    def narrowed(self) -> Settings:
        """The settings by which the steps fence, drain, move and prove this part only: a mirror whose
        patterns match these names. Nothing is rendered from them.
        """
        mirror = replace(
            self.whole.mirror,
            topics=_one_pattern(self.scope.topics),
            groups=_one_pattern(self.scope.groups),
            heartbeats_interval_seconds=0,
        )
        return replace(self.whole, mirror=mirror)

    @property
    def after(self) -> Settings:
        """The settings of the mirror once this part was moved, as the stack file has them then."""
        return self.whole.with_moved(self.scope)

    @property
    def told(self) -> str:
        """The topics and groups, for messages."""
        return named(self.scope)

    @property
    def command(self) -> str:
        """The command that moves this part, or continues to."""
        options = [f"--topic {one}" for one in self.scope.topics]
        options += [f"--group {one}" for one in self.scope.groups]
        return " ".join(["region-mirror cutover", *options])

    def is_moved(self, resource: Mapping[str, Any]) -> bool:
        """Whether the mirror excludes this part: from then on there is no way back."""
        return is_moved(self.scope, resource)


def is_moved(scope: MovedSettings, resource: Mapping[str, Any]) -> bool:
    """Whether the KafkaMirrorMaker2 records all of these names as moved."""
    return not moved_of(resource).lacks(scope)


def is_complete(scope: MovedSettings, resource: Mapping[str, Any]) -> bool:
    """Whether nothing is left to do for a part: the last change of its cutover removes the states that the
    connectors had before. Of a promoted mirror no part is in progress.
    """
    if phase_of(resource) != REPLICATE:
        return True
    annotations = (resource.get("metadata") or {}).get("annotations") or {}
    return is_moved(scope, resource) and STATES_BEFORE not in annotations


def to_json(scope: MovedSettings) -> JSON:
    """Return what the journal keeps."""
    return {"topics": list(scope.topics), "groups": list(scope.groups)}


def parsed(kept: JSON) -> MovedSettings | None:
    """Read what the journal keeps; None where there is nothing."""
    if not isinstance(kept, Mapping):
        return None
    found = MovedSettings().with_more(map(str, kept.get("topics") or ()), map(str, kept.get("groups") or ()))
    return found or None


def _one_pattern(names: tuple[str, ...]) -> tuple[str, ...]:
    return ("|".join(map(literal, names)),) if names else ()
