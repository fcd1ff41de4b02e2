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
    read. While a file has a problem, only the settings are reported: policy compares all stack files. A
    problem of the `pipelines` concerns every stack.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "concerned.json").write_text(json_text(found.to_json()) + "\n", encoding="utf-8")
    (folder / "stacks.txt").write_text("".join(f"{one.stack}\n" for one in found.stacks), encoding="utf-8")
    are_valid = Checked(list(files.values())).passed
    # Each stack is compared with all others: their files are read once.
    documents = cache(policy.of_stack)
    reports = []
    for one in found.stacks:
        checked = Checked([files[one.stack], *pipelines])
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
    return reports


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
