"""`python -m mirror ci`: pipelines for the stacks of a project, and what their jobs ask."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from mirror.ci.changed_by import changes_markdown, render_changes
from mirror.ci.check import (
    concerned_markdown,
    render_concerned,
)
from mirror.ci.github import Workflow, workflow
from mirror.ci.gitlab import pipeline
from mirror.commands import ci_check
from mirror.commands.answers import (
    Answers,
    JsonOption,
    MarkdownOption,
    OutputOption,
    QuietOption,
    not_empty,
    progress_console,
)
from mirror.commands.ci_check import stacks_concerned
from mirror.commands.ci_project import (
    ci_project,
)
from mirror.commands.comment import ReportsOption
from mirror.commands.stack_files import (
    FileOption,
    MirrorOption,
    StackOption,
    choose,
)
from mirror.exit_codes import FOUND, PROVEN
from mirror.forge.approvals import approver
from mirror.forge.body import summary as summary_of
from mirror.forge.newest import newest_commit
from mirror.forge.report import read_report
from mirror.problems import CouldNotRun
from mirror.text.busy import Busy

SUMMARY_EPILOG = "Exit codes: 0 every command that decides has passed, 1 one has not, 2 it could not run."
APPROVED_EPILOG = "Exit codes: 0 approved, 2 not approved, or it could not be read."
NEWEST_EPILOG = "Exit codes: 0 it is the newest commit, 2 it is not, or it could not be read."
EPILOG = "Exit codes: 0 printed, 2 it could not run."
CONCERNED_EPILOG = (
    "Exit codes: 0 printed (with --only: the stack is concerned), 1 --only: it is not, 2 it could not run."
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Pipelines for the stacks of this project: `github` and `gitlab` print them; the others "
    "are for their jobs. The order of deployment is in environments.yaml, beside the stack files.",
)
_BASE = typer.Option("--base", metavar="REF", help="The commit or branch that the change is for.")


@app.command(name="github", epilog=EPILOG)
def github(
    name: Annotated[
        Workflow,
        typer.Argument(metavar="WORKFLOW", help=f"One of: {', '.join(one.value for one in Workflow)}."),
    ],
    quiet: QuietOption = False,
) -> None:
    """Print a workflow of GitHub Actions for the stacks of this project.

    Print all of them again after a change of environments.yaml.

      for one in pull-request deploy nightly move; do
        python -m mirror ci github $one > .github/workflows/mirror-$one.yml
      done
    """
    del quiet  # nothing is printed but the result
    project = ci_project()
    print(workflow(name, project.environments, project.deadlines(), project.folder), end="")


@app.command(name="gitlab", epilog=EPILOG)
def gitlab(quiet: QuietOption = False) -> None:
    """Print a pipeline of GitLab CI for the stacks of this project.

    python -m mirror ci gitlab > .gitlab-ci.yml
    """
    del quiet  # nothing is printed but the result
    project = ci_project()
    print(pipeline(project.environments, project.deadlines(), project.folder), end="")


@app.command(name="concerned", epilog=CONCERNED_EPILOG)
def concerned_command(
    base: Annotated[str, _BASE],
    only: Annotated[
        str,
        typer.Option(
            "--only",
            metavar="NAME",
            help="Ask about this stack alone, by the exit code.",
            show_default=False,
            callback=not_empty,
        ),
    ] = "",
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show which stacks the current commit concerns, compared with the commit where it left a base: stacks
    whose stack file it changes, or a file that the stack file names, and every stack if it changes code that
    all use.

      python -m mirror ci concerned --base origin/main
    """
    del quiet  # nothing is printed but the result
    answers = Answers.of(output, as_json, as_markdown)
    project = ci_project()
    known = [*project.environments.stacks, *project.environments.not_deployed]
    if only and only not in known:
        # A name with a typing error would never be concerned, and a pipeline would leave its stack out.
        there = f"no stack {only} is in environments.yaml"
        raise CouldNotRun("reading --only", there, f"choose from: {', '.join(known)}")
    found = stacks_concerned(project, base)
    # One line of JSON, always: a job's output at GitHub is one line.
    answers.show(found, alone=False, markdown=concerned_markdown, render=render_concerned)
    if only:
        raise typer.Exit(PROVEN if only in {one.stack for one in found.stacks} else FOUND)


@app.command(name="summary", epilog=SUMMARY_EPILOG)
def summary(
    stack: Annotated[str, typer.Argument(metavar="NAME", help="The stack.")],
    reports: ReportsOption = Path("reports"),
    quiet: QuietOption = False,
) -> None:
    """Print the reports of a stack as Markdown for the summary of a run, and end with the outcome: a report
    that is missing, or a command that failed or did not end, fails.

      python -m mirror ci summary prod-west >> "$GITHUB_STEP_SUMMARY"
    """
    del quiet  # nothing is printed but the result
    report = read_report(reports, stack)
    print(summary_of(report), end="")
    raise typer.Exit(PROVEN if report.passed else FOUND)


@app.command(name="changed-by", epilog=EPILOG)
def changed_by(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show who changed the deployed objects of a mirror outside Pulumi, when, and which fields, as the
    target's Kubernetes recorded it: also Secrets, whose values are not read. A change by `region-mirror` is
    that of a cutover or a failover.

      python -m mirror ci changed-by --stack prod-west
    """
    # Imported here: the other commands of the group connect to nothing, and pipelines wait for them.
    from mirror.ci.read_changes import read_outside_changes

    answers = Answers.of(output, as_json, as_markdown)
    chosen = choose(stack, config_file, mirror)
    for settings in chosen.mirrors:
        with Busy(progress_console(quiet), f"reading the resources of mirror {settings.mirror.name} ..."):
            found = read_outside_changes(settings, chosen.root)
        answers.show(found, alone=len(chosen.mirrors) == 1, markdown=changes_markdown, render=render_changes)


@app.command(name="approved", epilog=APPROVED_EPILOG)
def approved(
    environment: Annotated[str, typer.Argument(metavar="ENVIRONMENT", help="The environment.")],
    quiet: QuietOption = False,
) -> None:
    """Fail unless an approver of an environment has approved this run of GitHub Actions, or this deployment
    of GitLab CI. Both forges create an environment that does not exist, and one without approvers waits for
    nobody.

      python -m mirror ci approved production-move
    """
    del quiet  # nothing is printed but the result
    print(f"approved by {approver(os.environ, environment)}")


@app.command(name="newest", epilog=NEWEST_EPILOG)
def newest(
    branch: Annotated[str, typer.Argument(metavar="BRANCH", help="The branch that is deployed.")],
    quiet: QuietOption = False,
) -> None:
    """Fail unless this run of GitHub Actions is about the newest commit of a branch. A run that somebody runs
    again has the commit that it had before, and would deploy that over what was merged since.

      python -m mirror ci newest main
    """
    del quiet  # nothing is printed but the result
    print(f"{newest_commit(os.environ, branch)} is the newest commit of {branch}")


app.command(name="check", epilog=ci_check.EPILOG)(ci_check.check)
