"""The difference between two renderings of a stack, and its text for a terminal and a pull request. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rich.console import Console
from rich.text import Text

from manifests.rendered import SECRET_PREFIX, SOPS_RULES
from mirror.rendering.hidden import without_values
from mirror.rendering.secret_file import SecretFile
from mirror.text.foreign import printable_lines
from mirror.text.markdown import code, prose
from mirror.text.names import few
from settings.model import Settings

Change = Literal["added", "changed", "removed"]
MARKDOWN_CHARACTERS = 60_000
"""A comment on GitHub has at most 65,536 characters."""
_NAMED = 20  # files whose difference is left out
_MARKS: dict[Change, str] = {"added": "+", "changed": "~", "removed": "-"}
_COLORS = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that differs; `diff` is a unified diff."""

    name: str
    change: Change
    diff: str


@dataclass(frozen=True, slots=True)
class Difference:
    """The files that differ, in the order of their names. `base`: to what the rendering was compared."""

    stack: str
    base: str
    files: tuple[FileChange, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        files = [{"name": one.name, "change": one.change, "diff": one.diff} for one in self.files]
        return {"stack": self.stack, "base": self.base, "files": files, "notes": list(self.notes)}


def compare(
    stack: str, base: str, before: Mapping[str, str], after: Mapping[str, str], notes: tuple[str, ...] = ()
) -> Difference:
    """Compare two renderings file by file. The rules for sops belong to a person, and are not compared."""
    names = sorted(name for name in {*before, *after} if not name.endswith(SOPS_RULES))
    found = (_file(name, before.get(name), after.get(name)) for name in names)
    return Difference(stack, base, tuple(one for one in found if one is not None), notes)


def other_users(now: Iterable[Settings], earlier: Iterable[Settings]) -> Iterator[str]:
    """Name the mirrors that copy other users: no file without a cluster shows that."""
    before = {one.mirror.name: one.users for one in earlier}
    changed = [one.mirror.name for one in now if before.get(one.mirror.name, one.users) != one.users]
    if changed:
        yield (
            f"the section users of {few(changed)} differs, which no rendered file shows: copied users are on "
            "the source. See `region-mirror plan`"
        )


def headline(difference: Difference) -> str:
    """Summarize the difference in one sentence."""
    if not difference.files:
        return f"no rendered file differs from {difference.base}"
    counts = [
        f"{sum(one.change == kind for one in difference.files)} {kind}"
        for kind in _MARKS
        if any(one.change == kind for one in difference.files)
    ]
    return f"rendered files compared with {difference.base}: {', '.join(counts)}"


def markdown(difference: Difference) -> str:
    """Return GitHub-flavoured Markdown, short enough for a comment; each diff is folded."""
    title = f"### Rendered manifests of stack {code(difference.stack)}"
    lines = [title, "", f"**{prose(_capital(headline(difference)))}.**", ""]
    used = sum(map(len, lines)) + sum(len(note) + 3 for note in difference.notes)
    long: list[FileChange] = []
    for one in difference.files:
        block = "\n".join(_folded(one))
        if used + len(block) > MARKDOWN_CHARACTERS:
            long.append(one)
            continue
        used += len(block) + 1
        lines += [block, ""]
    if long:
        names = few([f"{_MARKS[one.change]} {code(one.name)}" for one in long], _NAMED)
        lines += [f"Too long for a comment, see `region-mirror render --diff`: {names}", ""]
    lines += [f"- {prose(note)}" for note in difference.notes]
    return "\n".join(lines).rstrip() + "\n"


def render(difference: Difference, console: Console) -> None:
    """Print the difference."""
    console.print(Text(_capital(headline(difference)), "bold"))
    for one in difference.files:
        console.print(Text(f"\n{_MARKS[one.change]} {one.name}: {one.change}", "bold"))
        for line in one.diff.splitlines():
            console.print(Text(line, _COLORS.get(line[:1], "")))
    for note in difference.notes:
        console.print(Text(f"note: {note}", "yellow"))


def _file(name: str, before: str | None, after: str | None) -> FileChange | None:
    if before == after or (before is not None and after is not None and _same_secret(name, before, after)):
        return None
    change: Change = "added" if before is None else "removed" if after is None else "changed"
    left, right = (_shown(name, text or "").splitlines() for text in (before, after))
    lines = difflib.unified_diff(left, right, f"a/{name}", f"b/{name}", lineterm="")
    return FileChange(name, change, printable_lines("\n".join(lines)))


def _is_secret(name: str) -> bool:
    return name.rsplit("/", 1)[-1].startswith(SECRET_PREFIX)


def _shown(name: str, text: str) -> str:
    """Return the text of a file without the values that a person may have filled in for placeholders."""
    return without_values(text) if _is_secret(name) else text


def _same_secret(name: str, before: str, after: str) -> bool:
    """Whether an encrypted Secret has the keys of the rendered one. Its values are not known here."""
    if not _is_secret(name):
        return False
    there = SecretFile.read(before)
    return there.encrypted and there.keys == SecretFile.read(after).keys


def _folded(one: FileChange) -> Iterator[str]:
    # The fence is longer than any in the text, so that no text ends it.
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", one.diff)), default=0))
    yield f"<details><summary>{_MARKS[one.change]} <code>{_html(one.name)}</code> {one.change}</summary>"
    yield ""
    yield f"{fence}diff"
    yield one.diff
    yield fence
    yield "</details>"


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
