"""The folder of rendered files: writes them, deletes earlier ones, and keeps what a person has encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from manifests.rendered import HEADER, SECRET_PREFIX, SOPS_RULES
from mirror.problems import CouldNotRun


@dataclass(frozen=True, slots=True)
class Written:
    """Names of the files that were written, deleted, and kept because they are encrypted."""

    written: tuple[str, ...]
    deleted: tuple[str, ...]
    kept: tuple[str, ...]
    notes: tuple[str, ...] = ()


def write(folder: Path, files: Mapping[str, str], within: str = "") -> Written:
    """Write the files, and delete rendered ones that are no longer among them; only those whose name begins
    with `within`. Other files of the folder stay as they are. Raises CouldNotRun.
    """
    try:
        return _write(folder, files, within)
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotRun(f"writing to {folder}", str(error), "check --directory") from error


def read(folder: Path, within: str = "") -> dict[str, str]:
    """Return the rendered files of a folder by their name; only those whose name begins with `within`. Raises
    CouldNotRun.
    """
    try:
        texts = {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(folder.rglob("*.yaml"))
        }
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotRun(f"reading {folder}", str(error), "check --diff") from error
    return {name: text for name, text in texts.items() if name.startswith(within) and text.startswith(HEADER)}


def keys_of_secret(text: str) -> tuple[set[str], bool]:
    """Return the keys of a Secret in a file, and whether sops has encrypted it. Sops leaves keys readable."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError:
        return set(), False
    if not isinstance(content, dict):
        return set(), False
    keys = {*(content.get("data") or {}), *(content.get("stringData") or {})}
    return keys, "sops" in content


def _write(folder: Path, files: Mapping[str, str], within: str) -> Written:
    folder.mkdir(parents=True, exist_ok=True)
    written, kept, notes = [], [], []
    for name, text in files.items():
        path = folder / name
        there = path.read_text(encoding="utf-8") if path.is_file() else None
        if there is not None and _is_kept(path, there):
            kept.append(name)
            lacking = keys_of_secret(text)[0] - keys_of_secret(there)[0] if path.name != SOPS_RULES else set()
            if lacking:
                notes.append(f"{name} is encrypted and was kept, but lacks {', '.join(sorted(lacking))}")
        elif there != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            written.append(name)
    deleted = []
    for name, text in read(folder, within).items():
        if name in files:
            continue
        if _is_kept(folder / name, text):
            kept.append(name)
            notes.append(f"{name} is encrypted and was kept, though no object needs it")
        else:
            (folder / name).unlink()
            deleted.append(name)
    return Written(tuple(written), tuple(deleted), tuple(kept), tuple(notes))


def _is_kept(path: Path, there: str) -> bool:
    return path.name == SOPS_RULES or (path.name.startswith(SECRET_PREFIX) and keys_of_secret(there)[1])
