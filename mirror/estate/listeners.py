"""Which listeners of a `Kafka` resource take a kind of login. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Listener(NamedTuple):
    """A listener with TLS; `certificates` are those of its authority, as the status tells them."""

    name: str
    bootstrap_servers: str
    certificates: tuple[str, ...]


def taking(kafka: Mapping[str, Any], authentication: str, preferred: str) -> list[Listener]:
    """The listeners that take this authentication, the likeliest to be reachable from here first: the
    mirror's own, then those of the same type (`internal`, `nodeport`, ...), then the others.
    """
    declared = ((kafka.get("spec") or {}).get("kafka") or {}).get("listeners") or []
    told = {one.get("name"): one for one in (kafka.get("status") or {}).get("listeners") or []}
    type_of = {one.get("name"): one.get("type") for one in declared}
    fitting = []
    for one in declared:
        status = told.get(one.get("name")) or {}
        takes = (one.get("authentication") or {}).get("type")
        if takes == authentication and one.get("tls") and status.get("bootstrapServers"):
            listener = Listener(
                str(one["name"]),
                str(status["bootstrapServers"]),
                tuple(str(pem) for pem in status.get("certificates") or ()),
            )
            rank = 0 if listener.name == preferred else 2 - (one.get("type") == type_of.get(preferred))
            fitting.append((rank, listener))
    return [listener for _, listener in sorted(fitting, key=lambda one: one[0])]
