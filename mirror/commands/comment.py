"""`python -m mirror comment`: the reports of a pipeline's run as one comment for each stack."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from mirror.commands.answers import QuietOption, progress_console
from mirror.commands.ci_project import the_project
from mirror.forge.context import context
from mirror.forge.keep import Run, keep, mark_stale
from mirror.forge.mark import is_stack_name
from mirror.forge.report import of_pull_request, read_report
from mirror.problems import CouldNotRun
from mirror.text.busy import Busy

EPILOG = "Exit codes: 0 the comments are up to date, 2 they are not (see the message)."

ReportsOption = Annotated[
    Path,
    typer.Option(
        "--reports",
        metavar="FOLDER",
        help="The folder with the reports: STACK/plan.md, STACK/preview.txt and so on, and the exit code "
        "of each command in STACK/plan.exit and so on.",
    ),
]


def comment(
    stacks: Annotated[
        str,
        typer.Option(
            "--stacks",
            metavar="JSON",
            help="The stacks that the pull request concerns: the result of `ci concerned --json`, or a list "
            "of names. Comments about other stacks are deleted.",
            show_default=False,
        ),
    ] = "",
    stale: Annotated[
        bool,
        typer.Option(
            "--stale",
            help="Instead of --stacks, where the check failed before it knew the stacks: mark comments about "
            "older commits as stale.",
        ),
    ] = False,
    reports: ReportsOption = Path("reports"),
    quiet: QuietOption = False,
) -> None:
    """Write the reports of a run into the pull request: one comment for each stack, which a later run edits.
    A comment about a stack that the pull request no longer concerns is deleted.

    Works in a job of GitHub Actions, with GITHUB_TOKEN, and of GitLab CI, with GITLAB_TOKEN. A report that is
    longer than a comment may be is shortened; the artifacts of the run have the whole report.

      python -m mirror comment --stacks "$CONCERNED" --reports reports
    """
    if stale and stacks:
        raise CouldNotRun("reading the command line", "--stale and --stacks exclude each other", "drop one")
    names = [] if stale else _names(stacks)
    project = the_project()
    found = [of_pull_request(read_report(reports, name)) for name in names]
    here = context(os.environ)
    run = Run(project.name, here.commit, here.run, here.link)
    with Busy(progress_console(quiet), "writing the comments ..."):
        done = mark_stale(here.forge, run) if stale else keep(here.forge, run, found)
    for one in done:
        print(f"{one.stack}: {one.action}")


def _names(text: str) -> list[str]:
    """The names of the stacks, from a list of names or the result of `ci concerned`."""
    try:
        found = json.loads(text)
        listed = found["stacks"] if isinstance(found, dict) else found
        names = [one["stack"] if isinstance(one, dict) else one for one in listed]
    except (ValueError, KeyError, TypeError) as error:
        way_out = "pass the result of `ci concerned --json`"
        raise CouldNotRun("reading --stacks", "it is not a list of stacks in JSON", way_out) from error
    for name in names:
        if not isinstance(name, str) or not is_stack_name(name):
            raise CouldNotRun("reading --stacks", f"{name!r} is not a name of a stack", "check --stacks")
    return names
