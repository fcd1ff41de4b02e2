"""What the command `cutover` prints: events while it runs, and an overview of all steps."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.text import Text

from mirror.commands.answers import Form, progress_console
from mirror.cutover.events import Event, Kind
from mirror.cutover.journal import ConfigMapJournal
from mirror.cutover.prediction import Prediction
from mirror.cutover.rehearsal import look_at_all
from mirror.cutover.step import Step, Verdict, World
from mirror.text.busy import Busy
from mirror.text.durations import duration
from mirror.text.foreign import json_text
from mirror.text.markdown import code, prose, prose_table
from mirror.text.page import console, print_page
from mirror.text.tables import table

_SIGNS: dict[Kind, tuple[str, str]] = {
    "acting": ("→", "cyan"),
    "done": ("✓", "green"),
    "stopped": ("✗", "bold red"),
    "undone": ("✓", "green"),
    "undo-failed": ("✗", "bold red"),
    "ended": ("✓", "bold green"),
}
_STYLES = {"done": "green", "todo": "cyan", "waiting": "yellow", "blocked": "bold red"}
_EVENTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Overview:
    """The verdict of each step as the world is now, who runs a cutover, and the journal's last events."""

    mirror: str
    verdicts: Sequence[tuple[str, Verdict]]
    holder: str
    events: Sequence[dict[str, Any]] = field(default_factory=tuple)
    prediction: Prediction | None = None
    command: str = "cutover"
    notes: Sequence[str] = ()
    """What a part moves and does not do, one sentence each; empty for a whole mirror."""

    @property
    def blocked(self) -> bool:
        """Whether a person has to decide before the cutover can run."""
        return bool(self.holder) or any(verdict.state == "blocked" for _, verdict in self.verdicts)

    @property
    def running(self) -> str:
        """Who runs a command of this mirror now; only where there is a `holder`."""
        return f"{self.holder} runs a cutover or a rollback of this mirror now"

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        steps = [{"step": name, **verdict.to_json()} for name, verdict in self.verdicts]
        predicted = {"prediction": self.prediction.to_json()} if self.prediction else {}
        return {
            "mirror": self.mirror,
            "steps": steps,
            "holder": self.holder,
            "events": list(self.events),
            **({"part": list(self.notes)} if self.notes else {}),
            **predicted,
        }


def overview(
    world: World,
    steps: Sequence[Step],
    journal: ConfigMapJournal,
    lease: tuple[str, float],
    *,
    predicting: bool = False,
    command: str = "cutover",
) -> Overview:
    """Look at every step once. Raises CouldNotRun."""
    verdicts, predicted = look_at_all(world, steps, predicting=predicting)
    events = journal.events[-_EVENTS_SHOWN:]
    return Overview(world.settings.mirror.name, verdicts, lease[0], events, predicted, command)


class Display:
    """Prints results on stdout in one form, and the progress of the current step on stderr."""

    def __init__(self, form: Form, quiet: bool) -> None:
        self._form = form
        self._progress = progress_console(quiet)
        self._busy: Busy | None = None
        self._told: list[Event] = []

    @contextmanager
    def busy(self, text: str) -> Iterator[None]:
        """Show a line while something takes time."""
        with Busy(self._progress, text):
            yield

    @contextmanager
    def live(self) -> Iterator[None]:
        """Show the current step, what it waits for, and for how long."""
        try:
            with Busy(self._progress, "...") as self._busy:
                yield
        except BaseException:
            # What was done until a cluster stopped answering, or the job was cancelled, is not lost.
            with suppress(OSError):
                self.end()
            raise
        finally:
            self._busy = None

    def verdicts(self) -> list[tuple[str, Verdict]]:
        """Return the last verdict of each step that was told."""
        found = {event.step: event.verdict for event in self._told if event.verdict is not None}
        return list(found.items())

    def say(self, kind: Kind, text: str) -> None:
        """Show a line of the command's own as the last event."""
        self.tell(Event(kind, time.time(), text))

    def show(self, seen: Overview) -> None:
        """Print the overview."""
        if self._form is Form.JSON:
            print(json_text(seen.to_json()), flush=True)
        elif self._form is Form.MARKDOWN:
            print(_overview_markdown(seen), end="")
        else:
            print_page(lambda console: _render(seen, console))

    def end(self) -> None:
        """Print what is printed at the end only: a page of Markdown."""
        if self._form is Form.MARKDOWN:
            shown = [one for one in self._told if one.kind in _SIGNS and one.kind != "acting"]
            print(_told_markdown(shown), end="", flush=True)

    def tell(self, event: Event) -> None:
        """Show one event. What cannot be printed (a full disk, a reader that has ended) stops no move behind
        the fence: the journal has it, and the program ends with an error of its own.
        """
        self._told.append(event)
        with suppress(OSError):
            self._show(event)

    def _show(self, event: Event) -> None:
        if self._form is Form.JSON:
            print(json_text(event.to_json()), flush=True)
        elif self._form is Form.TABLE and event.kind in _SIGNS:
            (console() if self._busy is None else self._busy).print(_line(event), soft_wrap=True)
        elif event.kind in _SIGNS:
            # The page follows at the end; meanwhile the log of a pipeline shows the steps, for hours maybe.
            self._progress.print(_line(event), soft_wrap=True)
        if self._busy is not None:
            self._busy.update(_waiting(event))


