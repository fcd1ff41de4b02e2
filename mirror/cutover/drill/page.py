"""The report of a drill as one self-contained page: tables, and the timeline as inline SVG. Pure.

The page has no script and loads nothing; its policy forbids both. Every name is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import UTC, datetime

from mirror.cutover.drill.picture import Bar, Timeline, timeline
from mirror.cutover.drill.presented import Presented, Table
from mirror.cutover.drill.recording import Line
from mirror.text.foreign import printable

_SLICES = 400
_LEFT, _WIDTH, _ROW, _TOP = 190, 760, 18, 24
_STYLE = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; }
svg { width: 100%; height: auto; font-size: 11px; }
text { fill: currentColor; }
.source { fill: #2f6fde; } .target { fill: #1a9850; } .refused { fill: #d73027; } .step { fill: #888; }
.empty { fill: #f4a62a33; } .axis { stroke: #8888; stroke-width: .5; }
.passed { color: #1a9850; } .failed { color: #d73027; }
"""


def page(title: str, presented: Presented, lines: Iterable[Line]) -> str:
    """Return the page as HTML."""
    report = presented.report
    shown = timeline(presented, lines, _SLICES)
    word, kind = ("PASSED", "passed") if report.passed else ("FAILED", "failed")
    name = _text(title)
    problems = "".join(f"<li>{_text(one)}</li>" for one in report.problems)
    tables = "\n".join(f"<h2>{one.title}</h2>\n{_table(one)}" for one in presented.tables)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{word} {name}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{name}</h1>
<p><b class="{kind}">{word}</b>: {report.told}. {_text(report.ended)}</p>
<ul>{problems}</ul>
{_svg(shown) if shown else "<p>Nothing was recorded.</p>"}
<p>{presented.legend}</p>
{tables}
</body>
</html>
"""


def _svg(shown: Timeline) -> str:
    height = _TOP + _ROW * len(shown.lanes) + 22
    scale = _WIDTH / shown.seconds
    bottom = height - 20
    parts = [f'<svg viewBox="0 0 {_LEFT + _WIDTH + 10} {height}" role="img" aria-label="timeline">']
    if shown.window:
        parts.append(_rect(shown.window, scale, _TOP - 4, bottom - _TOP + 4))
        middle = _LEFT + shown.window.start * scale
        parts.append(f'<text x="{middle:.1f}" y="{_TOP - 8}">{_text(shown.window.label)}</text>')
    for second in range(0, int(shown.seconds) + 1, _tick(shown.seconds)):
        x = _LEFT + second * scale
        parts.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 4}" y2="{bottom}"/>')
        clock = f"{datetime.fromtimestamp(shown.start + second, UTC):%H:%M:%S}"
        parts.append(f'<text x="{x:.1f}" y="{height - 6}">{clock}</text>')
    for row, lane in enumerate(shown.lanes):
        y = _TOP + row * _ROW
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 11}" text-anchor="end">{_text(lane.name)}</text>')
        parts += [_rect(bar, scale, y, _ROW - 5) for bar in lane.bars]
    return "\n".join([*parts, "</svg>"])


def _rect(bar: Bar, scale: float, y: float, height: float) -> str:
    x, width = _LEFT + bar.start * scale, max(1.0, (bar.end - bar.start) * scale)
    label = f"<title>{_text(bar.label)}</title>" if bar.label else ""
    return (
        f'<rect class="{bar.colour}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}">'
        f"{label}</rect>"
    )


def _tick(seconds: float) -> int:
    """Whole seconds between two marks of the axis: at most ten of them."""
    return next((one for one in (1, 2, 5, 10, 15, 30, 60, 120) if seconds / one <= 10), 300)


def _table(found: Table) -> str:
    head = "".join(f"<th>{_text(one)}</th>" for one in found.columns)
    body = "".join("<tr>" + "".join(f"<td>{_text(one)}</td>" for one in row) + "</tr>" for row in found.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(value: str) -> str:
    return html.escape(printable(value))
