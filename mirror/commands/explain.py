"""`python -m mirror explain`: every property of a mirror, Kafka's default beside it, and the reason."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.console import Console

from mirror.explain.render import markdown, render
from mirror.explain.rows import explain as explain_mirror
from mirror.problems import CouldNotRun
from mirror.stack_files import FileOption, MirrorOption, StackOption, choose

EPILOG = "Exit codes: 0 explained, 2 the stack file cannot be used."


def explain(
    stack: StackOption = "",
    config_file: FileOption = None,
    mirror: MirrorOption = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON on stdout: one document, one line each for several mirrors.")
    ] = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="GitHub-flavoured Markdown on stdout.")
    ] = False,
) -> None:
    """Say why every property of the workers and connectors is what it is: the profile, a setting, a rule that
    keeps records from being lost, or an override. Kafka's own default stands beside it.

    Reads the stack file alone: no cluster is asked, and nothing needs to be deployed.

      python -m mirror explain --stack lab
      python -m mirror explain --stack prod-west --markdown
    """
    if as_json and as_markdown:
        raise CouldNotRun("reading the command line", "--json and --markdown exclude each other", "drop one")
    chosen = choose(stack, config_file, mirror)
    for settings in chosen.mirrors:
        found = explain_mirror(settings)
        if as_json:
            indent = 2 if len(chosen.mirrors) == 1 else None
            print(json.dumps(found.to_json(), indent=indent, ensure_ascii=False))
        elif as_markdown:
            print(markdown(found), end="")
        else:
            # A pipe has no width of its own; 80 columns would fold every line.
            render(found, Console(width=None if sys.stdout.isatty() else 160, soft_wrap=False))
