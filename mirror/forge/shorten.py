"""Markdown cut to a length, so that what remains is still whole Markdown."""

from __future__ import annotations

import re

from mirror.text.foreign import printable_lines

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_CLOSE = "</details>"


def size(text: str) -> int:
    """Length as the strictest forge counts: UTF-16 code units, of which an emoji has two."""
    return len(text.encode("utf-16-le")) // 2


def shorten(markdown: str, limit: int, note: str) -> str:
    """Return the Markdown whole, or as many of its first lines as fit `limit` together with `note`.

    `note` is a paragraph that says where the whole is. A code block or <details> that the cut leaves open is
    closed. Returns "" where not even the note fits.
    """
    if size(markdown) <= limit:
        return markdown
    kept: list[str] = []
    used, ends = 0, f"\n\n{note}\n"
    fence, folded = "", 0
    best: list[str] | None = [] if size(ends) <= limit else None
    for line in markdown.split("\n"):
        used += size(line) + 1
        fence, folded = _after(line, fence, folded)
        closing = _closing(fence, folded)
        if used + size(closing) + size(ends) > limit:
            break
        kept.append(line)
        best = [*kept, closing] if closing else list(kept)
    return "" if best is None else ("\n".join(best).rstrip("\n") + ends).lstrip("\n")


def fenced(text: str) -> str:
    """Return a program's output as a code block that nothing in the text ends."""
    lines = printable_lines(text.replace("\r\n", "\n").expandtabs(4).rstrip("\n"))
    longest = max(map(len, re.findall("`+", lines)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{lines}\n{fence}"


def folded(title: str, content: str, *, unfolded: bool = False) -> str:
    """Return content under a title that a click opens. `title` is our own text."""
    return f"<details{' open' if unfolded else ''}>\n<summary>{title}</summary>\n\n{content}\n\n{_CLOSE}"


def _after(line: str, fence: str, folded: int) -> tuple[str, int]:
    """The fence and the number of <details> that are open after the line."""
    found = _FENCE.match(line)
    if fence:
        ends = found and found[1].startswith(fence) and line.strip() == found[1]
        return ("" if ends else fence), folded
    if found:
        return found[1], folded
    opened = line.count("<details")
    return "", max(0, folded + opened - line.count(_CLOSE))


def _closing(fence: str, folded: int) -> str:
    return "\n".join([*([fence] if fence else []), *([f"\n{_CLOSE}"] * folded)])
