"""The cache that every product of the set-up lives in, outside the checkout and shared by all checkouts.

Layout: `<root>/<step>/<key>/`, beside the clients' own caches (`go/mod`, `go/build`, `m2`) and `logs/`.
A product directory exists complete or not at all: it is filled under a temporary name and renamed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

_TEMPORARY = ".part-"


def cache_root(env: Mapping[str, str]) -> Path:
    """`$REGION_MIRROR_CACHE`, else `$XDG_CACHE_HOME/region-mirror`, else `~/.cache/region-mirror`."""
    if own := env.get("REGION_MIRROR_CACHE"):
        return Path(own).expanduser().absolute()
    base = env.get("XDG_CACHE_HOME") or os.path.join(env.get("HOME") or os.path.expanduser("~"), ".cache")
    return Path(base).absolute() / "region-mirror"


def key_of(parts: Iterable[str | bytes]) -> str:
    """Short sha256 of everything a product is built from; each part's length is hashed too, so that
    moving text from one part to the next changes the key."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()[:16]


def build_into(product: Path, fill: Callable[[Path], None]) -> None:
    """Makes the directory `product` with what `fill` puts into an empty directory given to it.

    On any error, Ctrl-C included, nothing is left and the error goes on. The rename is atomic because the
    temporary directory is a sibling.
    """
    product.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=_TEMPORARY, dir=product.parent))
    try:
        fill(part)
        part.chmod(0o755)
        part.rename(product)
    except BaseException:
        remove_tree(part)
        raise


def remove_leftovers(root: Path) -> None:
    """Removes half products of a set-up that was killed outright. Call only while holding the lock."""
    for part in root.glob(f"*/{_TEMPORARY}*"):
        remove_tree(part)


def remove_tree(path: Path) -> None:
    """Removes a tree if it is there, including the read-only files that Go's module cache hands out."""

    def make_writable(function: Callable[[str], object], name: str, _error: object) -> None:
        with contextlib.suppress(OSError):
            os.chmod(os.path.dirname(name), 0o700)
            os.chmod(name, 0o700)
            function(name)

    shutil.rmtree(path, onerror=make_writable)


@contextlib.contextmanager
def locked(root: Path, name: str, waiting: Callable[[], None]) -> Iterator[None]:
    """Holds a part of the cache for one set-up at a time; calls `waiting` once if another one holds it.

    The parts are "toolchain" and "venv": a virtual environment need not wait for Go's minutes.

    The kernel drops the lock with its process, so a killed set-up blocks nobody.
    """
    root.mkdir(parents=True, exist_ok=True)
    with open(root / f"{name}.lock", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def size_of(path: Path) -> int:
    """Bytes of the regular files below `path` (0 when it is missing)."""
    return sum(p.lstat().st_size for p in path.rglob("*") if p.is_file() and not p.is_symlink())
