"""`python -m mirror stacks`: every stack of a project in one table."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from mirror.commands.answers import (
    Answers,
    JsonOption,
    MarkdownOption,
    OutputOption,
    QuietOption,
    progress_console,
)
from mirror.commands.policy import PolicyFileOption, judged_by, of_mirror, policy_config
from mirror.commands.pulumi_project import PulumiProject, find_project, working_folder
from mirror.commands.stack_files import StackFile, read_stack
from mirror.exit_codes import COULD_NOT_RUN, FOUND, PROVEN
from mirror.problems import CouldNotRun, Finding, one_line
from mirror.stacks.reading import AT_ONCE, ToRead, read_all
from mirror.stacks.render import markdown, page, render
from mirror.stacks.rows import Live, MirrorRow, Overview, StackRow
from mirror.text.busy import Busy
from mirror.text.files import write_file
from policy.files import compared_with
from policy.problems import PolicyError
from policy.register import RULES
from policy.report import PolicyReport
from settings.model import Settings

EPILOG = (
    "Exit codes: 0 nothing was found, 1 a mirror has a finding, 2 nothing was found, but a stack file or a "
    "cluster could not be read."
)
_TOGETHER = ("no-circle", "one-writer", "internal-names-unshared")
"""The rules of the policy that compare mirrors of several stacks."""


def stacks(
    offline: Annotated[
        bool, typer.Option("--offline", help="Read the stack files only, no cluster and no Pulumi state.")
    ] = False,
    seconds: Annotated[
        float,
        typer.Option("--seconds", min=1, metavar="SECONDS", help="Time limit for reading one stack."),
    ] = 20,
    policy_file: PolicyFileOption = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Also write the table as one page without scripts."),
    ] = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show all stacks of the Pulumi project: regions, topics, phase, version, when each mirror was verified,
    drift, and the worst finding. Mirrors of different stacks that copy records in a circle, write the same
    topics or share names are found, too.

    Reads the target's Kubernetes of each mirror, several stacks at the same time, and Pulumi's state for the
    time of the last verification. It changes nothing.

      python -m mirror stacks
      python -m mirror stacks --offline --markdown
      python -m mirror stacks --json --html stacks.html
    """
    answers = Answers.of(output, as_json, as_markdown)
    project = _project()
    files = {name: project.stack_file(name) for name in project.stacks()}
    if not files:
        where = project.folder / project.stack_config_dir
        raise CouldNotRun("looking for stack files", f"there is none in {where}", "add Pulumi.<stack>.yaml")
    found, problems = _read(project, files)
    try:
        report, notes = _together(found, policy_file)
    except PolicyError as error:
        raise CouldNotRun(error.tried, "; ".join(error.problems), error.way_out) from error
    lives: dict[str, Sequence[Live | None]] = {}
    if not offline:
        with Busy(progress_console(quiet), f"reading {len(found)} stacks, {AT_ONCE} at a time ..."):
            wanted = [ToRead(name, mirrors, file.root, file.owner) for name, (file, mirrors) in found.items()]
            lives = dict(zip(found, read_all(wanted, seconds), strict=True))
    overview = Overview(
        project.name,
        tuple(
            StackRow(name, problem=problems[name])
            if name in problems
            else StackRow(name, _rows(name, found[name][1], lives.get(name), report))
            for name in files
        ),
        offline,
        notes,
    )
    if html is not None:
        write_file(html, page(overview), "--html")
    answers.show(overview, alone=True, markdown=markdown, render=render)
    raise typer.Exit(FOUND if overview.found else COULD_NOT_RUN if overview.unknown else PROVEN)


def _project() -> PulumiProject:
    here = working_folder(os.environ)
    project = find_project(here)
    if project is None:
        there = f"there is no Pulumi.yaml in {here} or in a folder above it"
        raise CouldNotRun("looking for the Pulumi project", there, "change to the project's folder")
    return project


def _read(
    project: PulumiProject, files: Mapping[str, Path]
) -> tuple[dict[str, tuple[StackFile, tuple[Settings, ...]]], dict[str, str]]:
    """Return the settings of each stack, and why others cannot be read."""
    found, problems = {}, {}
    for name, path in files.items():
        file = StackFile(path, project.name, project.folder)
        try:
            found[name] = file, tuple(read_stack(file))
        except CouldNotRun as error:
            problems[name] = one_line(error.happened)
    return found, problems


def _together(
    found: Mapping[str, tuple[StackFile, tuple[Settings, ...]]], policy_file: Path | None
) -> tuple[PolicyReport, tuple[str, ...]]:
    """Judge all stacks by the rules that compare mirrors. Raises PolicyError."""
    config, folder = policy_config(policy_file)
    documents = [
        document for file, mirrors in found.values() for one in mirrors for document in of_mirror(file, one)
    ]
    rules = [rule for rule in RULES if rule.id in _TOGETHER]
    report = judged_by(rules, config, documents, compared_with(config, folder))
    waived = tuple(f"waived: {one.rule.id} of {one.violation.subject}" for one in report.waived)
    return report, waived


def _rows(
    stack: str, mirrors: Sequence[Settings], lives: Sequence[Live | None] | None, report: PolicyReport
) -> tuple[MirrorRow, ...]:
    return tuple(
        MirrorRow(
            stack,
            settings,
            live,
            tuple(
                Finding(one.rule.id, one.message, one.remedy)
                for one in report.findings
                if one.violation.subject.origin == stack
                and one.violation.subject.name == f"{settings.target.namespace}/{settings.mirror.name}"
            ),
        )
        for settings, live in zip(mirrors, lives or [None] * len(mirrors), strict=True)
    )
