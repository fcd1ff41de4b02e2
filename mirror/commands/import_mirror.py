"""`python -m mirror import`: an existing MirrorMaker 2 as a stack file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from mirror.clients.kubernetes import Kubernetes
from mirror.commands.answers import (
    Answers,
    Form,
    JsonOption,
    MarkdownOption,
    OutputOption,
    QuietOption,
    progress_console,
)
from mirror.exit_codes import FOUND
from mirror.importing.convert import convert
from mirror.importing.differences import Difference
from mirror.importing.found import KIND, from_properties, one_mirror, others, resource_in
from mirror.importing.imported import Imported
from mirror.importing.sections import Where
from mirror.importing.show import markdown, render
from mirror.problems import CouldNotRun
from mirror.text.busy import Busy
from mirror.text.files import file_problem
from mirror.text.foreign import json_text
from mirror.text.page import console

EPILOG = (
    "Exit codes: 0 the stack file has all that the mirror has, 1 something is not in it or has to be filled "
    "in, 2 the mirror could not be imported, or the command line is wrong."
)


def import_mirror(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="YAML or JSON with a KafkaMirrorMaker2, or with MirrorMaker 2's connectors "
            "(KafkaConnector); or MirrorMaker 2's own properties.",
            show_default=False,
        ),
    ] = None,
    live: Annotated[
        str,
        typer.Option(
            "--live",
            metavar="NAME",
            help="Import this KafkaMirrorMaker2 from Kubernetes instead.",
            show_default=False,
        ),
    ] = "",
    namespace: Annotated[
        str,
        typer.Option("--namespace", metavar="NAME", help="With --live: its namespace.", show_default=False),
    ] = "",
    kubeconfig: Annotated[
        Path | None, typer.Option("--kubeconfig", metavar="FILE", help="With --live: the kubeconfig.")
    ] = None,
    context: Annotated[
        str, typer.Option("--context", metavar="NAME", help="With --live: the context.", show_default=False)
    ] = "",
    name: Annotated[
        str,
        typer.Option(
            "--name",
            metavar="NAME",
            help="The KafkaMirrorMaker2, or the source connector, of a file with several.",
            show_default=False,
        ),
    ] = "",
    source: Annotated[
        str,
        typer.Option(
            "--source", metavar="ALIAS", help="The source of a resource with several.", show_default=False
        ),
    ] = "",
    target: Annotated[
        str,
        typer.Option(
            "--target", metavar="ALIAS", help="The target of properties with several.", show_default=False
        ),
    ] = "",
    target_cluster: Annotated[
        str,
        typer.Option("--target-cluster", metavar="NAME", help="The target's Kafka.", show_default=False),
    ] = "",
    target_namespace: Annotated[
        str,
        typer.Option(
            "--target-namespace", metavar="NAME", help="The namespace of that Kafka.", show_default=False
        ),
    ] = "",
    target_listener: Annotated[
        str,
        typer.Option(
            "--target-listener",
            metavar="NAME",
            help="The listener of that Kafka for the mirror.",
            show_default=False,
        ),
    ] = "",
    output: OutputOption = None,
    as_json: JsonOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Convert an existing MirrorMaker 2 into a stack file that renders the same mirror, with the same names
    and positions, so that no record is copied again. Every difference is named on stderr. Nothing is changed.

      python -m mirror import mirror-maker-2.yaml > stacks/Pulumi.prod-west.yaml
      python -m mirror import --live my-mm2 --namespace kafka --context prod-west
      python -m mirror import mm2.properties --source A --target B
    """
    answers = Answers.of(output, as_json, as_markdown)
    if (file is None) != bool(live):
        raise CouldNotRun("reading the command line", "one of FILE and --live is needed", "name one")
    if live:
        with Busy(progress_console(quiet), "reading the resource ..."):
            resource, origin = _live(live, namespace, kubeconfig, context)
    elif file is not None:
        resource, origin = _in_file(file, name, source, target)
    imported = convert(
        one_mirror(resource, source), Where(target_cluster, target_namespace, target_listener), origin
    )
    imported = _with_others(imported, others(resource, source))
    if answers.form is Form.JSON:
        print(json_text(imported.to_json(), indent=2))
    elif answers.form is Form.MARKDOWN:
        print(markdown(imported), end="")
    else:
        print(imported.stack_file(), end="")
        render(imported, console(stderr=True, soft_wrap=True))
    if not imported.complete:
        raise typer.Exit(FOUND)


def _live(name: str, namespace: str, kubeconfig: Path | None, context: str) -> tuple[Mapping[str, Any], str]:
    if not namespace:
        raise CouldNotRun("reading the command line", "--live needs --namespace", "add --namespace NAME")
    kubernetes = Kubernetes.connect(kubeconfig, context or None)
    found = kubernetes.strimzi(KIND, namespace, name)
    return {
        "apiVersion": f"kafka.strimzi.io/{kubernetes.strimzi_api(KIND)}",
        **found,
    }, f"{KIND} {namespace}/{name}"


def _in_file(file: Path, name: str, source: str, target: str) -> tuple[Mapping[str, Any], str]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotRun(f"reading {file}", file_problem(error), "check the file") from error
    found = resource_in(text, str(file), name)
    return (from_properties(text, str(file), source, target, name) if found is None else found), file.name


def _with_others(imported: Imported, aliases: list[str]) -> Imported:
    """Name the other mirrors of the resource: deploying the stack file removes them."""
    why = (
        "deploying the stack file removes this mirror from the resource, and Strimzi deletes its connectors. "
        "Its positions remain in the offsets topic"
    )
    added = tuple(Difference("not kept", "mirrors", alias, "declared", None, why) for alias in aliases)
    return replace(imported, differences=(*added, *imported.differences))
