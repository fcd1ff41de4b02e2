"""Status of a custom resource: conditions, and whether it is worth writing (StatusUtils, StatusDiff)."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lab.operator.failures import Failure

Condition = dict[str, Any]
_NANOS = 1_000_000_000


def now() -> str:
    """This instant as Java's ISO_INSTANT prints it, with nanoseconds."""
    seconds, nanos = divmod(time.time_ns(), _NANOS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanos:09d}Z"


def minutes_since(instant: str) -> int:
    """Whole minutes since an ISO instant (StatusUtils.minutesDifferenceUntilNow)."""
    then = datetime.fromisoformat(instant.partition(".")[0].rstrip("Z") + "+00:00")
    return int((datetime.now(UTC) - then).total_seconds() // 60)


def main_condition(failure: Failure | None) -> Condition:
    """Ready, or NotReady with the exception: both have status "True", there is never Ready=False."""
    if failure is None:
        return {"lastTransitionTime": now(), "type": "Ready", "status": "True"}
    condition = {
        "lastTransitionTime": now(),
        "type": "NotReady",
        "status": "True",
        "reason": failure.reason,
        "message": failure.message,
    }
    return {key: value for key, value in condition.items() if value is not None}


def warning(reason: str, message: str) -> Condition:
    """A condition of type Warning."""
    return {
        "lastTransitionTime": now(),
        "type": "Warning",
        "status": "True",
        "reason": reason,
        "message": message,
    }


def paused_status(resource: Mapping[str, Any]) -> dict[str, Any]:
    """What is left of the status while reconciliation is paused; the generation is not observed."""
    observed = (resource.get("status") or {}).get("observedGeneration", 0)
    condition = {"lastTransitionTime": now(), "type": "ReconciliationPaused", "status": "True"}
    return {"conditions": [condition], "observedGeneration": observed}


def is_paused(resource: Mapping[str, Any]) -> bool:
    """Whether the annotation `strimzi.io/pause-reconciliation` is `true`."""
    annotations = resource["metadata"].get("annotations") or {}
    return str(annotations.get("strimzi.io/pause-reconciliation", "")).lower() == "true"


def differs(current: Mapping[str, Any] | None, desired: Mapping[str, Any]) -> bool:
    """Whether anything but a `lastTransitionTime` differs."""
    return _without_times(current or {}) != _without_times(desired)


def _without_times(status: Mapping[str, Any]) -> dict[str, Any]:
    conditions = [
        {key: value for key, value in condition.items() if key != "lastTransitionTime"}
        for condition in status.get("conditions") or []
    ]
    return {**status, "conditions": conditions}
