"""`python -m mirror audit`: compares every record."""

from __future__ import annotations

import json
import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from mirror.audit.cut import Chosen, Cut, Slice, choose, key_of, make_cut
from mirror.audit.findings import Difference
from mirror.audit.partition import Logs
from mirror.audit.progress import shown
from mirror.audit.render import markdown, render
from mirror.audit.report import AuditReport
from mirror.audit.run import Audit, unaudited
from mirror.audit.sample import STRETCH, parse_fraction, together
from mirror.audit.sample import sample as sample_of
from mirror.audit.state import State, default_root
from mirror.clients.records import TopicPartition
from mirror.clients.sides import Sides
from mirror.clients.topics import read_topics
from mirror.commands.answers import (
    Answers,
    JsonOption,
    MarkdownOption,
    OutputOption,
    QuietOption,
    progress_console,
)
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption
from mirror.commands.stack_files import choose as choose_stack
from mirror.estate.deployed import read_deployed
from mirror.exit_codes import FOUND, PROVEN
from mirror.problems import CouldNotRun
from settings.model import Settings

EPILOG = "Exit codes: 0 every record is there, 1 something differs, 2 it could not be looked at."
INDEX = "JOB_COMPLETION_INDEX"
"""Kubernetes sets it in the pods of an Indexed Job."""

app = typer.Typer(
    invoke_without_command=True, add_completion=False, pretty_exceptions_enable=False, epilog=EPILOG
)


