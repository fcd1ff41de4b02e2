"""When a failed connector is restarted (AbstractConnectOperator.autoRestartFailedConnectorAndTasks)."""

from collections.abc import Mapping
from typing import Any

from lab.operator.status import minutes_since, now

AutoRestartStatus = dict[str, Any]
_LONGEST_MINUTES = 60


def has_failed(status: Mapping[str, Any]) -> bool:
    """Whether the connector or any of its tasks is FAILED, by Connect's GET /connectors/NAME/status."""
    states = [(status.get("connector") or {}).get("state")]
    states += [task.get("state") for task in status.get("tasks") or []]
    return "FAILED" in states


def is_due(previous: Mapping[str, Any] | None, max_restarts: int | None) -> bool:
    """Whether the next automatic restart of a failed connector may be done now."""
    if not previous or not previous.get("lastRestartTimestamp"):
        return True
    count = int(previous["count"])
    if max_restarts is not None and count >= max_restarts:
        return False
    return minutes_since(previous["lastRestartTimestamp"]) >= backoff_minutes(count)


def is_over(previous: Mapping[str, Any] | None) -> bool:
    """Whether the connector has been stable for long enough to forget its restarts."""
    if not previous or not previous.get("lastRestartTimestamp") or int(previous["count"]) <= 0:
        return False
    return minutes_since(previous["lastRestartTimestamp"]) > backoff_minutes(int(previous["count"]))


def backoff_minutes(count: int) -> int:
    """0, 2, 6, 12, 20, 30, 42, 56, then 60 minutes."""
    return min(count * count + count, _LONGEST_MINUTES)


def incremented(previous: Mapping[str, Any] | None, connector: str) -> AutoRestartStatus:
    """The status after one more automatic restart."""
    count = int(previous["count"]) if previous else 0
    return {"connectorName": connector, "count": count + 1, "lastRestartTimestamp": now()}
