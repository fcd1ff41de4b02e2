"""`python -m mirror ci`: pipelines for the stacks of a project, and what their jobs ask."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from mirror.ci.changes import changed_files
from mirror.ci.check import (
    Checked,
    FileProblems,
    concerned_markdown,
    markdown,
    render,
    render_concerned,
)
from mirror.ci.concerned import Concerned, concerned
from mirror.ci.environments import EnvironmentsError
from mirror.ci.github import Workflow, workflow
from mirror.ci.gitlab import pipeline
from mirror.commands.answers import (
    Answers,
    JsonOption,
    MarkdownOption,
    OutputOption,
    QuietOption,
)
from mirror.commands.ci_project import (
    CiProject,
    ci_project,
    environments_file,
    read_environments,
    the_project,
)
from mirror.commands.comment import ReportsOption
from mirror.commands.pulumi_project import PulumiProject
from mirror.commands.stack_files import StackFile, read_stack
from mirror.exit_codes import FOUND, PROVEN
from mirror.forge.approvals import approver
from mirror.forge.body import whole
from mirror.forge.report import read_report, write_part
from mirror.forge.shorten import shorten, size
from mirror.problems import CouldNotRun, one_line
from mirror.text.foreign import json_text
from settings.problems import SettingsError

SUMMARY_EPILOG = "Exit codes: 0 every command that decides has passed, 1 one has not, 2 it could not run."
APPROVED_EPILOG = "Exit codes: 0 approved, 2 not approved, or it could not be read."
_SUMMARY_LIMIT = 200_000
"""Characters: a summary at GitHub has at most 1 MiB, and one step may write the reports of several stacks."""
EPILOG = "Exit codes: 0 printed, 2 it could not run."
CHECK_EPILOG = "Exit codes: 0 no file has a problem, 1 a file has a problem, 2 it could not run."
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

    python -m mirror ci github pull-request > .github/workflows/mirror-pull-request.yml
    python -m mirror ci github deploy > .github/workflows/mirror-deploy.yml
    python -m mirror ci github nightly > .github/workflows/mirror-nightly.yml
    python -m mirror ci github move > .github/workflows/mirror-move.yml
    """
    del quiet  # nothing is printed but the result
    print(workflow(name, ci_project().environments), end="")


@app.command(name="gitlab", epilog=EPILOG)
def gitlab(quiet: QuietOption = False) -> None:
    """Print a pipeline of GitLab CI for the stacks of this project.

    python -m mirror ci gitlab > .gitlab-ci.yml
    """
    del quiet  # nothing is printed but the result
    print(pipeline(ci_project().environments), end="")


@app.command(name="concerned", epilog=CONCERNED_EPILOG)
def concerned_command(
    base: Annotated[str, _BASE],
    only: Annotated[
        str,
        typer.Option(
            "--only", metavar="NAME", help="Ask about this stack alone, by the exit code.", show_default=False
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
    found = _concerned(ci_project(), base)
    # One line of JSON, always: a job's output at GitHub is one line.
    answers.show(found, alone=False, markdown=concerned_markdown, render=render_concerned)
    if only:
        raise typer.Exit(PROVEN if only in {one.stack for one in found.stacks} else FOUND)


@app.command(name="check", epilog=CHECK_EPILOG)
def check(
    base: Annotated[
        str,
        typer.Option(
            "--base",
            metavar="REF",
            help="Also show which stacks the change since this base concerns, and those whose stack files it "
            "deletes.",
            show_default=False,
        ),
    ] = "",
    reports: Annotated[
        Path | None,
        typer.Option(
            "--reports",
            metavar="FOLDER",
            help="With --base: also write the problems of each concerned stack into this folder, where "
            "`comment` finds them, and the result of `ci concerned --json` (concerned.json, stacks.txt).",
            show_default=False,
        ),
    ] = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check every stack file of this project, and environments.yaml, without a cluster and without a secret.

    python -m mirror ci check
    python -m mirror ci check --base origin/main --markdown
    """
    del quiet  # nothing is printed but the result
    answers = Answers.of(output, as_json, as_markdown)
    if reports and not base:
        raise CouldNotRun("reading the command line", "--reports needs --base", "add --base REF")
    project = the_project()
    files = {name: _problems(project, project.stack_file(name)) for name in project.stacks()}
    order = _order(project)
    found = None
    if base and not order.problems:
        found = _concerned(ci_project(), base)
    checked = Checked([*files.values(), order], found)
    if reports and found is not None:
        _write_reports(reports, found, files)
    answers.show(checked, alone=True, markdown=markdown, render=render)
    raise typer.Exit(PROVEN if checked.passed else FOUND)


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
    text = whole(report)
    if size(text) > _SUMMARY_LIMIT:
        text = shorten(text, _SUMMARY_LIMIT, "*Shortened. The artifacts of the run have the whole report.*")
    print(text, end="")
    raise typer.Exit(PROVEN if report.passed else FOUND)


@app.command(name="approved", epilog=APPROVED_EPILOG)
def approved(
    environment: Annotated[str, typer.Argument(metavar="ENVIRONMENT", help="The environment.")],
    quiet: QuietOption = False,
) -> None:
    """Fail unless a reviewer of an environment has approved this run of GitHub Actions. GitHub creates an
    environment that does not exist, and one without reviewers waits for nobody.

      python -m mirror ci approved production-move
    """
    del quiet  # nothing is printed but the result
    print(f"approved by {approver(os.environ, environment)}")


def _write_reports(folder: Path, found: Concerned, files: Mapping[str, FileProblems]) -> None:
    """Write what the next jobs of a pipeline read, and the settings' part of each comment."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "concerned.json").write_text(json_text(found.to_json()) + "\n", encoding="utf-8")
    (folder / "stacks.txt").write_text("".join(f"{one.stack}\n" for one in found.stacks), encoding="utf-8")
    for one in found.stacks:
        checked = Checked([files[one.stack]])
        write_part(folder, one.stack, "settings", markdown(checked), PROVEN if checked.passed else FOUND)


def _concerned(project: CiProject, base: str) -> Concerned:
    changed = changed_files(project.project.folder, base)
    texts, config_dir = project.stack_texts(), project.project.stack_config_dir
    return concerned(changed, project.environments.stacks, texts, config_dir)


def _problems(project: PulumiProject, file: Path) -> FileProblems:
    return _tried(project, file, lambda: read_stack(StackFile(file, project.name, project.folder)))


def _order(project: PulumiProject) -> FileProblems:
    return _tried(project, environments_file(project), lambda: read_environments(project))


def _tried(project: PulumiProject, file: Path, read: Callable[[], object]) -> FileProblems:
    """Read a file, and return its problems."""
    shown = str(file.relative_to(project.folder))
    try:
        read()
    except CouldNotRun as error:
        cause = error.__cause__
        if isinstance(cause, SettingsError | EnvironmentsError):
            return FileProblems(shown, tuple(map(str, cause.problems)))
        return FileProblems(shown, (one_line(error.happened),))
    return FileProblems(shown, ())
