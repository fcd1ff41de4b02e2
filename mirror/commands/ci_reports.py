"""The reports of the stacks that a change concerns, as far as no cluster is needed: settings, policy, and
the rendered manifests that change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

from mirror.ci.check import Checked, FileProblems, markdown
from mirror.ci.concerned import Concerned
from mirror.commands import policy, policy_display
from mirror.commands.pulumi_project import PulumiProject
from mirror.commands.render import since
from mirror.commands.stack_files import StackFile, read_stack
from mirror.exit_codes import COULD_NOT_RUN, FOUND, PROVEN
from mirror.forge.report import Part, StackReport, write_part
from mirror.problems import CouldNotRun
from mirror.rendering import difference
from mirror.text.foreign import json_text
from mirror.text.names import few
from policy.documents import Document


def write_reports(
    folder: Path,
    project: PulumiProject,
    found: Concerned,
    files: Mapping[str, FileProblems],
    base: str,
    pipelines: Sequence[FileProblems] = (),
) -> list[StackReport]:
    """Write the parts of each stack's comment that need no cluster, and what the next jobs of a pipeline
    read. While a file has a problem, only the settings are reported: policy compares all stack files. That
    file, and a problem of the `pipelines`, is in the report of every stack: no stack is previewed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "concerned.json").write_text(json_text(found.to_json()) + "\n", encoding="utf-8")
    (folder / "stacks.txt").write_text("".join(f"{one.stack}\n" for one in found.stacks), encoding="utf-8")
    are_valid = Checked(list(files.values())).passed
    # Each stack is compared with all others: their files are read once.
    documents = cache(policy.of_stack)
    reports = []
    for one in found.stacks:
        others = (file for name, file in files.items() if name != one.stack and file.problems)
        checked = Checked([files[one.stack], *others, *pipelines])
        parts = [Part("settings", markdown(checked), True, PROVEN if checked.passed else FOUND)]
        if are_valid:
            file = StackFile(project.stack_file(one.stack), project.name, project.folder)
            parts += [
                _part("policy", partial(_policy, file, documents)),
                _part("render", partial(_render, file, base)),
            ]
        for part in parts:
            write_part(folder, one.stack, part)
        reports.append(StackReport(one.stack, tuple(parts)))
    _tell_the_others(folder, reports)
    return reports


def _tell_the_others(folder: Path, reports: Sequence[StackReport]) -> None:
    """Write why there is no preview of a stack whose own check passed: that of another ends the pipeline."""
    if failed := [one.stack for one in reports if not one.passed]:
        text = f"No stack is previewed, because the check of {few(failed)} failed.\n"
        for one in reports:
            if one.passed:
                write_part(folder, one.stack, Part("preview", text, False, None))


def _part(name: str, judge: Callable[[], tuple[str, int]]) -> Part:
    """The output and exit code that the command of this name has."""
    try:
        text, code = judge()
    except CouldNotRun as error:
        return Part(name, f"could not run: {error}\n", False, COULD_NOT_RUN)
    return Part(name, text, True, code)


def _policy(file: StackFile, read: Callable[[StackFile], list[Document]]) -> tuple[str, int]:
    with policy.policy_errors():
        config, folder = policy.policy_config(None)
        report = policy.report_of_stack(file, read_stack(file), config, folder, read=read)
    return policy_display.markdown(report), PROVEN if report.passed else FOUND


def _render(file: StackFile, base: str) -> tuple[str, int]:
    found = since(base, file)
    return difference.markdown(found), FOUND if found.files else PROVEN
