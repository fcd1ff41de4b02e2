"""`python -m mirror policy`: judges stack files and manifests of anybody by the rules, without a cluster."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from mirror.commands.answers import Answers, JsonOption, MarkdownOption, OutputOption, QuietOption
from mirror.commands.policy_display import markdown, render
from mirror.commands.pulumi_project import find_project, working_folder
from mirror.commands.stack_files import (
    FileOption,
    MirrorOption,
    StackFile,
    StackOption,
    choose,
    read_stack,
    stack_file,
)
from mirror.exit_codes import FOUND, PROVEN
from mirror.importing.connectors import KIND as CONNECTOR
from mirror.importing.connectors import mirror_connectors
from mirror.problems import CouldNotRun
from policy.config import FILE, PolicyConfig
from policy.documents import Document, Documents
from policy.files import compared_with, read_paths, read_policy, read_text, stack_name
from policy.problems import PolicyError
from policy.register import BY_ID, RULES
from policy.report import PolicyReport, context_of, judge
from policy.rule import Rule
from policy.stack_documents import stack_documents
from settings.model import Settings

EPILOG = "Exit codes: 0 no error, 1 a rule with severity error is broken, 2 it could not run."
STANDARD_INPUT = Path("-")
PolicyFileOption = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        metavar="FILE",
        help=f"The policy file. Default: {FILE} in the Pulumi project's folder, if it exists.",
    ),
]


def policy(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Files or folders with Kubernetes manifests or stack files; - is standard input. Without "
            "one, the stack is judged.",
            show_default=False,
        ),
    ] = None,
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    policy_file: PolicyFileOption = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            "--rule", "-r", metavar="ID", help="Only this rule; repeatable. See docs/policy-rules.md."
        ),
    ] = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Judge mirrors by a platform team's rules: permissions on the source, trust, no-loss properties, mirrors
    that copy in a circle, patterns, names, resources, certificates.

    Needs no cluster, no Pulumi and no credential. It judges the manifests of a stack file, and
    KafkaMirrorMaker2 resources that other programs made, v1 and v1beta2. A stack is also compared with the
    other stack files of its project, and with the files that `compare_with` of the policy file names.

      python -m mirror policy --stack prod-west
      python -m mirror policy k8s/mirrors/ other-team.yaml --policy policy.yaml
      kubectl get kafkamirrormaker2,kafkauser -A -o yaml | python -m mirror policy -
    """
    answers = Answers.of(output, as_json, as_markdown)
    if files and (stack or config_file or mirror):
        there = "files and --stack, --config-file or --mirror exclude each other"
        raise CouldNotRun("reading the command line", there, "name files, or a stack")
    with policy_errors():
        report = _report(files or [], (stack, config_file, mirror), policy_file, rule or [])
    answers.show(report, alone=True, markdown=markdown, render=render)
    raise typer.Exit(PROVEN if report.passed else FOUND)


def _report(
    files: Sequence[Path],
    chosen: tuple[str, Path | None, str],
    policy_file: Path | None,
    only: Sequence[str],
) -> PolicyReport:
    unknown = [name for name in only if name not in BY_ID]
    if unknown:
        way_out = f"choose from: {', '.join(BY_ID)}"
        raise CouldNotRun("reading --rule", f"there is no rule {', '.join(unknown)}", way_out)
    config, folder = policy_config(policy_file)
    rules = [rule for rule in RULES if not only or rule.id in only]
    if not files:
        return report_of_stack(stack_file(*chosen[:2]), choose(*chosen).mirrors, config, folder, rules)
    documents = _read(files)
    notes = list(not_judged(documents))
    if not any(one.kind == "KafkaMirrorMaker2" for one in documents):
        happened = ". ".join(("the files contain no KafkaMirrorMaker2", *notes))
        raise CouldNotRun("looking for mirrors", happened, "name files that contain one")
    return judged_by(rules, config, documents, compared_with(config, folder), notes)