@app.callback()
def audit(
    context: typer.Context,
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    topic: Annotated[
        list[str] | None,
        typer.Option(
            "--topic", "-t", metavar="NAME", help="Only this topic, by its name on the source; repeatable."
        ),
    ] = None,
    lanes: Annotated[
        int, typer.Option("--lanes", min=1, max=64, help="Partitions at once.", show_default="two a core")
    ] = min(8, 2 * (os.cpu_count() or 1)),
    partition_slice: Annotated[
        str,
        typer.Option(
            "--partition-slice",
            metavar="I/N",
            help=f"Only every N-th partition from the I-th on; `/N` takes I from {INDEX}.",
        ),
    ] = "",
    state: Annotated[
        Path | None,
        typer.Option("--state", metavar="FOLDER", help="Where a killed audit is taken up again from."),
    ] = None,
    sample: Annotated[
        float | None,
        typer.Option(
            "--sample", min=0.0, max=1.0, metavar="FRACTION", help="Only so much of each partition."
        ),
    ] = None,
    max_records: Annotated[
        int | None,
        typer.Option("--max-records", min=1, metavar="N", help="Only about so many records, as a sample."),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew, even where an earlier run was cut short.")
    ] = False,
    findings: Annotated[
        Path | None,
        typer.Option("--findings", metavar="FILE", help="Write every finding, one JSON object a line."),
    ] = None,
    progress_json: Annotated[
        bool, typer.Option("--progress-json", help="Progress as JSON lines on stderr.")
    ] = False,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare every record of every mirrored partition, source against target: key, value, headers,
    timestamp, order. Names what is lost, duplicated, reordered, altered, or from elsewhere.

    Audits up to a consistent cut, with traffic going on. Run again after a kill, it goes on where it was.

      python -m mirror audit --stack lab
      python -m mirror audit --stack prod-west --topic orders --findings findings.jsonl
      python -m mirror audit merge slice-*.json
    """
    if context.invoked_subcommand is not None:
        return
    answers = Answers.of(output, as_json, as_markdown)
    part = parse_slice(partition_slice)
    chosen = choose_stack(stack, config_file, mirror)
    if findings is not None:
        findings.write_text("")
    proven = True
    for settings in chosen.mirrors:
        one = _Run(
            settings,
            chosen.root,
            part,
            tuple(topic or ()),
            lanes,
            findings,
            progress_json,
            sample,
            max_records,
            quiet,
        )
        report = one.audit(state or default_root(), fresh)
        proven = proven and report.passed
        answers.show(report, alone=len(chosen.mirrors) == 1, markdown=markdown, render=render)
    raise typer.Exit(PROVEN if proven else FOUND)


def parse_slice(text: str) -> Slice:
    """`2/8`, or `/8` in a pod of an Indexed Job. Raises CouldNotRun."""
    if not text:
        return Slice()
    number, slash, count = text.partition("/")
    number = number or os.environ.get(INDEX, "")
    if slash and number.isdigit() and count.isdigit() and int(number) < int(count):
        return Slice(int(number), int(count))
    raise CouldNotRun(
        "reading --partition-slice",
        f"{text!r} is not I/N with I from 0 to N-1" + ("" if number else f", and {INDEX} is not set"),
        "for example 0/4, 1/4, 2/4 and 3/4",
    )


class _Run:
    """The audit of one mirror."""

    def __init__(
        self,
        settings: Settings,
        root: Path,
        part: Slice,
        topics: tuple[str, ...],
        lanes: int,
        findings: Path | None,
        progress_json: bool,
        fraction: float | None,
        max_records: int | None,
        quiet: bool,
    ) -> None:
        self._quiet = quiet
        self._fraction, self._max_records = fraction, max_records
        self._settings, self._root, self._part, self._topics = settings, root, part, topics
        self._lanes, self._findings, self._progress_json = lanes, findings, progress_json

    def audit(self, root: Path, fresh: bool) -> AuditReport:
        # Here and not above: numba takes its second, and a place to write to, which no other command needs
        # (the Job of a verification has none).
        from mirror.audit.native import NativeLog

        began = time.monotonic()
        console = progress_console(self._quiet)
        access = read_deployed(self._settings, self._root)
        with ExitStack() as stack:
            sides = stack.enter_context(Sides(access.source, access.target))
            chosen = choose(read_topics(self._settings, sides), self._topics, self._part)
            key = key_of(self._settings, sides, chosen, {"sample": [self._fraction, self._max_records]})
            name = f"{self._settings.target.alias}-{self._settings.mirror.name}"

            def tell(line: str) -> None:
                console.print(line, style="dim", highlight=False)

            logs = Logs(
                stack.enter_context(NativeLog(access.source, tell)),
                stack.enter_context(NativeLog(access.target, tell)),
            )
            opened = State.open(root, name, key, lambda: self._cut(sides, chosen, logs), fresh=fresh)
            state, cut = stack.enter_context(opened)
            if state.resumed:
                tell(f"taking up the audit of {cut.at} again")
            with shown(self._settings.mirror.name, console, as_json=self._progress_json) as show:
                results = Audit(cut, logs, state, self._lanes).run(show)
            report = AuditReport(
                cut.mirror,
                cut.source,
                cut.target,
                cut.at,
                time.monotonic() - began,
                cut.exactly_once,
                tuple(together([*results, *unaudited(cut)])),
                len(cut.not_yet),
                chosen.part,
                state.resumed,
                self._sampled(),
                self._topics,
            )
            self._write_findings(state, cut)
            state.remove()
            return report

    def _cut(self, sides: Sides, chosen: Chosen, logs: Logs) -> Cut:
        whole = make_cut(self._settings, sides, chosen)

        def locate(partition: TopicPartition, timestamp: int) -> int | None:
            return sides.target.offsets_at({partition: timestamp}).get(partition)

        return sample_of(whole, parse_fraction(self._fraction, self._max_records, whole), logs.source, locate)

    def _sampled(self) -> str:
        if self._max_records is not None:
            return f"about {self._max_records:,} records, in stretches of {STRETCH:,} offsets"
        if self._fraction is not None and self._fraction < 1:
            return f"{self._fraction:.2%} of each partition, in stretches of {STRETCH:,} offsets"
        return ""

    def _write_findings(self, state: State, cut: Cut) -> None:
        if self._findings is None:
            return
        order = sorted(range(len(cut.extents)), key=lambda number: cut.extents[number].source)
        with self._findings.open("a", encoding="utf-8") as file:
            for number in order:
                extent = cut.extents[number]
                for one in state.every_difference(number):
                    plain = _where(extent.source.topic, extent.source.partition, extent.target.topic, one)
                    file.write(json.dumps(plain, ensure_ascii=False) + "\n")


def _where(topic: str, partition: int, target_topic: str, one: Difference) -> dict[str, object]:
    return {"topic": topic, "partition": partition, "target_topic": target_topic, **one.to_json()}
