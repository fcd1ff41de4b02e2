"""One self-contained page: the verdict as text; the page's own script draws tables and charts from its data.

Names and messages are data: JSON in an element that is never executed, with `<` written as \\u003c, and the
script inserts them only as text. The policy in the head allows only that script, by its hash, and no loading.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mirror.status.history import History
from mirror.status.picture import Picture, to_json
from mirror.status.trouble import GroupTrouble, Trouble
from mirror.text.files import write_file

Shown = tuple[Picture, Picture | None, History]
"""A look, the last successful look, and the history of the watch."""

_ROWS = (
    "total",
    "topics",
    "partitions",
    "groups",
    "partition_troubles",
    "group_troubles",
    "rates_over_seconds",
)
_ASSETS = Path(__file__).parent / "assets"


def write_page(path: Path, mirrors: Sequence[Shown], every: float | None = None) -> None:
    """Replace the file atomically: a reader sees one look or the next, never half a page. Raises
    CouldNotRun.
    """
    write_file(path, page(mirrors, every), "--html")


def page(mirrors: Sequence[Shown], every: float | None = None) -> str:
    """Return the page as HTML. `every`: seconds until it is replaced and reloads itself; None: never."""
    style = (_ASSETS / "page.css").read_text(encoding="utf-8")
    script = (_ASSETS / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    states = {"flow": _states(Trouble), "group": _states(GroupTrouble)}
    data = {"every": every, "states": states, "mirrors": [_data(*one) for one in mirrors]}
    title = ", ".join(f"{one.verdict.word.upper()} {one.snapshot.mirror}" for one, _, _ in mirrors)
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{html.escape(title)}</title>
<link rel="icon" href="data:,">
<style>
{style}</style>
</head>
<body>
<main id="mirrors">
{"".join(_headline(one) for one, _, _ in mirrors)}
<noscript><p>Tables and charts need JavaScript.</p></noscript>
</main>
<script type="application/json" id="data">{_embedded(data)}</script>
<script>{script}</script>
</body>
</html>
"""


def _states(troubles: Iterable[Trouble | GroupTrouble]) -> dict[str, str]:
    """Return the color class of each state, most urgent first: the script's order and colors."""
    return {one.word: one.shade for one in sorted(troubles, reverse=True)}


def _headline(picture: Picture) -> str:
    """Return the verdict as HTML, for browsers without JavaScript."""
    snapshot, verdict = picture.snapshot, picture.verdict
    where = html.escape(f"{snapshot.mirror}: {snapshot.source} → {snapshot.target}")
    return (
        f'<section class="mirror"><header class="verdict {verdict.word}">'
        f"<strong>{verdict.word.upper()}</strong> "
        f"<span>{where}</span><p>{html.escape(verdict.says)}</p>"
        f"<p>{datetime.fromtimestamp(snapshot.at, UTC):%Y-%m-%d %H:%M:%S} UTC</p></header></section>\n"
    )


def _data(picture: Picture, last: Picture | None, history: History) -> dict[str, Any]:
    shown = to_json(picture)
    shown["since"] = history.since(picture.verdict)
    shown["watched_since"] = history.began
    shown["max_lag_seconds"] = picture.snapshot.max_lag_seconds
    shown["history"] = history.to_json()
    if picture.total is None and last is not None and last is not picture:
        seen = to_json(last)
        shown["as_of"] = seen["at"]
        for part in _ROWS:
            shown[part] = seen[part]
        shown["max_lag_seconds"] = last.snapshot.max_lag_seconds
    return shown


def _embedded(data: Any) -> str:
    """Return JSON that cannot close its own element, nor open a comment in it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
