"""`python -m mirror audit job | merge`: audit on several machines, and merge the reports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from manifests.in_cluster.audit_job import audit_job
from manifests.in_cluster.verification_job import verified_by_job
from mirror.audit.merge import merge, read_reports
from mirror.audit.render import markdown, render
from mirror.commands.answers import Answers, JsonOption, MarkdownOption, OutputOption, QuietOption
from mirror.commands.stack_files import FileOption, MirrorOption, StackOption, choose
from mirror.exit_codes import FOUND, PROVEN
from mirror.problems import CouldNotRun
from settings.yaml_text import to_yaml_all

TopicOption = Annotated[
    list[str] | None,
    typer.Option(
        "--topic", "-t", metavar="NAME", help="Audit only this topic (its name on the source); repeatable."
    ),
]
SampleOption = Annotated[
    float | None,
    typer.Option(
        "--sample",
        min=0.0,
        max=1.0,
        metavar="FRACTION",
        help="Compare only this share of each partition (0 to 1).",
    ),
]


def job(
    slices: Annotated[
        int, typer.Option("--slices", "-n", metavar="N", min=1, max=10_000, help="Number of slices.")
    ],
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    at_once: Annotated[
        int | None,
        typer.Option("--at-once", metavar="N", min=1, help="Number of pods in parallel.", show_default="all"),
    ] = None,
    topic: TopicOption = None,
    sample: SampleOption = None,
    lanes: Annotated[
        int, typer.Option("--lanes", metavar="N", min=1, max=64, help="Partitions in parallel in each pod.")
    ] = 4,
    quiet: QuietOption = False,
) -> None:
    """Print an Indexed Job that audits near the target, one slice of the partitions in each pod.

    It uses the service account, settings and image that `verification.runner: job` deploys.

      python -m mirror audit job --stack prod-west --slices 16 | kubectl create -f -
      job=batch.kubernetes.io/job-name=east-to-west-audit
      kubectl -n kafka logs -l $job --tail=-1 > audit.log
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
                "its service account does not exist: the stack does not verify this mirror by a Job",
                "set verification.runner: job and deploy it (docs/in-cluster.md)",
            )
        manifests.append(audit_job(settings, slices, at_once=at_once, options=options))
    print(to_yaml_all(manifests, sort_keys=False), end="")


def merge_reports(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="JSON reports of all slices, or logs of the pods; - is stdin."
        ),
    ],
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Merge the reports of all slices (`--partition-slice`) into one. A missing slice is an error."""
    answers = Answers.of(output, as_json, as_markdown)
    report = merge([one for file in files for one in read_reports(file)])
    answers.show(report, alone=True, markdown=markdown, render=render)
    raise typer.Exit(PROVEN if report.passed else FOUND)
