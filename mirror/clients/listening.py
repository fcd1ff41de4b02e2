"""Tells whether nothing at all listens at the addresses of a cluster, without a login.

A closed port is answered at once, by the system of a host that is up. That is certain after some tries, and
needs no client's patience. Everything else (packets that nobody answers, a name that cannot be resolved, no
route) is not certain: then the caller waits for its client.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

ROUNDS = 3
PAUSE_SECONDS = 0.25
"""Between two rounds: a listener that is replaced, as in a restart of a proxy, is away for an instant."""


def nothing_listens(
    servers: str,
    seconds: float,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Whether every address of `servers` (host:port, separated by commas) refuses several times.

    A name has all the addresses that it resolves to. Takes `seconds` for each address at most, beside the
    resolution of names, which has no limit here. Ends at the first address that does not refuse.
    """
    for number in range(ROUNDS):
        if number:
            sleep(PAUSE_SECONDS)
        addresses = list(_addresses(servers))
        if not addresses or not all(_refuses(*one, seconds) for one in addresses):
            return False
    return True


def _addresses(servers: str) -> Iterator[tuple[int, tuple[object, ...]]]:
    """Yield family and address of each; nothing at all where one is not understood or not resolved."""
    found = []
    for one in filter(None, (part.strip() for part in servers.split(","))):
        host, _, port = one.rpartition("://")[2].rpartition(":")
        try:
            resolved = socket.getaddrinfo(
                host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
            )
        except (OSError, ValueError):
            return
        found += [(family, address) for family, _, _, _, address in resolved]
    yield from dict.fromkeys(found)


def _refuses(family: int, address: tuple[object, ...], seconds: float) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as client:
            client.settimeout(seconds)
            client.connect(address)
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False
