"""`python -m lab status`: what runs, where, how much memory it takes, and what to type next."""

import contextlib
import os
import shlex
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from lab.layout import REGIONS, Lab
from lab.ports import known
from lab.processes import ProcessStatus, find_all, statuses

_STATE_STYLE = {"running": "green", "starting": "yellow", "waiting": "red", "surplus": "yellow"}


@dataclass(frozen=True, slots=True)
class Overview:
    """All there is to say of the lab at one moment."""

    lab: Lab
    processes: tuple[ProcessStatus, ...]
    addresses: dict[str, tuple[str, ...]]
    """By process: the ports it listens on, such as "20002 mtls"."""

    @property
    def rss_bytes(self) -> int:
        """The resident memory of all processes."""
        return sum(process.rss_bytes for process in self.processes)

    @property
    def up(self) -> bool:
        """Whether everything that shall run does run."""
        return bool(self.processes) and all(process.pid is not None for process in self.processes)

    def to_json(self) -> dict[str, Any]:
        """The status for machines (`--json`)."""
        processes = [
            asdict(process) | {"addresses": list(self.addresses.get(process.name, ()))}
            for process in self.processes
        ]
        return {"lab": str(self.lab.root), "up": self.up, "rss_bytes": self.rss_bytes, "processes": processes}


def overview(lab: Lab) -> Overview:
    """Look at the lab's processes. An absent lab has one: a supervisor that is stopped."""
    names = {port: name for name, port in known(lab).items()}
    addresses: dict[str, tuple[str, ...]] = {}
    for process, running in find_all(lab).items():
        ports = sorted({port for one in running for port in _listening(one)})
        addresses[process] = tuple(_address(process, port, names) for port in ports)
    return Overview(lab, tuple(statuses(lab)), addresses)


def render(seen: Overview, console: Console) -> None:
    """Print the overview for people."""
    lab = seen.lab
    if not lab.exists:
        console.print(
            f"there is no lab at {lab.root}; [bold]make lab-up[/] makes one",
            highlight=False,
            soft_wrap=True,
        )
        return
    table = Table(title=f"lab {_short(lab.root)}", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1))
    for column in ("process", "state", "pid", "restarts", "memory", "up for", "localhost ports"):
        number = column in ("pid", "restarts", "memory", "up for")
        folds = column == "process"  # a Connect worker's name is long, a terminal may be narrow
        table.add_column(column, justify="right" if number else "left", no_wrap=not folds, overflow="fold")
    for process in seen.processes:
        style = _STATE_STYLE.get(process.state, "dim")
        table.add_row(
            process.name,
            f"[{style}]{process.state}[/]",
            str(process.pid or ""),
            str(process.restarts or ""),
            _megabytes(process.rss_bytes) if process.pid else "",
            _duration(time.time() - process.started_at) if process.started_at else "",
            "\n".join(seen.addresses.get(process.name, ())),
        )
    console.print(table)
    console.print(f"together {_megabytes(seen.rss_bytes)}\n", highlight=False)
    console.print(
        "Real: Kafka, Kafka Connect with MirrorMaker 2, the Kubernetes API with Strimzi's CRDs.\n"
        "Stand-in: the operators, for Strimzi's; the kubelet, whose pods are processes of this machine.\n",
        highlight=False,
    )
    target = _short(lab.kubeconfig(REGIONS[-1]))
    for command, what in (
        (f"KUBECONFIG={target} kubectl get kmm2,kafkauser -A", "what is declared, as on any cluster"),
        ('eval "$(make -s lab-env)"', "then pulumi works on the lab: pulumi preview --stack lab"),
        (f"tail -f {_short(lab.logs)}/*.log", "what they say"),
        ("make lab-down", "stop everything and remove its files"),
    ):
        console.print(f"[bold]{command:<58}[/] {what}", highlight=False, soft_wrap=True)


def _listening(process: psutil.Process) -> list[int]:
    with contextlib.suppress(psutil.Error):
        connections = process.net_connections(kind="tcp")
        return [one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN]
    return []


def _address(process: str, port: int, names: dict[int, str]) -> str:
    region = process.split("-", 1)[0]
    name = names.get(port, "").removeprefix(f"{region}-").removeprefix("kafka-")
    return f"{port} {name}".strip()


def _short(path: Path) -> str:
    """For a shell, and relative to where the person is when that is shorter."""
    relative = os.path.relpath(path)
    return shlex.quote(relative if len(relative) < len(str(path)) else str(path))


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.0f} MB"


def _duration(seconds: float) -> str:
    minutes = int(seconds) // 60
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
