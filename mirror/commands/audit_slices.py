"""`python -m mirror audit job | merge`: the audit on several machines, and their reports as one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from manifests.in_cluster.audit_job import audit_job
from manifests.in_cluster.verification_job import verified_by_job
from mirror.audit.render import markdown, render
from mirror.audit.report import KIND, AuditReport, merge
from mirror.commands.answers import Answers, JsonOption, MarkdownOption, OutputOption, QuietOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose
from mirror.exit_codes import FOUND, PROVEN
from mirror.problems import CouldNotRun

STDIN = "-"


def job(
    slices: Annotated[int, typer.Option("--slices", "-n", min=1, max=10_000, help="Shares of partitions.")],
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    at_once: Annotated[
        int | None, typer.Option("--at-once", min=1, help="Pods at once.", show_default="all")
    ] = None,
    topic: Annotated[
        list[str] | None, typer.Option("--topic", "-t", metavar="NAME", help="Only this topic; repeatable.")
    ] = None,
    sample: Annotated[
        float | None,
        typer.Option("--sample", min=0.0, max=1.0, metavar="FRACTION", help="Only so much of each."),
    ] = None,
    lanes: Annotated[int, typer.Option("--lanes", min=1, max=64, help="Partitions at once in a pod.")] = 4,
    quiet: QuietOption = False,
) -> None:
    """Print an Indexed Job that audits the partitions in slices, one a pod, beside the target. It needs what
    `verification.runner: job` has declared: account, settings and image.

      python -m mirror audit job --stack prod-west --slices 16 | kubectl create -f -
      kubectl -n kafka logs -l batch.kubernetes.io/job-name=east-to-west-audit --tail=-1 > audit.log
      python -m mirror audit merge audit.log
    """
    chosen = choose(stack, config_file, mirror)
    options = [f"--lanes={lanes}", *(f"--topic={name}" for name in topic or ())]
    if sample is not None:
        options.append(f"--sample={sample}")
    manifests = []
    for settings in chosen.mirrors:
        if not verified_by_job(settings):
            raise CouldNotRun(
                f"auditing mirror {settings.mirror.name} by a Job",
                "there is no account for it: the stack does not verify a running mirror by a Job",
                "set verification.runner: job and deploy it (docs/in-cluster.md)",
            )
        manifests.append(audit_job(settings, slices, at_once=at_once, options=options))
    print(yaml.safe_dump_all(manifests, sort_keys=False), end="")


def merge_reports(
    files: Annotated[
        list[Path], typer.Argument(help="The JSON reports of all slices, or pods' logs; - is stdin.")
    ],
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make one report of those of all slices (`--partition-slice`). A slice that is missing is an error."""
    answers = Answers.of(output, as_json, as_markdown)
    report = merge([one for file in files for one in read_reports(file)])
    answers.show(report, alone=True, markdown=markdown, render=render)
    raise typer.Exit(PROVEN if report.passed else FOUND)


def read_reports(file: Path) -> list[AuditReport]:
    """All reports of a file, whatever stands between them. Raises CouldNotRun where there is none."""
    try:
        text = sys.stdin.read() if str(file) == STDIN else file.read_text(encoding="utf-8", errors="replace")
        found = [AuditReport.from_json(one) for one in documents(text) if one.get("kind") == KIND]
    except OSError as error:
        raise CouldNotRun(f"reading {file}", str(error), "check the file's name") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CouldNotRun(
            f"reading {file}",
            f"a report in it is not one of this release ({type(error).__name__}: {error})",
            "merge with the release that audited",
        ) from error
    if not found:
        raise CouldNotRun(
            f"reading {file}",
            "it holds no report of an audit (`python -m mirror audit --json`)",
            "an audit that was killed leaves none: run it again, it goes on where it was",
        )
    return found


def documents(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects that begin at a line's beginning: a pod's log has what it said meanwhile, too."""
    decoder = json.JSONDecoder()
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        if text[at] == "{":
            try:
                found, at = decoder.raw_decode(text, at)
                yield found
                end = text.find("\n", at)
            except ValueError:  # cut off, or no JSON: a line like any other
                pass
        at = len(text) if end < 0 else end + 1
