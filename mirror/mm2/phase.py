"""What phase a mirror is in, and whether a stack file contradicts it. Pure.

The annotation of the KafkaMirrorMaker2 says it, because the resource is what every deployment changes: no
`pulumi up` may start the connectors of a promoted mirror again. They would mirror what producers still write
to the source into topics that are written on the target, and set groups back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from manifests.metadata import PHASE, PROMOTED_AT, STATES_BEFORE
from manifests.strimzi.resource import SOURCE_CONNECTOR

REPLICATE, PROMOTED, RETIRED = "replicate", "promoted", "retired"
AT_REST = (PROMOTED, RETIRED)
"""Phases of a mirror whose connectors are stopped for good: clients write to the target."""

Move = Literal["cutover", "failover"]
"""The command that moves clients to the target, in its name on the command line."""


def phase_of(resource: Mapping[str, Any]) -> str:
    """Return the phase that the resource is annotated with; without annotation it replicates."""
    return str(_annotations(resource).get(PHASE) or REPLICATE)


def move_in_progress(resource: Mapping[str, Any]) -> Move | None:
    """Return the command that has changed the resource, and was neither completed nor rolled back. Of the
    two, only a failover stops the source connector before the promotion.
    """
    before = _annotations(resource).get(STATES_BEFORE)
    if before is None or phase_of(resource) != REPLICATE:
        return None
    return "failover" if SOURCE_CONNECTOR in str(before) else "cutover"


def promoted_since(resource: Mapping[str, Any]) -> str | None:
    """Return when the mirror was promoted, as ISO 8601; None where the resource does not say."""
    found = _annotations(resource).get(PROMOTED_AT)
    return None if found is None else str(found)


def cuts_over(declared: str, resource: Mapping[str, Any] | None, *, by_up: bool) -> bool:
    """Tell whether `pulumi up` of this stack file runs the cutover (`cutover.by_up`). It runs none while a
    failover is in progress, which has stopped what would mirror the last records.
    """
    if not by_up or declared != PROMOTED or resource is None:
        return False
    return phase_of(resource) == REPLICATE and move_in_progress(resource) != "failover"


def contradiction(
    mirror: str, declared: str, resource: Mapping[str, Any] | None, *, by_up: bool = False
) -> str | None:
    """Return why the stack file's phase must not be deployed; None where it may.

    `resource`: the KafkaMirrorMaker2 as it is, None before the first deployment. `by_up`: whether `pulumi up`
    runs the cutover of a mirror that the stack file calls promoted.
    """
    if resource is None:
        if declared == REPLICATE:
            return None
        return (
            f"mirror {mirror}: the stack file says `mirror.phase: {declared}`, but no such mirror is "
            "deployed. Remove the line, or set it to replicate, to deploy the mirror."
        )
    world = phase_of(resource)
    since = promoted_since(resource)
    when = f" at {since}" if since else ""
    if declared == REPLICATE and world != REPLICATE:
        return (
            f"mirror {mirror} was promoted{when}, but the stack file says `mirror.phase: replicate`. "
            "Deploying it would start its connectors again: records of the source would be mirrored into "
            "topics that clients write on the target, and MM2 would set their groups' offsets. Nothing has "
            f"been changed. Set `mirror.phase: {world}` in the stack file."
        )
    if declared == REPLICATE and (command := move_in_progress(resource)):
        return (
            f"mirror {mirror}: a {command} is in progress, and has stopped connectors that the stack file "
            f"declares to run. Nothing has been changed. Complete it with `region-mirror {command}`, or "
            f"undo it with `region-mirror {command} rollback`."
        )
    if declared != REPLICATE and world == REPLICATE and not cuts_over(declared, resource, by_up=by_up):
        if move := move_in_progress(resource):
            return (
                f"mirror {mirror}: the stack file says `mirror.phase: {declared}`, but the mirror has not "
                f"been promoted: a {move} is in progress. Nothing has been changed. Complete it with "
                f"`region-mirror {move}`, or undo it with `region-mirror {move} rollback` and set "
                "`mirror.phase: replicate`."
            )
        return (
            f"mirror {mirror}: the stack file says `mirror.phase: {declared}`, but the mirror has not been "
            "promoted. Deploying it would stop its connectors before every record and every group's offset "
            "is on the target. Nothing has been changed. Run `region-mirror cutover` first; until then "
            "set `mirror.phase: replicate`. With `mirror.phase: promoted` and `cutover.by_up: true`, "
            "`pulumi up` runs the cutover itself."
        )
    return None


def _annotations(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    return (resource.get("metadata") or {}).get("annotations") or {}
