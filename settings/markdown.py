"""Rows of Markdown tables, for generated pages and for reports."""

from __future__ import annotations

from collections.abc import Iterable


def table_cell(markdown: str) -> str:
    """Escape Markdown for one cell of a table. A pipe is escaped in code too (GitHub Flavored Markdown)."""
    return markdown.replace("|", "\\|").replace("\n", " ")


def table_row(cells: Iterable[str]) -> str:
    """Join the cells of one row. Their pipes are escaped already (`table_cell`)."""
    return f"| {' | '.join(cells)} |"
