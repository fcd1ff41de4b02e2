"""Whether a stack file contradicts the part of a mirror that was moved already. Pure.

The annotation of the KafkaMirrorMaker2 says what was moved, because the resource is what every deployment
changes: no `pulumi up` may mirror a moved topic again. MM2 would append what is written to the source to a
topic that clients write on the target, and set the offsets of groups that read there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifests.strimzi.moved import moved_of
from mirror.mm2.phase import REPLICATE, contradiction, phase_of
from mirror.text.names import few
from settings.model import MovedSettings
from settings.yaml_text import to_yaml


def named(moved: MovedSettings) -> str:
    """Name topics and groups for messages."""
    lists = (("topic", moved.topics), ("group", moved.groups))
    return " and ".join(
        f"{noun}{'' if len(names) == 1 else 's'} {few(list(names))}" for noun, names in lists if names
    )


def moved_contradiction(
    mirror: str, declared: MovedSettings, resource: Mapping[str, Any] | None
) -> str | None:
    """Return why the stack file's `mirror.moved` must not be deployed; None where it may.

    `resource`: the KafkaMirrorMaker2 as it is, None before the first deployment, which may leave out topics.
    """
    if resource is None:
        return None
    there = moved_of(resource)
    if back := declared.lacks(there):
        return (
            f"mirror {mirror}: {named(back)} moved to the target already, but the stack file does not name "
            "them in `mirror.moved`. Deploying it would mirror them again: records of the source would be "
            "appended to topics that clients write on the target, and MM2 would set the groups' offsets. "
            f"Nothing has been changed. Set `mirror.moved: {as_yaml(there)}` in the stack file."
        )
    if phase_of(resource) == REPLICATE and (ahead := there.lacks(declared)):
        return (
            f"mirror {mirror}: the stack file names {named(ahead)} in `mirror.moved`, but they have not been "
            "moved. Deploying it would end their mirroring before every record and every group's offset is "
            "on the target. Nothing has been changed. Run `region-mirror cutover --topic` first; until then "
            f"set `mirror.moved: {as_yaml(there)}`."
        )
    return None


def contradictions(
    mirror: str,
    phase: str,
    moved: MovedSettings,
    resource: Mapping[str, Any] | None,
    *,
    by_up: bool,
) -> tuple[str, ...]:
    """Return why the stack file's phase or moved part must not be deployed. Parameters as of `contradiction`
    and `moved_contradiction`.
    """
    found = (
        contradiction(mirror, phase, resource, by_up=by_up),
        moved_contradiction(mirror, moved, resource),
    )
    return tuple(one for one in found if one is not None)


def as_yaml(moved: MovedSettings) -> str:
    """Render the setting in YAML's flow style, for a person to copy."""
    names = {"topics": list(moved.topics), "groups": list(moved.groups)}
    text = to_yaml(names, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6)
    return text.strip()
