"""A plan as text: Markdown for a pull request, a page for a terminal, lines for `pulumi preview`.

Only `render` has a side effect: it prints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mirror.plan.planned import Plan
from mirror.plan.sentences import Section, headline, sections
from mirror.text.foreign import printable
from mirror.text.markdown import prose

if TYPE_CHECKING:
    from rich.console import Console

MARKDOWN_LINES, SUMMARY_LINES = 60, 12
_TERMINAL_ITEMS = 25
_NAMES = 6  # items of a section in one line of the summary
_SUMMARY_WIDTH = 200
_COLORS = {"+": "green", "-": "red", "~": "yellow"}


def markdown(plan: Plan) -> str:
    """Return the plan as GitHub-flavoured Markdown of at most 60 lines: a comment under a pull request."""
    found = sections(plan)
    lines = [
        f"### Mirror `{plan.mirror}` ({plan.source} → {plan.target})",
        "",
        f"**{prose(headline(plan))}.**",
    ]
    lines.append("")
    budget = MARKDOWN_LINES - len(lines) - len(found)
    for section, limit in zip(found, _limits([len(one.items) for one in found], budget), strict=True):
        lines.append(f"- **{section.title}**: {prose(section.sentence)}{'.' if not section.items else ':'}")
        lines += [f"  - {_marked(item)}" for item in _capped(section.items, limit)]
    return "\n".join(lines) + "\n"


def render(plan: Plan, console: Console) -> None:
    """Print the plan; at most 25 items a section."""
    # Imported here because `pulumi preview` prints nothing with it.
    from rich.text import Text

    console.print(Text(f"mirror {plan.mirror} ({plan.source} -> {plan.target})", "bold"))
    console.print(Text(headline(plan), "red" if plan.refused else "bold"))
    for section in sections(plan):
        console.print(Text.assemble((f"\n{section.title}: ", "bold"), section.sentence))
        for item in _capped(section.items, _TERMINAL_ITEMS):
            console.print(Text(f"  {item}", _COLORS.get(item[:1], "")))


def summary_lines(plan: Plan) -> list[str]:
    """Return the plan as at most 12 lines without markup, for `pulumi preview`."""
    lines = [f"mirror {plan.mirror} ({plan.source} -> {plan.target}): {headline(plan)}."]
    lines += [_line(section) for section in sections(plan)]
    if len(lines) > SUMMARY_LINES:
        rest = len(lines) - SUMMARY_LINES + 1
        lines = [*lines[: SUMMARY_LINES - 1], f"and {rest} more: region-mirror plan"]
    lines = [printable(one) for one in lines]
    return [one if len(one) <= _SUMMARY_WIDTH else f"{one[: _SUMMARY_WIDTH - 1]}…" for one in lines]


def outputs(plan: Plan) -> dict[str, Any]:
    """Return the values of the stack output `matches`; they stay the same while nothing changes."""
    found: dict[str, Any] = {}
    for kind, matched, unknown in (
        ("topics", plan.topics.matched, plan.topics.unknown),
        ("groups", plan.groups.matched, plan.groups.unknown),
    ):
        found[kind] = matched if unknown is None else f"could not be read: {unknown}"
    if plan.permitted:
        found["allowedDataLoss"] = list(plan.permitted)
    return found


def _line(section: Section) -> str:
    if not section.items:
        return f"  {section.title}: {section.sentence}"
    names = "; ".join(_capped(section.items, _NAMES))
    return f"  {section.title}: {section.sentence}: {names}"


def _capped(items: Sequence[str], limit: int) -> list[str]:
    """Return at most `limit` lines; the last line counts the items left out."""
    if len(items) <= limit:
        return list(items)
    return [*items[: limit - 1], f"and {len(items) - limit + 1:,} more"] if limit > 0 else []


def _limits(sizes: Sequence[int], budget: int) -> list[int]:
    """Give each list a maximum number of lines so that all fit the budget; short lists stay complete."""
    limit = max(sizes, default=0)
    while limit > 1 and sum(min(size, limit) for size in sizes) > budget:
        limit -= 1
    return [limit] * len(sizes)


def _marked(item: str) -> str:
    """Put a leading `+`, `-` or `~` in code quotes: Markdown would start a nested list."""
    return f"`{item[0]}` {prose(item[2:])}" if item[:2] in ("+ ", "- ", "~ ") else prose(item)
