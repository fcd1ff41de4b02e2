"""The lab's processes: which shall run (declared in files) and which do run (found by their environment).

A process belongs to a lab when its environment says so: REGION_MIRROR_LAB is the lab's root and
REGION_MIRROR_PROCESS its name. So its identity needs no pid file, cannot be mistaken for another process
that took over a pid, and survives the death of whoever started it.
"""

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

import psutil

from lab.files import read_json, write_json
from lab.layout import LAB_VARIABLE, Lab

PROCESS_VARIABLE = "REGION_MIRROR_PROCESS"
SPEC_VARIABLE = "REGION_MIRROR_SPEC"
SUPERVISOR = "supervisor"
POD_PREFIX = "pod-"
"""Names of the processes that run pods' containers: the kubelet's to start and end, not the supervisor's."""

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")

# A process of the lab gets these of its starter's variables and no others, so that no credential of the
# person's shell ends up in a broker.
_PASSED_ON = {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_CACHE_HOME"}
_PASSED_ON_PREFIX = "REGION_MIRROR_"


class Stage(IntEnum):
    """When `down` stops a process: the highest stage first, so that nobody loses what it writes to."""

    STORE = 0  # etcd
    SERVER = 1  # kube-apiserver, Kafka brokers
    CONTROLLER = 2  # kube-controller-manager, operators
    CLIENT = 3  # Kafka Connect workers, producers, consumers


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process that shall run. Neither `argv` nor `env` may hold a secret: others can read them."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "."
    stop_seconds: float = 10.0
    """How long it may take to end after SIGTERM before it is killed."""
    stage: int = Stage.CLIENT

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name == SUPERVISOR:
            raise ValueError(f"a process cannot be called {self.name!r}: use a-z, 0-9, '-' and '.'")
        if not self.argv:
            raise ValueError(f"process {self.name} has no command")
        object.__setattr__(self, "argv", tuple(str(part) for part in self.argv))
        object.__setattr__(self, "env", dict(self.env))
        object.__setattr__(self, "cwd", str(self.cwd))

    @property
    def digest(self) -> str:
        """Changes when the running process would have to be another one."""
        value = {"argv": self.argv, "env": self.env, "cwd": self.cwd}
        return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """What is known of one process, running or declared."""

    name: str
    pid: int | None
    state: str
    """running | starting | waiting (to be restarted) | stopped | surplus (runs undeclared)"""
    restarts: int
    rss_bytes: int
    started_at: float | None
    """Seconds since the epoch."""


def spec_path(lab: Lab, name: str) -> Path:
    """The file that declares a process."""
    return lab.processes / f"{name}.json"


def declare(lab: Lab, spec: ProcessSpec) -> bool:
    """Say that this process shall run so; return whether that is news. The supervisor does the rest."""
    return write_json(spec_path(lab, spec.name), asdict(spec))


def withdraw(lab: Lab, name: str) -> bool:
    """Say that this process shall not run any more; return whether that is news."""
    try:
        spec_path(lab, name).unlink()
    except FileNotFoundError:
        return False
    return True


def declared(lab: Lab) -> dict[str, ProcessSpec]:
    """All processes that shall run, by name. A file that makes no sense declares nothing."""
    specs: dict[str, ProcessSpec] = {}
    for path in sorted(lab.processes.glob("[!.]*.json")):
        spec = read_spec(path)
        if spec is not None:
            specs[spec.name] = spec
    return specs


def read_spec(path: Path) -> ProcessSpec | None:
    """The declaration in `path`, or None when it is absent, unreadable or another process's."""
    value = read_json(path)
    try:
        spec = ProcessSpec(**value) if isinstance(value, dict) else None
    except (TypeError, ValueError):
        return None
    return spec if spec is not None and spec.name == path.stem else None


def environment(lab: Lab, name: str, digest: str) -> dict[str, str]:
    """The variables that make a process the lab's `name`."""
    return {LAB_VARIABLE: str(lab.root), PROCESS_VARIABLE: name, SPEC_VARIABLE: digest}


def passed_on() -> dict[str, str]:
    """The variables that a process of the lab gets from its starter."""
    own = {LAB_VARIABLE, PROCESS_VARIABLE, SPEC_VARIABLE}
    return {
        key: value
        for key, value in os.environ.items()
        if (key in _PASSED_ON or key.startswith(_PASSED_ON_PREFIX)) and key not in own
    } | {"PYTHONUNBUFFERED": "1"}


def find_all(lab: Lab) -> dict[str, list[psutil.Process]]:
    """All running processes of the lab by name: first the one started for the name, then its children."""
    found: dict[str, list[psutil.Process]] = {}
    for process, name in _belonging(lab):
        found.setdefault(name, []).append(process)
    return {name: sorted(processes, key=_main_first) for name, processes in sorted(found.items())}


def find(lab: Lab, name: str) -> psutil.Process | None:
    """The running process `name` of this lab, or None."""
    processes = find_all(lab).get(name)
    return processes[0] if processes else None


def digest_of(process: psutil.Process) -> str | None:
    """The digest of the declaration this process was started for; None when it is gone."""
    try:
        return process.environ().get(SPEC_VARIABLE)
    except psutil.Error:
        return None


def statuses(lab: Lab) -> list[ProcessStatus]:
    """Every process of the lab, the supervisor first, then by name."""
    running, specs = find_all(lab), declared(lab)
    names = sorted({SUPERVISOR, *specs, *running}, key=lambda name: (name != SUPERVISOR, name))
    supervised = SUPERVISOR in running
    return [_status(lab, name, running.get(name, []), name in specs, supervised) for name in names]


def _status(
    lab: Lab, name: str, processes: list[psutil.Process], wanted: bool, supervised: bool
) -> ProcessStatus:
    record = read_json(lab.run / f"{name}.json")
    restarts = int(record.get("restarts", 0)) if isinstance(record, dict) else 0
    pid, started, rss = None, None, 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            memory = process.memory_info().rss
            rss += memory
            if pid is None:
                pid, started = process.pid, process.create_time()
    if pid is not None:
        expected = wanted or name == SUPERVISOR or name.startswith(POD_PREFIX)
        state = "running" if expected else "surplus"
    elif name == SUPERVISOR or not supervised:
        state = "stopped"
    else:
        state = "waiting" if record else "starting"
    return ProcessStatus(name, pid, state, restarts, rss, started)


def _belonging(lab: Lab) -> Iterator[tuple[psutil.Process, str]]:
    root, self_pid = str(lab.root), os.getpid()
    for process in psutil.process_iter():
        try:
            variables: dict[str, Any] = process.environ()
            if variables.get(LAB_VARIABLE) != root or PROCESS_VARIABLE not in variables:
                continue
            if process.pid != self_pid and process.status() == psutil.STATUS_ZOMBIE:
                continue
        except (psutil.Error, OSError):
            continue  # ended meanwhile, or another user's and so not ours
        yield process, variables[PROCESS_VARIABLE]


def _main_first(process: psutil.Process) -> tuple[bool, float, int]:
    try:
        return os.getsid(process.pid) != process.pid, process.create_time(), process.pid
    except (OSError, psutil.Error):
        return True, float("inf"), process.pid
