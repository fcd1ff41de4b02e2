"""Refuses a target in another Kubernetes than the one in which the mirror is deployed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mirror.mm2.identity import Identity

Side = Mapping[str, Any]
"""`kubeconfig` and `context` of a Kubernetes; a part that is not given may be absent or None."""


def elsewhere(
    former: Mapping[str, Identity], before: Mapping[str, Side], sides: Mapping[str, Side]
) -> Iterator[str]:
    """Return a refusal for each deployed mirror that the Kubernetes of the target does not have, now that
    other settings lead there. `before` and `sides`: how each target is reached, then and now.
    """
    led_elsewhere = [
        name
        for name, side in sides.items()
        if name in former and name in before and _given(before[name]) != _given(side)
    ]
    if not led_elsewhere:
        return
    from mirror.start.deployed import deployed_objects, is_deployed

    for name in led_elsewhere:
        there = deployed_objects(former[name], sides[name], Path.cwd())
        if not there and is_deployed(former[name], before[name], Path.cwd()):
            yield (
                f"mirror {name}: target.kubeconfig or target.context leads to another Kubernetes, which does "
                "not have the mirror. Nothing has been changed.\n"
                "  Pulumi would create the mirror there, and no stack would manage the deployed one.\n"
                "  To move to another target: set the former target.kubeconfig and target.context, run "
                "`pulumi destroy` (docs/teardown.md), then deploy to the new one.\n"
                "  If this is the same Kubernetes and the mirror was deleted by hand: run `pulumi up "
                "--refresh` with the former settings first."
            )


def _given(side: Side) -> dict[str, Any]:
    return {key: value for key, value in side.items() if value}
