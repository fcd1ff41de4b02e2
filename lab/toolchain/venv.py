"""The virtual environment of the repository: in the cache, keyed by its lock, linked as `.venv`.

Standard library only: the bootstrap runs this before anything is installed.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from lab.toolchain.cache import key_of, remove_tree
from lab.toolchain.process import Children

LOCK = "requirements-dev.txt"
"""Every package of the environment, pinned, with hashes. `make lock` writes it."""

# A virtual environment holds its own path in many files, so it cannot be made elsewhere and renamed. It is
# made in place instead, and this file, written last, says that it is complete.
_COMPLETE = "complete"


def first_pin(lock: Path) -> str:
    """Some pinned requirement of the lock, to ask the registry for."""
    if found := re.search(r"^([A-Za-z0-9._-]+==[^\s;]+)", lock.read_text(), re.MULTILINE):
        return found.group(1)
    raise ValueError(f"{lock} pins nothing")


def location(checkout: Path, root: Path) -> Path:
    """The folder of this checkout's environment, made or not. It depends on the lock and on this Python."""
    python = [platform.python_implementation(), sys.version, platform.machine(), sys.base_prefix]
    return root / "venv" / key_of([*python, (checkout / LOCK).read_bytes()])


def python_of(directory: Path) -> Path:
    """The environment's Python."""
    return directory / "bin" / "python"


def complete(directory: Path) -> bool:
    """Whether the environment was made completely, and its Python has not been uninstalled since."""
    return (directory / _COMPLETE).is_file() and python_of(directory).exists()


def create(directory: Path, env: Mapping[str, str], log: Path, children: Children) -> None:
    """Make an empty environment, with pip. Raises `StepFailed`. Call with the cache's lock held."""
    remove_tree(directory)
    directory.parent.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    children.run([sys.executable, "-m", "venv", directory], cwd=directory.parent, env=env, log=log)


def install(directory: Path, checkout: Path, env: Mapping[str, str], log: Path, children: Children) -> None:
    """Install the lock's packages and declare the environment complete. Raises `StepFailed`."""
    pip: list[str | Path] = [python_of(directory), "-m", "pip", "install"]
    options: list[str | Path] = ["--no-input", "--disable-pip-version-check", "--require-hashes"]
    children.run([*pip, *options, "-r", checkout / LOCK], cwd=checkout, env=env, log=log)
    (directory / _COMPLETE).touch()


def link(checkout: Path, directory: Path, root: Path) -> Path | None:
    """Point `.venv` at the environment, in one atomic step; return the link.

    A `.venv` that is not a link into this cache is the user's own: it is not changed, and None is returned.
    """
    name = checkout / ".venv"
    if name.is_symlink():
        if not Path(os.readlink(name)).is_relative_to(root / "venv") and name.exists():
            return None
        if Path(os.readlink(name)) == directory:
            return name
    elif name.exists():
        return None
    fresh = checkout / f".venv.{os.getpid()}"
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    fresh.symlink_to(directory)
    fresh.replace(name)
    return name
