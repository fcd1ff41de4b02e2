"""What the kubelet tells the API of a pod, as the body of its status. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.kubelet.pod import Manifest, Pod


@dataclass(frozen=True, slots=True)
class Told:
    """How a pod fares. `state` is its container's, None where it has none; `ended` is how the container
    before this one ended, where it was restarted.
    """

    phase: str
    state: Mapping[str, Any] | None = None
    ready: bool = False
    address: str = ""
    restarts: int = 0
    ended: Mapping[str, Any] | None = None
    reason: str | None = None
    message: str | None = None


def status(pod: Pod, told: Told, now: str) -> dict[str, Any]:
    """Render `status`."""
    former = pod.manifest.get("status") or {}
    found: dict[str, Any] = {
        "phase": told.phase,
        "startTime": former.get("startTime") or now,
        "conditions": conditions(
            former.get("conditions") or [], ready=told.ready, completed=told.phase == "Succeeded", now=now
        ),
    }
    if told.address:
        found |= {"podIP": told.address, "podIPs": [{"ip": told.address}]}
    if told.state is not None:
        container = pod.manifest["spec"]["containers"][0]
        found["containerStatuses"] = [
            {
                "name": container["name"],
                "image": container.get("image", ""),
                "imageID": "",
                "ready": told.ready,
                "started": "running" in told.state,
                "restartCount": told.restarts,
                "state": dict(told.state),
                **({"lastState": {"terminated": dict(told.ended)}} if told.ended else {}),
            }
        ]
    if told.reason:
        found |= {"reason": told.reason, "message": told.message or ""}
    return found


def waits_as_told(pod: Pod, told: Told) -> bool:
    """Whether the API knows already that, and why, the container waits."""
    known = ((pod.manifest.get("status") or {}).get("containerStatuses") or [{}])[0]
    waiting = (told.state or {}).get("waiting")
    return waiting is not None and (known.get("state") or {}).get("waiting") == waiting


def conditions(former: Sequence[Manifest], *, ready: bool, completed: bool, now: str) -> list[dict[str, Any]]:
    """The kubelet's conditions of a pod, beside those that are others' (DisruptionTarget)."""
    own = {"PodScheduled": True, "Initialized": True, "ContainersReady": ready, "Ready": ready}
    kept = [dict(one) for one in former if one["type"] not in own]
    before = {one["type"]: one for one in former}
    made: list[dict[str, Any]] = []
    for kind, holds in own.items():
        known = before.get(kind, {})
        since = known.get("lastTransitionTime") if known.get("status") == str(holds) else None
        one: dict[str, Any] = {"type": kind, "status": str(holds), "lastTransitionTime": since or now}
        if completed and not holds:
            one["reason"] = "PodCompleted"
        made.append(one)
    return [*kept, *made]
