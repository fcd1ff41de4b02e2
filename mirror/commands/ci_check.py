"""`python -m mirror ci check`: the stack files and the order of deployment, without a cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from mirror.ci.changes import changed_files, place_in_repository, text_before
from mirror.ci.check import Checked, FileProblems, markdown, render
from mirror.ci.concerned import Concerned, concerned
from mirror.ci.environments import EnvironmentsError, placed_in
from mirror.ci.printed import folder_of, outdated
from mirror.commands.answers import (
    Answers,
    Form,
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
from mirror.commands.pulumi_project import PulumiProject
from mirror.commands.stack_files import StackFile, read_stack
from mirror.exit_codes import FOUND, PROVEN
from mirror.forge.body import summary
from mirror.problems import CouldNotRun, one_line
from settings.problems import SettingsError

EPILOG = (
    "Exit codes: 0 no file has a problem, 1 a file has a problem, or with --reports a stack breaks a rule of "
    "the policy, 2 it could not run."
)


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
            help="With --base: also judge each concerned stack as `policy` and `render --diff BASE` do, and "
            "write the reports into this folder, where `comment` finds them, with the result of "
            "`ci concerned --json` (concerned.json, stacks.txt).",
            show_default=False,
        ),
    ] = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check every stack file of this project, environments.yaml, and that the printed pipelines are those of
    its stacks, without a cluster and without a secret.

    python -m mirror ci check
    python -m mirror ci check --base origin/main --markdown
    python -m mirror ci check --base origin/main --reports reports --markdown
    """
    del quiet  # nothing is printed but the result
    answers = Answers.of(output, as_json, as_markdown)
    if reports and not base:
        raise CouldNotRun("reading the command line", "--reports needs --base", "add --base REF")
    project = the_project()
    files = {name: _problems(project, project.stack_file(name)) for name in project.stacks()}
    order = _order(project)
    pipelines = [] if order.problems else list(_pipelines(ci_project()))
    found = None
    if base and not order.problems:
        found = stacks_concerned(ci_project(), base)
    checked = Checked([*files.values(), order, *pipelines], found)
    judged = []
    if reports and found is not None:
        # Imported here: only this option judges, and the other commands of the group start without it.
        from mirror.commands.ci_reports import write_reports

        judged = write_reports(reports, project, found, files, base, pipelines)
    answers.show(checked, alone=True, markdown=markdown, render=render)
    for one in judged if answers.form is Form.MARKDOWN and checked.passed else ():
        print(f"\n{summary(one)}", end="")
    raise typer.Exit(PROVEN if checked.passed and all(one.passed for one in judged) else FOUND)


def stacks_concerned(project: CiProject, base: str) -> Concerned:
    """The stacks that the change since a base concerns. Raises CouldNotRun."""
    folder, config_dir = project.project.folder, project.project.stack_config_dir
    changed = changed_files(folder, base)
    order = str(environments_file(project.project).relative_to(folder))
    before = placed_in(text_before(folder, base, order)) if order in changed else None
    stacks, texts = project.environments.stacks, project.stack_texts()
    return concerned(changed, stacks, texts, config_dir, before, _rendered(folder, base, changed))


def _rendered(folder: Path, base: str, changed: Iterable[str]) -> dict[str, str]:
    """Return the stack of each changed file that `render` wrote, by its path."""
    # A file of the project's own, such as policy.yaml, concerns all stacks, whatever its first line is.
    files = [path for path in changed if path.endswith(".yaml") and (folder / path).parent != folder]
    if not files:
        return {}
    # Imported here: the other commands of the group wait for it.
    from mirror.rendering.folder import stack_of

    found = {}
    for path in files:
        file = folder / path
        if not file.is_symlink():
            there = file.is_file()
            text = file.read_text("utf-8", "replace") if there else text_before(folder, base, path)
            if stack := stack_of(text):
                found[path] = stack
    return found


def _problems(project: PulumiProject, file: Path) -> FileProblems:
    return _tried(project, file, lambda: read_stack(StackFile(file, project.name, project.folder)))


def _order(project: PulumiProject) -> FileProblems:
    return _tried(project, environments_file(project), lambda: read_environments(project))


def _pipelines(project: CiProject) -> Iterator[FileProblems]:
    """Return the printed pipelines that are not those of the stacks and environments any more: beside the
    project, and at the root of its repository, where other projects may have theirs.
    """
    here, deadlines = project.project.folder, cache(project.deadlines)
    root, folder = place_in_repository(here)
    for place in dict.fromkeys((here, root if folder else here)):
        for file in (*sorted((place / ".github" / "workflows").glob("*.y*ml")), place / ".gitlab-ci.yml"):
            try:
                text = file.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue  # none, or none of ours
            shown = os.path.relpath(file, here)
            if place != here and folder_of(text) != folder:
                continue
            if problem := outdated(shown, text, project.environments, deadlines, project.folder):
                yield FileProblems(shown, (problem,))


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
