"""Reads manifests and stack files of any team, without a cluster."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from policy.config import PolicyConfig, parse_policy
from policy.documents import Document, flattened
from policy.problems import PolicyError
from policy.stack_documents import projects_of, read_stack_text
from settings.problems import SettingsError
from settings.stack_file import PROJECT_FILES, project_file, project_sections
from settings.yaml_errors import UNREADABLE, place_and_problem
from settings.yaml_text import KubernetesLoader, PulumiLoader

_SUFFIXES = (".yaml", ".yml", ".json")
_NEEDED = ("target", "mirrors")
"""Sections of which every stack has one, in its own file or in that of its project."""
_DEDICATED = re.compile(r"^\s*\S+->\S+\.enabled\s*[=:]", re.MULTILINE)
_CORRECT = "correct the file, or name other files"


def read_policy(path: Path, rules: Iterable[str]) -> PolicyConfig:
    """Read a policy file. Raises PolicyError."""
    return parse_policy(_text(path), tuple(rules), path.name)


def read_paths(paths: Iterable[Path]) -> list[Document]:
    """Read files and folders, each file once; of a folder, every YAML and JSON file in it and below. Raises
    PolicyError.
    """
    files = {file.resolve(): file for path in paths for file in _files(path)}
    return [document for file in files.values() for document in read_file(file)]


def read_file(path: Path) -> list[Document]:
    """Read a file with manifests, or a stack file, whose origin is the stack's name. Raises PolicyError."""
    return read_text(_text(path), _shown(path), path)


def read_text(text: str, origin: str, path: Path | None = None) -> list[Document]:
    """Return the documents of a text: manifests, one after the other, or one stack file. `path`: of the file
    that has the text; a stack file's project is the nearest one.
    """
    contents = _parsed(text, origin)
    is_project = path is not None and path.name in PROJECT_FILES
    projects = projects_of(contents[0]) if len(contents) == 1 and not is_project else {}
    nearest = _nearest_project(path.resolve().parent) if projects and path else None
    for project, sections in projects.items():
        beside = project_sections(nearest, project)
        if not {*sections, *beside}.isdisjoint(_NEEDED):
            origin = stack_name(path) if path else origin
            try:
                return read_stack_text(text, origin, project, beside)
            except SettingsError as error:
                problems = tuple(str(one) for one in error.problems)
                raise PolicyError(f"reading stack file {origin}", problems, _CORRECT) from error
    return list(flattened(contents, origin))


def _nearest_project(folder: Path) -> object:
    """Return the content of the nearest Pulumi project's file; None without one."""
    file = project_file(folder)
    if file is None:
        return None
    try:
        return yaml.load(_text(file), PulumiLoader)  # noqa: S506 - a SafeLoader
    except UNREADABLE as error:
        problem = f"it is not YAML: {place_and_problem(error)}"
        raise PolicyError(f"reading {file}", (problem,), _CORRECT) from None


def compared_with(config: PolicyConfig, folder: Path) -> list[Document]:
    """Read the files of `compare_with`, which are relative to the policy file. Raises PolicyError for a
    pattern that matches nothing: a circle would be overlooked.
    """
    found: dict[Path, None] = {}
    for pattern in config.compare_with:
        paths = sorted(glob.glob(str(folder / pattern), recursive=True))
        if not paths:
            raise PolicyError("reading compare_with", (f"{pattern} matches no file",), "Correct the pattern")
        found |= dict.fromkeys(Path(path) for path in paths)
    return read_paths(found)


def stack_name(path: Path) -> str:
    """Return the name of a stack by its file, `Pulumi.<stack>.yaml`; else the path."""
    name = path.name
    return path.stem.removeprefix("Pulumi.") if name.startswith("Pulumi.") else str(path)


def _shown(path: Path) -> str:
    """Return the path from the working folder, so that a file has one origin however it is named."""
    whole, here = path.resolve(), Path.cwd()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else whole)


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES and file.is_file())
    else:
        yield path


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(
            f"reading {path}", (getattr(error, "strerror", None) or str(error),), _CORRECT
        ) from error


def _parsed(text: str, origin: str) -> list[object]:
    try:
        found = [one for one in yaml.load_all(text, _Loader) if one is not None]
    except UNREADABLE as error:
        found, problem = [], f"it is not YAML: {place_and_problem(error)}"
    else:
        problem = ""
    if not any(isinstance(one, dict) for one in found) and _DEDICATED.search(text):
        # A file with few lines is YAML, too: one text.
        dedicated = "it has properties of MirrorMaker 2's dedicated mode, which no rule judges"
        way_out = "`region-mirror import FILE` makes a stack file of it, which can be judged"
        raise PolicyError(f"reading {origin}", (dedicated,), way_out)
    if problem:
        raise PolicyError(f"reading {origin}", (problem,), _CORRECT)
    return found


class _Loader(KubernetesLoader):
    """Ignores values with tags of other programs (`!vault`, `!Ref`), which no rule reads."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