def not_judged(documents: Iterable[Document]) -> Iterator[str]:
    """Name the mirrors that run as connectors in another Connect: no rule sees what they copy."""
    for one in documents:
        if one.kind != CONNECTOR:
            continue
        for connector in mirror_connectors([one.manifest]):
            if connector.role == "source":
                source, target = connector.flow
                yield (
                    f"{one.subject} mirrors {source} -> {target} in a Connect of its own and was not judged. "
                    "`region-mirror import FILE` makes a stack file of it, which can be"
                )


def report_of_stack(
    file: StackFile,
    mirrors: Iterable[Settings],
    config: PolicyConfig,
    folder: Path,
    rules: Sequence[Rule] = RULES,
    read: Callable[[StackFile], list[Document]] | None = None,
) -> PolicyReport:
    """Judge mirrors of a stack file, also beside its other mirrors and the other stack files. `folder` is
    that of the policy file; `read` returns the manifests of a stack file. Raises CouldNotRun and PolicyError.
    """
    read = read or of_stack
    documents = [one for settings in mirrors for one in of_mirror(file, settings)]
    others, notes = other_stacks(file, read)
    beside = [*compared_with(config, folder), *read(file), *others]
    return judged_by(rules, config, documents, beside, notes)


@contextmanager
def policy_errors() -> Iterator[None]:
    """Raise CouldNotRun for a policy file or manifests that cannot be read."""
    try:
        yield
    except PolicyError as error:
        raise CouldNotRun(error.tried, "; ".join(error.problems), error.way_out) from error


def judged_by(
    rules: Sequence[Rule],
    config: PolicyConfig,
    documents: Sequence[Document],
    beside: Iterable[Document],
    notes: Iterable[str] = (),
) -> PolicyReport:
    """Judge manifests now. `beside` may contain the judged ones: files may be named twice. Raises
    PolicyError.
    """
    own = {(one.subject, str(one.manifest)) for one in documents}
    apart = tuple(one for one in beside if (one.subject, str(one.manifest)) not in own)
    context = context_of(config, datetime.now(UTC))
    return judge(Documents(tuple(documents)), rules, config, context, apart, notes)


def policy_config(given: Path | None) -> tuple[PolicyConfig, Path]:
    """Read the policy file, and return the folder of its relative paths. Without one, every rule has its own
    severity. Raises PolicyError.
    """
    here = working_folder(os.environ)
    if given is None:
        project = find_project(here)
        folder = project.folder if project else here
        if not (folder / FILE).is_file():
            return PolicyConfig(), folder
        given = folder / FILE
    return read_policy(given, BY_ID), given.resolve().parent


def of_stack(file: StackFile) -> list[Document]:
    """Return the manifests of a stack file. Raises CouldNotRun with every problem of the file."""
    return [one for settings in read_stack(file) for one in of_mirror(file, settings)]


def of_mirror(file: StackFile, settings: Settings) -> list[Document]:
    """Return the manifests of one mirror of a stack file."""
    return list(stack_documents(settings, stack_name(file.path)))


def other_stacks(
    file: StackFile, read: Callable[[StackFile], list[Document]] = of_stack
) -> tuple[list[Document], list[str]]:
    """Return the manifests of the other stack files in the same folder, and a note for each that cannot be
    read, so that nothing was compared with it.
    """
    found: list[Document] = []
    notes: list[str] = []
    for path in sorted(file.path.resolve().parent.glob(f"Pulumi.*{file.path.suffix}")):
        if path != file.path.resolve():
            try:
                found += read(StackFile(path, file.project, file.root))
            except CouldNotRun as error:
                first = error.happened.splitlines()[0].rstrip(":")
                name = stack_name(path)
                notes.append(f"stack {name} could not be compared ({first}): see `policy --stack {name}`")
    return found, notes


def _read(files: Iterable[Path]) -> list[Document]:
    found: list[Document] = []
    for path in files:
        given = path == STANDARD_INPUT
        found += read_text(sys.stdin.read(), "standard input") if given else read_paths([path])
    return found
