"""numba with type annotations, and with a cache folder that is always writable.

numba caches beside the module or in the home folder, and fails if it can write to neither, as in a container
with a read-only file system. The cache folder is named after a digest of the sources, because numba detects a
change of the file of a compiled function, but not of the files of the functions that it calls.
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
    """Compile a function to machine code that releases the GIL; cached between runs."""
    config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
    return cast(F, numba.njit(nogil=True, cache=True)(function))


def intrinsic(function: Callable[..., Any]) -> Any:
    """Declare a function that generates LLVM instructions for compiled code."""
    return numba_intrinsic(function)


@cache
def cache_folder() -> Path:
    """Return the cache folder: NUMBA_CACHE_DIR, else in the user's cache, else temporary for this run."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "region-mirror" / "numba"
    folder = (Path(chosen) if chosen else user) / _sources()
    if _writable(folder):
        return folder
    # A random name, because all users can write to this folder and numba executes what it finds in its cache.
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
