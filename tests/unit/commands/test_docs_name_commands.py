"""Every command line of the docs, the pipelines and the messages names a command and options that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirror.cli import command_line

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "findings").glob("*.md")])
PIPELINES = sorted(one for one in (ROOT / "mirror/ci/templates").rglob("*") if one.is_file())
MODULES = sorted(one for top in ("mirror", "components", "manifests") for one in (ROOT / top).rglob("*.py"))

CODE = re.compile(r"```.*?```|`[^`]+`", re.DOTALL)
LINE = re.compile(r"(?:region-mirror|python -m mirror)[ \t]+([a-z][^\n`|;]*)")
OPTION = re.compile(r"--[a-z][a-z-]*")


def lines(path: Path) -> Iterator[str]:
    """The command lines of a file: in code of a page, and anywhere in a pipeline."""
    text = path.read_text(encoding="utf-8")
    for code in CODE.findall(text) if path.suffix in (".md", ".py") else [text]:
        # A message of the program is joined from several literals; only its first one is looked at.
        for line in LINE.findall(code.replace("\\\n", " ")):
            yield line.split("#")[0]


def problems(line: str, root: Any) -> list[str]:
    """What is wrong with the words behind the program's name."""
    words, command, path = line.split(), root, []
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words[0]]
        path.append(words.pop(0))
    if not path:
        return [f"{line.split()[0]!r} is no command"]
    known = {"--help", *(name for one in command.params for name in (*one.opts, *one.secondary_opts))}
    return [
        f"{' '.join(path)} has no {option}"
        for word in words
        for option in OPTION.findall(word)[:1]
        if word.lstrip("[('\"").startswith("--") and option not in known
    ]


@pytest.mark.parametrize("path", [*PAGES, *PIPELINES], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_command_line_exists(path: Path) -> None:
    root = command_line()
    assert [one for line in lines(path) for one in problems(line, root)] == []


def test_each_command_line_of_a_message_exists() -> None:
    root = command_line()
    found = {
        f"{path.relative_to(ROOT)}: {one}"
        for path in MODULES
        for line in lines(path)
        for one in problems(line, root)
    }
    assert sorted(found) == []


def test_a_wrong_line_is_found() -> None:
    root = command_line()
    assert problems("verify --stack prod --no-such-option", root) == ["verify has no --no-such-option"]
    assert problems("verfiy --stack prod", root) == ["'verfiy' is no command"]
    assert problems("offsets export --exact", root) == []
