"""numba, with the two things that this program wants of it: types, and a cache that always has a place.

numba caches beside the module, and fails where it can write neither there nor to a home: a container with a
read-only file system and a user without one. The folder is named after the sources, because numba notices
that a compiled function's own file has changed but not the files of the functions that it calls.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import config
from numba.extending import intrinsic as numba_intrinsic

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Machine code in place of a function: no Python objects, no GIL, kept between runs."""
    config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
    return cast(F, numba.njit(nogil=True, cache=True)(function))


def intrinsic(function: Callable[..., Any]) -> Any:
    """What compiled code cannot say by itself, said in LLVM's instructions."""
    return numba_intrinsic(function)


@cache
def cache_folder() -> Path:
    """Where compiled code is kept: NUMBA_CACHE_DIR, else the user's cache, else one for this run only."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "region-mirror" / "numba"
    folder = (Path(chosen) if chosen else user) / _sources()
    if _writable(folder):
        return folder
    # Not a fixed name in a folder that all users write to: what lies there is run.
    return Path(tempfile.mkdtemp(prefix="region-mirror-numba-"))


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _sources() -> str:
    digest = blake2b(digest_size=6)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
