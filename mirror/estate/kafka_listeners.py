"""What a `Kafka` resource says about one of its listeners, judged against the stack file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mirror.estate.findings import Notes
from mirror.problems import Finding
from settings.model import SourceSettings, TargetSettings


def bootstrap_of(
    kafka: Mapping[str, Any], side: SourceSettings | TargetSettings, listener: str, notes: Notes
) -> str | None:
    """The listener's bootstrap servers, from the status; None, and why, where there are none."""
    subject = f"Kafka {side.namespace}/{side.cluster}"
    listeners = {one.get("name"): one for one in (kafka.get("status") or {}).get("listeners") or []}
    found = listeners.get(listener)
    if found is None:
        known = ", ".join(sorted(str(name) for name in listeners)) or "none"
        message = f"its status has no listener {listener!r}; it has: {known}"
        remedy = (
            f"set `listener` of {side.alias} in the stack file to one of them, or wait until the cluster is "
            "Ready"
        )
        notes.add([Finding(subject, message, remedy)])
        return None
    address = found.get("bootstrapServers") or ""
    if not address:
        message = f"listener {listener!r} has no address in the status"
        remedy = "wait until the cluster is Ready, or look at the listener's Service or Route"
        notes.add([Finding(subject, message, remedy)])
        return None
    return str(address)


def unfit(
    kafka: Mapping[str, Any], side: SourceSettings | TargetSettings, listener: str | None
) -> list[Finding]:
    """A listener that speaks another language than MM2 will: it would hang up, and the log say little."""
    subject = f"Kafka {side.namespace}/{side.cluster}"
    declared = ((kafka.get("spec") or {}).get("kafka") or {}).get("listeners") or []
    ours = next((one for one in declared if one.get("name") == listener), None)
    if ours is None:
        return []
    if not ours.get("tls"):
        message = f"listener {listener!r} has no TLS: passwords and records would cross regions in the open"
        return [Finding(subject, message, f"name a listener of {side.alias} with `tls: true`")]
    kind = (ours.get("authentication") or {}).get("type")
    if kind == "custom" or kind == side.authentication:
        return []
    if kind is None:
        message = f"listener {listener!r} asks for no login, but `authentication` is {side.authentication}"
    else:
        message = f"listener {listener!r} takes {kind}, but `authentication` is {side.authentication}"
    remedy = f"name a listener of {side.alias} that takes {side.authentication}, or change `authentication`"
    return [Finding(subject, message, remedy)]
