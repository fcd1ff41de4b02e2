"""The folder of rendered files: writes them, deletes earlier ones of the same stack, and keeps all others and
what a person has encrypted or filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from manifests.rendered import HEADER, SECRET_PREFIX, SOPS_RULES
from mirror.problems import CouldNotRun
from mirror.rendering.secret_file import ENCRYPTED, SecretFile
from mirror.text.names import few


@dataclass(frozen=True, slots=True)
class Written:
    """Names of the files that were written, deleted, and kept as a person has left them."""

    written: tuple[str, ...]
    deleted: tuple[str, ...]
    kept: tuple[str, ...]
    notes: tuple[str, ...] = ()


_RULES = "a person's rules"
_STACK = " Stack: "
"""Follows the header in a folder. A rendering for standard output or a comparison has no stack."""


def write(folder: Path, stack: str, files: Mapping[str, str], within: str = "") -> Written:
    """Write the files of a stack, and delete rendered ones that are no longer among them; only those whose
    name begins with `within`. Other files of the folder stay as they are.

    Raises CouldNotRun, before anything is written, where the folder has rendered files of another stack, or
    where a file that was not rendered has the name of one.
    """
    try:
        _refuse_others(folder, stack, files)
        return _write(folder, stack, files, within)
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
    return {
        name: _without_stack(text)
        for name, text in texts.items()
        if name.startswith(within) and text.startswith(HEADER)
    }


def stack_of(text: str) -> str:
    """Return the stack of a rendered file by its first line; "" for any other file."""
    first, _, _ = text.partition("\n")
    return (
        first.removeprefix(HEADER).removeprefix(_STACK).strip() if first.startswith(HEADER + _STACK) else ""
    )


def _refuse_others(folder: Path, stack: str, files: Mapping[str, str]) -> None:
    others: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*.yaml")):
        name, text = path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8")
        first, _, _ = text.partition("\n")
        if not first.startswith(HEADER):
            if name in files and not _kept(path, text, files[name]):
                others.setdefault("", []).append(name)
        elif (owner := first.removeprefix(HEADER).removeprefix(_STACK)) not in ("", stack):
            others.setdefault(owner, []).append(name)
    if others:
        told = [
            f"{few(names)} {'was' if len(names) == 1 else 'were'} "
            + (f"rendered for stack {owner}" if owner else "not rendered, and would be overwritten")
            for owner, names in sorted(others.items())
        ]
        way_out = "choose another --directory, one for each stack, or delete these files"
        raise CouldNotRun(f"writing to {folder}", "; ".join(told), way_out)


def _without_stack(text: str) -> str:
    first, newline, rest = text.partition("\n")
    return f"{first.partition(_STACK)[0]}{newline}{rest}"


def _write(folder: Path, stack: str, files: Mapping[str, str], within: str) -> Written:
    folder.mkdir(parents=True, exist_ok=True)
    written, kept, notes = [], [], []
    for name, rendered in files.items():
        text = rendered.replace(HEADER, f"{HEADER}{_STACK}{stack}", 1)
        path = folder / name
        there = path.read_text(encoding="utf-8") if path.is_file() else None
        if there is not None and (state := _kept(path, there, text)):
            kept.append(name)
            notes += _about_kept(name, state, there, text)
        elif there != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            written.append(name)
    deleted = []
    for name, text in read(folder, within).items():
        if name in files:
            continue
        if state := _kept(folder / name, text, None):
            kept.append(name)
            notes.append(f"{name} is {state} and was kept, though no object needs it")
        else:
            (folder / name).unlink()
            deleted.append(name)
    return Written(tuple(written), tuple(deleted), tuple(kept), tuple(notes))


def _kept(path: Path, there: str, rendered: str | None) -> str:
    """Say why a file stays as a person has left it; "" where it may be replaced, or deleted if no object
    needs it (`rendered` is None).
    """
    if path.name == SOPS_RULES:
        return _RULES
    if not path.name.startswith(SECRET_PREFIX):
        return ""
    secret = SecretFile.read(there)
    return secret.kept_without() if rendered is None else secret.kept_before(SecretFile.read(rendered))


def _about_kept(name: str, state: str, there: str, rendered: str) -> list[str]:
    if state == _RULES:
        return []
    if lacking := SecretFile.read(rendered).keys - SecretFile.read(there).keys:
        return [f"{name} is {state} and was kept, but lacks {', '.join(sorted(lacking))}"]
    return [] if state == ENCRYPTED else [f"{name} is {state} and was kept: do not commit it like this"]
