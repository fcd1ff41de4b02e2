"""Keeps the declared processes of the lab running until `python -m lab down`.

It holds no state that matters. Killed and started again it finds the lab's processes by their environment and
goes on with them; they run in their own sessions and outlive it.
"""

import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from lab.files import read_json, write_json
from lab.layout import LAB_VARIABLE, Lab
from lab.logs import appended, empty_flooded
from lab.owner import TakeDown
from lab.processes import (
    POD_PREFIX,
    PROCESS_VARIABLE,
    SUPERVISOR,
    ProcessSpec,
    declared,
    digest_of,
    environment,
    find_all,
    passed_on,
)

log = logging.getLogger("lab.supervisor")

LOOK_SECONDS = 0.2
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 10.0
HEALTHY_AFTER_SECONDS = 30.0
LOGS_SECONDS = 2.0


@dataclass(slots=True)
class _Kept:
    """One process the supervisor keeps, and how that went so far."""

    name: str
    process: psutil.Process | None = None
    child: subprocess.Popen[bytes] | None = None
    """Ours to reap; None when the process was adopted."""
    digest: str | None = None
    stop_seconds: float = 10.0
    restarts: int = 0
    failures: int = 0
    """In a row: a process that stayed up for HEALTHY_AFTER_SECONDS starts at none again."""
    started: float = 0.0
    next_start: float = 0.0
    asked_to_stop: float | None = None


