"""Files of the lab: written whole or not at all, and readable by their owner alone."""

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OWNER_ONLY = 0o600

# Anything that starts so is half-made: whoever died while making it left it behind.
_HALF_MADE = ".half-made-"


def write_file(path: Path, content: str | bytes, mode: int = OWNER_ONLY) -> bool:
    """Write `content` so that a reader sees the old file or the new one; say whether anything changed."""
    data = content.encode() if isinstance(content, str) else content
    with_mode = path.is_file() and (path.stat().st_mode & 0o777) == mode
    if with_mode and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    half_made = _half_made(path)
    descriptor = os.open(half_made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        half_made.replace(path)
    except BaseException:
        half_made.unlink(missing_ok=True)
        raise
    return True


def write_json(path: Path, value: object) -> bool:
    """Write `value` as JSON; say whether anything changed."""
    return write_file(path, json.dumps(value, indent=2, sort_keys=True) + "\n")


def read_json(path: Path) -> Any | None:
    """The JSON in `path`; None when it is absent or is not JSON (a person may have edited it)."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A folder that appears at `path` complete or not at all: fill the one that is yielded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half_made = _half_made(path)
    half_made.mkdir(mode=0o700)
    try:
        yield half_made
        half_made.rename(path)
    except BaseException:
        shutil.rmtree(half_made, ignore_errors=True)
        raise


def remove_half_made(folder: Path) -> None:
    """Remove what a killed `whole_folder` or `write_file` left in `folder`."""
    for left in folder.glob(f"{_HALF_MADE}*"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _half_made(path: Path) -> Path:
    return path.with_name(f"{_HALF_MADE}{path.name}-{secrets.token_hex(4)}")
