"""The lab's ports: chosen once, kept in lab.json, all on the loopback interface."""

import contextlib
import fcntl
import hashlib
import socket
from collections.abc import Iterable, Iterator, Mapping

import psutil

from lab.errors import LabError
from lab.files import read_json, write_json
from lab.layout import Lab
from lab.processes import find_all

HOST = "127.0.0.1"

# Below the kernel's ephemeral ports (Linux from 32768, macOS from 49152): an outgoing connection of anybody
# could sit on one of those when a broker wants to come back to its port.
_FIRST, _LAST = 20_000, 32_000


def reserve(lab: Lab, names: Iterable[str]) -> dict[str, int]:
    """The port of each name, such as "east-kafka-mtls", chosen now where there is none yet.

    A port stays the same for the lab's life, unless somebody else listens on it while no process of the lab
    does. Safe to call from several processes at once.
    """
    with _state(lab) as state:
        kept = {name: port for name, port in state.get("ports", {}).items() if isinstance(port, int)}
        wanted = list(names)
        if any(name not in kept or not is_free(kept[name]) for name in wanted):
            ours = _listened_by(lab)
            for name in wanted:
                port = kept.get(name)
                if port is None or not (port in ours or is_free(port)):
                    kept[name] = _choose(lab, taken=kept)
        state["ports"] = kept
        return {name: kept[name] for name in wanted}


def known(lab: Lab) -> dict[str, int]:
    """All ports chosen so far, by name."""
    state = read_json(lab.state_file)
    return dict(state.get("ports", {})) if isinstance(state, dict) else {}


def is_free(port: int) -> bool:
    """Whether nobody listens on the port. Connections that linger in TIME_WAIT do not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _choose(lab: Lab, taken: Mapping[str, int]) -> int:
    span = _LAST - _FIRST
    # Labs start at different places, so that two of them seldom want the same ports.
    start = int.from_bytes(hashlib.sha256(str(lab.root).encode()).digest()[:4]) % span
    used = set(taken.values())
    for step in range(span):
        port = _FIRST + (start + step) % span
        if port not in used and is_free(port):
            return port
    raise LabError(f"no port between {_FIRST} and {_LAST} is free on {HOST}; end what listens there")


def _listened_by(lab: Lab) -> set[int]:
    ports: set[int] = set()
    for processes in find_all(lab).values():
        for process in processes:
            with contextlib.suppress(psutil.Error):
                connections = process.net_connections(kind="inet")
                ports |= {c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN}
    return ports


@contextlib.contextmanager
def _state(lab: Lab) -> Iterator[dict[str, dict[str, int]]]:
    with (lab.root / "lab.json.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        value = read_json(lab.state_file)
        state = value if isinstance(value, dict) else {}
        yield state
        write_json(lab.state_file, state)
