"""What region-mirror has recorded on a mirror that it deployed: its phase and its owner. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from manifests.metadata import owner_of
from manifests.strimzi.resource import SOURCE_CONNECTOR, MirrorFlow, MirrorMaker2Spec
from mirror.estate.ownership import UNRECORDED
from mirror.mm2.phase import AT_REST, phase_of


def state_of(metadata: Mapping[str, Any], spec: MirrorMaker2Spec, flow: MirrorFlow) -> dict[str, str]:
    """Return the phase of a mirror that was promoted, else the state of both connectors. A resource without
    pods mirrors nothing, and must not begin to.
    """
    if (phase := phase_of({"metadata": metadata})) in AT_REST:
        return {"phase": phase}
    if spec.pods.get("replicas") == 0:
        return {"state": "stopped"}
    state = flow.connectors[SOURCE_CONNECTOR].get("state") or "running"
    return {} if state == "running" else {"state": str(state)}


def recorded_owner(metadata: Mapping[str, Any]) -> str:
    """Return the value of `mirror.take_over` with which a stack takes the mirror over."""
    return str(owner_of(metadata) or UNRECORDED)


def about_owner(metadata: Mapping[str, Any]) -> Iterator[str]:
    """Say what a person decides where another stack may still manage the mirror: none takes it by chance."""
    if owner := owner_of(metadata):
        yield (
            f"mirror.take_over: the mirror belongs to Pulumi stack {owner.name}. Leave the line if the state "
            "of that stack was lost: with it `pulumi up` takes the mirror over, and that stack is refused "
            "from then on. Else remove it"
        )
