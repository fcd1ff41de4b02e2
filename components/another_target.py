"""Refuses a deployment that leads to another target than the one in which the mirror is deployed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mirror.mm2.identity import Identity
from settings.model import TargetSettings

Side = Mapping[str, Any]
"""`kubeconfig` and `context` of a Kubernetes; a part that is not given may be absent or None."""


def side_of(target: TargetSettings) -> dict[str, str | None]:
    """Return how the target's Kubernetes is reached."""
    return {"kubeconfig": target.kubeconfig, "context": target.context}


def another_kubernetes(
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


def another_cluster(
    before: Mapping[str, str],
    now: Mapping[str, str],
    there: Mapping[str, Sequence[object]],
    allowed: Collection[str],
) -> Iterator[str]:
    """Return a refusal for each deployed mirror that is not there, in a Kubernetes whose Kafka is another one
    than at the last deployment: the current context, or KUBECONFIG, leads elsewhere.

    `before` and `now`: the ids by mirror, see `cluster_ids`. `there`: the objects of each mirror.
    """
    for name, former in before.items():
        if name in now and now[name] != former and not there.get(name) and name not in allowed:
            yield (
                f"mirror {name}: the target's Kubernetes has another Kafka cluster ({now[name]}) than at the "
                f"last deployment ({former}), and does not have the mirror. Nothing has been changed.\n"
                "  Pulumi would create the mirror there, and no stack would manage the deployed one.\n"
                "  Check the current context and KUBECONFIG, or name both in the stack file "
                "(target.kubeconfig, target.context).\n"
                "  If the target was built anew: set mirror.identity_change: allow, and run `pulumi up "
                "--refresh`."
            )


def _given(side: Side) -> dict[str, Any]:
    return {key: value for key, value in side.items() if value}
