"""One `up` or `down` at a time on a lab, and only ever on a folder that is a lab's."""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from lab.errors import LabError
from lab.layout import Lab

_WAIT_SECONDS = 10.0


@contextlib.contextmanager
def exclusive(lab: Lab, doing: str) -> Iterator[None]:
    """Hold the lab's folder, made if need be. `LabError` when it is no lab's, or another one works on it."""
    remove_remains(lab)
    refuse_strangers_folder(lab)
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        lab.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with lab.lock_file.open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    lock.seek(0)
                    raise LabError(f"another command works on this lab: {lock.read().strip()}") from None
                time.sleep(0.2)
                continue
            if not _is(lock.fileno(), lab.lock_file):
                continue  # whoever held it removed the folder
            lock.truncate(0)
            lock.write(f"python -m lab {doing}, pid {os.getpid()}\n")
            lock.flush()
            yield
            return


def refuse_strangers_folder(lab: Lab) -> None:
    """`LabError` when the lab's folder is in use for something else: it would be removed one day."""
    if lab.exists or not lab.root.exists():
        return
    if not lab.root.is_dir() or {p.name for p in lab.root.iterdir()} - {lab.lock_file.name}:
        raise LabError(
            f"{lab.root} is there and is no lab's folder: name another one in REGION_MIRROR_LAB, or remove it"
        )


def remove(lab: Lab) -> None:
    """Remove the lab's folder. What a killed removal leaves has another name and goes the next time."""
    remains = _remains(lab)
    if lab.root.exists():
        lab.root.rename(remains)
    remove_remains(lab)


def remove_remains(lab: Lab) -> None:
    """Remove what a removal that was killed has left."""
    shutil.rmtree(_remains(lab), ignore_errors=True)


def _remains(lab: Lab) -> Path:
    return lab.root.with_name(f"{lab.root.name}.region-mirror-removed")


def _is(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