def _waiting(event: Event) -> str:
    took = f" ({duration(event.seconds)})" if event.seconds else ""
    return f"{event.step}: {event.text}{took}"


def _line(event: Event) -> Text:
    sign, style = _SIGNS[event.kind]
    took = f" ({duration(event.seconds)})" if event.seconds and event.kind == "done" else ""
    name = f"{event.step}: " if event.step else ""
    line = Text.assemble((f"{sign} ", style), (name, "bold"), event.text, (took, "dim"))
    if event.remedy:
        line.append(f"\n  Way out: {event.remedy}", "cyan")
    return line


def show_steps(verdicts: Sequence[tuple[str, Verdict]], console: Console) -> None:
    """Print the verdict of each step as a table, and below it what to do."""
    shown = table()
    for name in ("step", "verdict", "what was seen"):
        shown.add_column(name, overflow="fold")
    for name, verdict in verdicts:
        shown.add_row(Text(name), Text(verdict.state, _STYLES[verdict.state]), Text(verdict.text))
    console.print(shown)
    for name, verdict in verdicts:
        if verdict.remedy and verdict.state != "done":
            console.print(Text(f"{name}: {verdict.remedy}", "cyan"))


def _render(seen: Overview, console: Console) -> None:
    console.print(Text(f"{seen.command} of mirror {seen.mirror}", "bold"))
    for note in seen.notes:
        console.print(Text(f"  {note}"))
    show_steps(seen.verdicts, console)
    if seen.prediction:
        _render_prediction(seen.prediction, console)
    if seen.holder:
        console.print(Text(seen.running, "bold red"))
    for event in seen.events:
        console.print(Text(f"{event['at']} {event['event']} {event.get('step', '')}: {event['text']}", "dim"))


def _render_prediction(predicted: Prediction, console: Console) -> None:
    console.print(Text(f"Prediction: {predicted.told}", "bold"))
    for part in predicted.parts:
        console.print(Text(f"  {part.step:<12} {duration(part.seconds):>8}  {part.why}", "dim"))
    console.print(Text(f"  not counted: {'; '.join(predicted.not_counted)}", "dim"))


def _overview_markdown(seen: Overview) -> str:
    rows = [
        (name, one.state, one.text, one.remedy if one.state != "done" else "") for name, one in seen.verdicts
    ]
    lines = [*(f"- {prose(note)}" for note in seen.notes), *([""] if seen.notes else []), *_rows(rows)]
    if seen.prediction:
        lines += ["", f"Prediction: {prose(seen.prediction.told)}"]
    if seen.holder:
        lines += ["", f"**{prose(seen.running)}**"]
    if seen.events:
        lines.append("")
    for one in seen.events:
        told = f"{one['event']} {one.get('step', '')}: {one['text']}"
        lines.append(f"- {code(one['at'])} {prose(told)}")
    return "\n".join(lines) + "\n"


def _told_markdown(events: Sequence[Event]) -> str:
    """A table with the first line of each event, and below it the lists that events have."""
    lines = _rows([(one.step, one.kind, one.text.partition("\n")[0], one.remedy) for one in events])
    for one in events:
        if more := one.text.splitlines()[1:]:
            lines.append("")
        for line in more:
            indent = "  " if line.startswith(" ") else ""
            lines.append(f"{indent}- {prose(line.strip().removeprefix('- '))}")
    return "\n".join(lines) + "\n"


def _rows(rows: Sequence[tuple[str, str, str, str]]) -> list[str]:
    return prose_table(("step", "verdict", "what was seen", "way out"), rows)[:-1]
