"""CPU seconds of the lab's processes, by thread: what a copied record costs, and where."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import psutil

from lab.layout import Lab
from lab.processes import find_all
from lab.toolchain import Toolchain

WORKER, SOURCE, TARGET, OTHER = (
    "Connect worker",
    "source broker",
    "target broker",
    "other processes of the lab",
)
_REST = "other threads"
_GROUPS = {
    "task: poll from the source, TLS, conversion": re.compile(r"^task-thread-"),
    "producers: TLS, requests to the target": re.compile(r"^kafka-producer-network-thread"),
    "network threads: TLS": re.compile(r"network-thread"),
    "request handlers: log, transactions": re.compile(r"request-handler"),
    "compilers of the JVM": re.compile(r"^C[12] Compiler"),
    "garbage collection": re.compile(r"^(VM Thread|GC |G1 )"),
}
_THREAD = re.compile(r'^"(?P<name>.+?)" .*\bnid=(?P<id>\w+)', re.MULTILINE)


@dataclass(frozen=True)
class Cpu:
    """CPU seconds by process and thread, and the names of the JVM's threads where they are known."""

    seconds: Mapping[tuple[str, int], float] = field(default_factory=dict)
    names: Mapping[tuple[str, int], str] = field(default_factory=dict)

    def __sub__(self, before: Cpu) -> Cpu:
        used = {key: seconds - before.seconds.get(key, 0.0) for key, seconds in self.seconds.items()}
        return Cpu(used, self.names)

    def grouped(self) -> dict[tuple[str, str], float]:
        """Return the seconds by process and kind of thread."""
        found: dict[tuple[str, str], float] = defaultdict(float)
        for key, seconds in self.seconds.items():
            found[key[0], _group(self.names.get(key, ""))] += seconds
        return found


def cpu(lab: Lab, *, names: bool = False) -> Cpu:
    """Read the CPU times of all threads; with `names` ask the JVMs for the threads' names, which takes
    processor time itself.
    """
    seconds: dict[tuple[str, int], float] = {}
    pids: dict[int, str] = {}
    for name, processes in find_all(lab).items():
        for process in processes:
            kind = _kind(name)
            with contextlib.suppress(psutil.Error):
                for thread in process.threads():
                    seconds[kind, thread.id] = thread.user_time + thread.system_time
                if kind != OTHER:
                    pids[process.pid] = kind
    known: dict[tuple[str, int], str] = {}
    for pid, kind in pids.items() if names else ():
        known |= {(kind, thread): name for thread, name in _names(pid).items()}
    return Cpu(seconds, known)


def _kind(process: str) -> str:
    if "drill-bench-" in process:
        return WORKER
    return {"east-kafka": SOURCE, "west-kafka": TARGET}.get(process, OTHER)


def _group(name: str) -> str:
    return next((group for group, pattern in _GROUPS.items() if pattern.search(name)), _REST)


def _names(pid: int) -> dict[int, str]:
    """Ask a JVM: the kernel keeps only the first 15 characters of a thread's name."""
    jcmd = Toolchain.load().java_home / "bin" / "jcmd"
    ran = subprocess.run((jcmd, str(pid), "Thread.print"), capture_output=True, text=True, check=False)
    return {int(one["id"], 0): one["name"] for one in _THREAD.finditer(ran.stdout)}
