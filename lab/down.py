"""`python -m lab down`: stops what belongs to the lab, whoever started it, and removes the lab's folder."""

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil
from rich.console import Console

from lab.errors import LabError
from lab.exclusive import exclusive, refuse_strangers_folder, remove, remove_remains
from lab.layout import Lab
from lab.processes import SUPERVISOR, Stage, declared, find_all

_DEFAULT_STOP_SECONDS = 10.0
_KILL_SECONDS = 10.0
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Stopped:
    """One process that `down` stopped."""

    name: str
    pid: int
    seconds: float
    killed: bool


def down(lab: Lab, console: Console | None = None, *, keep_data: bool = False) -> list[Stopped]:
    """Stop the lab's processes, those that others write to last; remove its folder unless `keep_data`.

    Works on whatever a killed `up`, `down` or supervisor left. Raises `LabError` when a process survives
    SIGKILL or the folder is not a lab's.
    """
    console = console or Console()
    start = time.monotonic()
    remove_remains(lab)
    if not lab.root.exists() and not _running(lab):
        console.print(f"there is no lab at {lab.root}: nothing to stop", highlight=False, soft_wrap=True)
        return []
    refuse_strangers_folder(lab)
    with exclusive(lab, "down"):
        stopped = _stop_all(lab, console)
        shutil.rmtree(lab.processes, ignore_errors=True)
        shutil.rmtree(lab.run, ignore_errors=True)
        if not keep_data:
            remove(lab)
    kept = f"its data is kept in {lab.root}" if keep_data else f"{lab.root} is removed"
    what = f"{len(stopped)} processes stopped" if stopped else "nothing ran"
    console.print(
        f"the lab is down after {time.monotonic() - start:.1f} s: {what}, {kept}",
        highlight=False,
        soft_wrap=True,
    )
    return stopped


def _stop_all(lab: Lab, console: Console) -> list[Stopped]:
    specs = declared(lab)
    stopped: list[Stopped] = []
    for _ in range(_ROUNDS):
        running = _running(lab)
        if not running:
            return stopped
        first = max(_stage(name, specs[name].stage if name in specs else Stage.CLIENT) for name in running)
        group = {
            name: processes
            for name, processes in running.items()
            if _stage(name, specs[name].stage if name in specs else Stage.CLIENT) == first
        }
        patience = max(specs[name].stop_seconds if name in specs else _DEFAULT_STOP_SECONDS for name in group)
        stopped += _stop(group, patience, console)
    raise LabError(f"still running: {', '.join(_running(lab))}; whatever starts them is not the lab's")


def _stage(name: str, stage: int) -> int:
    """The supervisor goes before all, or it would start again what is stopped."""
    return max(Stage) + 1 if name == SUPERVISOR else stage


def _stop(group: dict[str, list[psutil.Process]], patience: float, console: Console) -> list[Stopped]:
    """End these processes: each name's first one by SIGTERM, after `patience` seconds all by SIGKILL."""
    start = time.monotonic()
    name_of = {process: name for name, processes in group.items() for process in processes}
    stopped: list[Stopped] = []

    def note(ended: list[psutil.Process], how: str) -> None:
        seconds = time.monotonic() - start
        for process in ended:
            one = Stopped(name_of[process], process.pid, seconds, killed=how == "killed")
            stopped.append(one)
            line = f"{how:<8}{one.name:<26} pid {one.pid:<8}{seconds:5.1f} s"
            console.print(line, highlight=False, soft_wrap=True)

    firsts = [processes[0] for processes in group.values()]
    _signal(firsts, signal.SIGTERM)
    _wait(firsts, patience, lambda ended: note(ended, "stopped"))
    left = [process for process in name_of if _alive(process)]
    _signal(left, signal.SIGKILL)
    for process in _wait(left, _KILL_SECONDS, lambda ended: note(ended, "killed")):
        who = f"{name_of[process]} (pid {process.pid})"
        raise LabError(f"{who} survived SIGKILL for {_KILL_SECONDS:.0f} s; run `python -m lab down` again")
    return stopped


def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _wait(
    processes: list[psutil.Process], seconds: float, note: Callable[[list[psutil.Process]], None]
) -> list[psutil.Process]:
    """Wait for them to end, `note` those that do, return those that do not."""
    until = time.monotonic() + seconds
    alive = processes
    while alive and time.monotonic() < until:
        still = [process for process in alive if _alive(process)]
        note([process for process in alive if process not in still])
        alive = still
        if alive:
            time.sleep(0.05)
    return alive


def _running(lab: Lab) -> dict[str, list[psutil.Process]]:
    """The lab's processes, without the one that asks."""
    running = {
        name: [process for process in processes if process.pid != os.getpid()]
        for name, processes in find_all(lab).items()
    }
    return {name: processes for name, processes in running.items() if processes}


def _alive(process: psutil.Process) -> bool:
    """Whether it runs: a zombie does not, and some containers' init never reaps one."""
    try:
        return process.is_running() and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
