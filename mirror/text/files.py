"""Replaces files that somebody else may read meanwhile: they see the old content or the new, never half."""

from __future__ import annotations

import secrets
from pathlib import Path

from mirror.problems import CouldNotRun, one_line


def replace_file(path: Path, text: str) -> None:
    """Replace the file atomically. Raises OSError; what was written until then is removed."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        # Not tempfile: its files ignore the umask, and a report names topics, groups and hosts.
        with part.open("x", encoding="utf-8") as file:
            file.write(text)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_file(path: Path, text: str, option: str) -> None:
    """Replace the file that an option of the command line names. Raises CouldNotRun."""
    try:
        replace_file(path, text)
    except OSError as error:
        raise CouldNotRun(
            f"writing {path}", file_problem(error), f"name another file with {option}"
        ) from error


def file_problem(error: OSError | UnicodeDecodeError) -> str:
    """Why a file cannot be read or written, without its name, which the message has already."""
    return getattr(error, "strerror", None) or one_line(error)
