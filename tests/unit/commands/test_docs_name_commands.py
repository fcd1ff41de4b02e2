"""Every command line of the docs, the pipelines and the messages names a command and options that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirror.cli import command_line

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "docs/drills/README.md", ROOT / "ci/README.md"]
)
PIPELINES = sorted(one for one in (ROOT / "mirror/ci/templates").rglob("*") if one.is_file())
PACKAGES = ("mirror", "components", "manifests", "settings", "policy")
MODULES = sorted(one for top in PACKAGES for one in (ROOT / top).rglob("*.py"))

CODE = re.compile(r"```.*?```|`[^`]+`", re.DOTALL)
LINE = re.compile(r"(?:region-mirror|python -m mirror)[ \t]+([a-z][^\n`|;]*)")
OPTION = re.compile(r"--[a-z][a-z-]*")
FENCED = re.compile(r"```.*?```", re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
TARGET = re.compile(r"\bmake (?:-s )?([a-z][a-z-]*)")
MODULE = re.compile(r"python3? -m ((?:settings|manifests|policy|lab|tests)[\w.]*)")


def lines(path: Path) -> Iterator[str]:
    """The command lines of a file: in code of a page or of a text of a module, and anywhere in a pipeline."""
    whole = path.read_text(encoding="utf-8")
    for text in texts(whole) if path.suffix == ".py" else [whole]:
        for code in CODE.findall(text) if path.suffix in (".md", ".py") else [text]:
            for line in LINE.findall(code.replace("\\\n", " ")):
                yield line.split("#")[0]


def texts(source: str) -> Iterator[str]:
    """The texts of a module, each joined from its literals; a value is the letter X."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(one.value) if isinstance(one, ast.Constant) else "X" for one in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def short_lines(text: str, root: Any) -> list[str]:
    """The command lines in a page that leave out the program's name: `offsets apply`, `verify --wait 300`."""
    found = [span for span in SPAN.findall(FENCED.sub("", text)) if span.split()[0] in root.commands]
    return [span for span in found if re.match(r"[\w-]+ [a-z-]", span)]


def elsewhere(text: str) -> list[str]:
    """The targets of make and the modules of this repository that code names, and that do not exist."""
    code = "\n".join(CODE.findall(text))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    return [
        *(f"make {one}" for one in TARGET.findall(code) if one not in targets),
        *(f"python -m {one}" for one in MODULE.findall(code) if not runs(one)),
    ]


def runs(module: str) -> bool:
    """Whether `python -m` can run it."""
    path = ROOT / module.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


def problems(line: str, root: Any) -> list[str]:
    """What is wrong with the words behind the program's name."""
    words, command, path = line.split(), root, []
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words[0]]
        path.append(words.pop(0))
    if not path:
        return [f"{line.split()[0]!r} is no command"]
    if words and words[0].isalpha() and getattr(command, "commands", None) and words[0].islower():
        return [f"{' '.join(path)} has no command {words[0]}"]
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


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_short_command_line_target_and_module_exists(path: Path) -> None:
    root, text = command_line(), path.read_text(encoding="utf-8")
    assert [one for line in short_lines(text, root) for one in problems(line, root)] == []
    assert elsewhere(text) == []


def test_each_command_line_of_a_message_exists() -> None:
    root = command_line()
    found = {
        f"{path.relative_to(ROOT)}: {one}"
        for path in MODULES
        for line in lines(path)
        for one in problems(line, root)
    }
    assert sorted(found) == []


def test_a_line_that_is_joined_from_literals_is_read_whole() -> None:
    (joined, *_) = texts('say("run `region-mirror verify "\n f"--stack {name} --wiat 3` again")')
    assert LINE.findall(joined) == ["verify --stack X --wiat 3"]


def test_a_wrong_line_is_found() -> None:
    root = command_line()
    assert problems("verify --stack prod --no-such-option", root) == ["verify has no --no-such-option"]
    assert problems("verfiy --stack prod", root) == ["'verfiy' is no command"]
    assert problems("offsets export --exact", root) == []


def test_a_wrong_short_line_target_or_module_is_found() -> None:
    root = command_line()
    text = "`offsets aply`, `verify --wiat 3`, `status`, `make dmeo`, `python -m lab up`, `python -m lab.upp`"
    assert short_lines(text, root) == ["offsets aply", "verify --wiat 3"]
    assert problems("verify --wiat 3", root) == ["verify has no --wiat"]
    assert problems("offsets aply", root) == ["offsets has no command aply"]
    assert elsewhere(text) == ["make dmeo", "python -m lab.upp"]
