"""The text of a stack's comment: the outcome, the commit, and the report of each command."""

from __future__ import annotations

from mirror.forge.mark import Mark
from mirror.forge.report import Part, StackReport
from mirror.forge.shorten import fenced, folded, shorten, size
from mirror.text.markdown import code, prose

_SMALLEST_PART = 400
"""Characters below which a part is left out: too few to be of use."""
_UNFOLDED = frozenset({"plan", "changed-by"})
"""Short Markdown that says what a reader wants to know first."""
_LINES_IN_SIGHT = 25
"""An error after so many lines of output is shown before them."""
_SUMMARY_LIMIT = 200_000
"""Characters: a summary at GitHub has at most 1 MiB, and one step may write the reports of several stacks."""


def body(report: StackReport, mark: Mark, *, link: str, head: str, limit: int) -> str:
    """Return the comment, in at most `limit` characters. `link` is the address of the run, which has the
    whole report; `head` is the newest commit of the pull request, or "" where it is not known.
    """
    top = "\n\n".join(_top(report, mark, link, head))
    note = f"*Shortened to fit a comment. [The whole report]({link}) is in the run.*"
    found = top
    for position, part in enumerate(report.parts):
        left = limit - size(found) - 2
        # Later parts need room, too: each is given an equal share, and a short part leaves its rest to the
        # others.
        share = left // (len(report.parts) - position)
        found += "\n\n" + _part(part, share, note)
    return found.rstrip("\n") + "\n"


def whole(report: StackReport) -> str:
    """Return the complete report."""
    return "\n\n".join([_heading(report), *(_shown(part, part.text) for part in report.parts)]) + "\n"


def summary(report: StackReport) -> str:
    """Return the report for the summary of a run: complete, unless it is too long."""
    return shorten(
        whole(report), _SUMMARY_LIMIT, "*Shortened. The artifacts of the run have the whole report.*"
    )


def stale_body(old: str, mark: Mark, head: str, link: str, reason: str, limit: int) -> str:
    """Return an existing comment with a warning on top that it reports an older commit, `mark.commit`."""
    lines = old.split("\n")
    kept = [line for line in lines[1:] if not line.startswith(("> [!WARNING]", "> Stale:"))]
    top = f"{mark}\n{_stale(mark.commit, head)}{prose(reason)} See [the run]({link})."
    rest = shorten("\n".join(kept).strip("\n"), limit - size(top) - 2, "*Shortened to fit a comment.*")
    return f"{top}\n\n{rest}".rstrip("\n") + "\n"


def _top(report: StackReport, mark: Mark, link: str, head: str) -> list[str]:
    lines = [f"{mark}\n{_heading(report)}"]
    if head and head != mark.commit:
        lines.append(_stale(mark.commit, head).rstrip())
    lines.append(f"Commit {code(mark.commit[:12])} · [run and whole report]({link})")
    if not report.parts:
        lines.append(
            "**The run has no report about this stack**, so nothing is known about the change. "
            "The log of the run has the reason."
        )
    return lines


def _heading(report: StackReport) -> str:
    outcome = "passed" if report.passed else "**failed**"
    return f"## Stack {code(report.stack)}: {outcome}"


def _stale(commit: str, head: str) -> str:
    return (
        f"> [!WARNING]\n> Stale: this reports commit {code(commit[:12])}, "
        f"but the pull request is at {code(head[:12])}. "
    )


def _part(part: Part, limit: int, note: str) -> str:
    empty = size(_shown(part, ""))
    if limit < max(_SMALLEST_PART, empty):
        return f"**{part.title}**: {part.outcome}."
    if part.markdown:
        return _shown(part, shorten(part.text, limit - empty, note))
    return _cut_output(part, limit, note)


def _cut_output(part: Part, limit: int, note: str) -> str:
    """Cut a program's output inside its code block. What remains is its beginning; of a program that failed,
    the beginning of its errors, or the end where no line is marked as an error.
    """
    shown = _shown(part, part.text)
    if size(shown) <= limit:
        return shown
    errors = _errors(part)
    lines = (errors or part.text).rstrip("\n").split("\n")
    from_its_end = not part.passed and not errors
    kept, left = [], limit - size(_shown(part, "")) - size(note) - 40
    for line in reversed(lines) if from_its_end else lines:
        left -= size(line) + 1
        if left < 0:
            break
        kept.append(line)
    text = "\n".join(reversed(kept) if from_its_end else kept)
    return _fold(part, f"{fenced(text)}\n\n{note}")


def _shown(part: Part, text: str) -> str:
    heading = f"{part.title}: {part.outcome}"
    if part.markdown:
        return f"**{heading}**\n\n{text.strip()}" if part.name in _UNFOLDED else _fold(part, text.strip())
    if not text.strip():
        return _fold(part, "*no output*")
    if errors := _errors(part):
        return _fold(part, f"{fenced(errors)}\n\n{folded('The whole output', fenced(text))}")
    return _fold(part, fenced(text))


def _errors(part: Part) -> str:
    """Return the output of a program that failed, from the line where its errors begin: Pulumi prints
    thousands of lines before them. Empty where they are near the beginning, or no line is marked.
    """
    if part.passed:
        return ""
    lines = part.text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.lstrip().startswith("error:")), 0)
    return "\n".join(lines[first:]) if first >= _LINES_IN_SIGHT else ""


def _fold(part: Part, content: str) -> str:
    return folded(f"{part.title}: {part.outcome}", content, unfolded=not part.passed)
