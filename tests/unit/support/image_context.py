"""The files of the checkout that `docker build` sends to the builder, and the Dockerfile's instructions."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).parents[3]


def sent_to_the_builder(root: Path, ignore: str) -> set[str]:
    """The relative paths of the files that a .dockerignore lets through, by the rules of Docker's
    moby/patternmatcher: the last rule that matches a file or a folder above it decides.
    """
    rules = [_rule(line) for line in ignore.splitlines() if line.strip() and not line.startswith("#")]
    found = set()
    for folder, _, names in os.walk(root):
        for name in names:
            path = (Path(folder) / name).relative_to(root).as_posix()
            ignored = False
            for expression, excludes in rules:
                if expression.fullmatch(path):
                    ignored = excludes
            if not ignored:
                found.add(path)
    return found


def _rule(line: str) -> tuple[re.Pattern[str], bool]:
    excludes, pattern = not line.startswith("!"), line.lstrip("!").strip().strip("/")
    translated = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    expression = "".join(
        translated.get(part, re.escape(part)) for part in re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    )
    return re.compile(f"{expression}(/.*)?"), excludes


def instructions() -> Iterator[tuple[str, list[str]]]:
    """Each instruction of the Dockerfile with its words."""
    for line in (CHECKOUT / "Dockerfile").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            assert not line.endswith("\\"), "this reader knows instructions of one line"
            word, _, rest = line.partition(" ")
            yield word, rest.split()


def copied() -> dict[str, str]:
    """What each COPY takes from the context, and where in the image's folder it puts it."""
    found = {}
    for word, words in instructions():
        assert word != "ADD", "ADD unpacks archives and downloads"
        if word == "COPY":
            *sources, to = words
            found.update(dict.fromkeys(sources, to))
    return found