class Supervisor:
    """Compares what is declared with what runs, and acts on the difference, for ever."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._kept: dict[str, _Kept] = {}
        self._logs_seen = 0.0

    def run(self) -> None:
        """Keep the lab's processes until the lab's folder is gone."""
        self._adopt()
        take_down = TakeDown(self.lab)
        while self.lab.exists or self._kept:
            self.look()
            take_down.look()
            time.sleep(LOOK_SECONDS)
        log.info("the lab is gone, and so am I")

    def look(self) -> None:
        """One comparison of what is declared with what runs. Never waits."""
        specs = declared(self.lab)
        for name in specs.keys() | self._kept.keys():
            kept = self._kept.setdefault(name, _Kept(name))
            try:
                self._settle(kept, specs.get(name))
            except (OSError, psutil.Error) as problem:
                log.warning("%s: %s", name, problem)
                kept.next_start = time.monotonic() + self._backoff(kept)
        if time.monotonic() - self._logs_seen > LOGS_SECONDS:
            self._look_at_logs()

    def _look_at_logs(self) -> None:
        self._logs_seen = time.monotonic()
        with contextlib.suppress(FileNotFoundError):  # a pod's log goes with its pod
            for path in empty_flooded(self.lab.logs):
                log.warning("%s: flooded, emptied; %s.1 is its beginning", path.stem, path.name)

    def _adopt(self) -> None:
        for name, processes in find_all(self.lab).items():
            if name == SUPERVISOR or name.startswith(POD_PREFIX):
                continue
            process = processes[0]
            record = read_json(self.lab.run / f"{name}.json")
            restarts = int(record.get("restarts", 0)) if isinstance(record, dict) else 0
            self._kept[name] = _Kept(
                name, process, digest=digest_of(process), restarts=restarts, started=time.monotonic()
            )
            log.info("%s: adopted, pid %d", name, process.pid)

    def _settle(self, kept: _Kept, spec: ProcessSpec | None) -> None:
        if kept.process is not None and not self._alive(kept, kept.process):
            self._ended(kept, wanted=spec is not None)
        if kept.process is None:
            if spec is None:
                del self._kept[kept.name]
                (self.lab.run / f"{kept.name}.json").unlink(missing_ok=True)
            elif time.monotonic() >= kept.next_start:
                self._start(kept, spec)
            return
        if kept.asked_to_stop is not None:
            self._stop_harder(kept, kept.asked_to_stop)
        elif spec is None or spec.digest != kept.digest:
            log.info("%s: %s, stopping", kept.name, "withdrawn" if spec is None else "declared anew")
            kept.asked_to_stop = time.monotonic()
            kept.process.terminate()
        else:
            kept.stop_seconds = spec.stop_seconds
            if kept.failures and time.monotonic() - kept.started > HEALTHY_AFTER_SECONDS:
                kept.failures = 0

    def _alive(self, kept: _Kept, process: psutil.Process) -> bool:
        if kept.child is not None:
            return kept.child.poll() is None
        try:
            return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    def _ended(self, kept: _Kept, wanted: bool) -> None:
        code = kept.child.returncode if kept.child is not None else None
        asked = kept.asked_to_stop is not None
        for left in find_all(self.lab).get(kept.name, []):
            with contextlib.suppress(psutil.Error):
                left.kill()  # what it started must not run beside its successor
        kept.process, kept.child, kept.asked_to_stop = None, None, None
        if asked:
            log.info("%s: stopped", kept.name)
            kept.failures, kept.next_start = 0, 0.0
        elif wanted:
            pause = self._backoff(kept)
            kept.failures += 1
            kept.restarts += 1
            kept.next_start = time.monotonic() + pause
            log.warning("%s: ended by itself (%s), starting again in %.1f s", kept.name, _ending(code), pause)
            self._record(kept, None, _ending(code))

    def _backoff(self, kept: _Kept) -> float:
        return float(min(FIRST_BACKOFF_SECONDS * 2.0 ** min(kept.failures, 10), LONGEST_BACKOFF_SECONDS))

    def _stop_harder(self, kept: _Kept, asked_to_stop: float) -> None:
        if time.monotonic() - asked_to_stop < kept.stop_seconds:
            return
        log.warning("%s: still there after %.0f s, killing", kept.name, kept.stop_seconds)
        for process in find_all(self.lab).get(kept.name, []):
            with contextlib.suppress(psutil.Error):
                process.kill()

    def _start(self, kept: _Kept, spec: ProcessSpec) -> None:
        running = find_all(self.lab).get(kept.name)
        if running:  # started by a supervisor that was killed before it could tell
            kept.process, kept.digest, kept.started = running[0], digest_of(running[0]), time.monotonic()
            log.info("%s: adopted, pid %d", kept.name, running[0].pid)
            return
        try:
            with appended(self.lab.log(kept.name)) as output:
                child = subprocess.Popen(
                    spec.argv,
                    cwd=spec.cwd,
                    env={**passed_on(), **spec.env, **environment(self.lab, spec.name, spec.digest)},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            kept.process = psutil.Process(child.pid)
        except (OSError, psutil.Error) as problem:
            pause = self._backoff(kept)
            kept.failures += 1
            kept.next_start = time.monotonic() + pause
            log.error("%s: cannot be started: %s; trying again in %.1f s", kept.name, problem, pause)
            self._record(kept, None, str(problem))
            return
        kept.child, kept.digest, kept.started = child, spec.digest, time.monotonic()
        kept.stop_seconds = spec.stop_seconds
        log.info("%s: started, pid %d", kept.name, child.pid)
        self._record(kept, child.pid, None)

    def _record(self, kept: _Kept, pid: int | None, ending: str | None) -> None:
        if not self.lab.exists:
            return
        record = {"pid": pid, "at": time.time(), "restarts": kept.restarts, "ended": ending}
        write_json(self.lab.run / f"{kept.name}.json", record)


def code_digest() -> str:
    """Changes when this code does: `up` replaces a supervisor that runs another version."""
    import hashlib

    folder = Path(__file__).parent
    files = ("supervisor.py", "owner.py", "processes.py", "files.py", "logs.py")
    code = b"".join((folder / name).read_bytes() for name in files)
    return hashlib.sha256(code).hexdigest()[:16]


def supervise(lab: Lab) -> int:
    """Be the lab's supervisor. Returns at once (0) when there is one already."""
    if os.environ.get(PROCESS_VARIABLE) != SUPERVISOR or os.environ.get(LAB_VARIABLE) != str(lab.root):
        identity = environment(lab, SUPERVISOR, code_digest())
        os.execve(sys.executable, [sys.executable, "-m", "lab.supervisor"], {**os.environ, **identity})
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)-7s %(message)s", force=True)
    if not lab.exists:
        log.error("there is no lab at %s; `python -m lab up` makes one", lab.root)
        return 2
    os.umask(0o077)
    with (lab.root / "supervisor.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("the lab has a supervisor already")
            return 0
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        log.info("keeping the lab at %s", lab.root)
        Supervisor(lab).run()
    return 0


def _ending(code: int | None) -> str:
    if code is None:
        return "unknown how"
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


if __name__ == "__main__":
    sys.exit(supervise(Lab.find()))
