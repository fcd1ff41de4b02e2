"""`python -m mirror`: looks at a deployed mirror from the command line.

Exit codes: 0 proven, 1 something was found, 2 it could not be looked at (or the command line is wrong).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.status import Status
from rich.text import Text

from mirror.problems import CouldNotRun
from mirror.render import markdown, render
from mirror.report import CHECKS, Report
from mirror.verification import verify as run_verification
from settings.load import load
from settings.model import Settings
from settings.problems import SettingsError
from settings.stack_file import parse_stack_file

PROVEN, FOUND, COULD_NOT_RUN = 0, 1, 2
PROJECT = Path(__file__).resolve().parent.parent
STACK_FOLDER = "stacks"  # stackConfigDir in Pulumi.yaml

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Looks at a Kafka mirror that region-mirror deployed. It only reads; it changes nothing, anywhere.",
)


@app.callback()
def _root() -> None:
    """Keeps `verify` a command of its own, beside those to come."""


@app.command(
    epilog="Exit codes: 0 proven, 1 something was found (see the remedies), 2 it could not be looked at."
)
def verify(
    stack: Annotated[
        str,
        typer.Option("--stack", "-s", help="The region stack, e.g. lab or prod-west.", show_default=False),
    ] = "",
    config_file: Annotated[
        Path | None,
        typer.Option("--config-file", help="The stack file, where it is not stacks/Pulumi.<stack>.yaml."),
    ] = None,
    wait: Annotated[
        float,
        typer.Option(
            "--wait", "-w", min=0, metavar="SECONDS", help="Look again until proven, that long at most."
        ),
    ] = 0,
    check: Annotated[
        list[str] | None,
        typer.Option(
            "--check", "-c", metavar="NAME", help=f"Only this check; repeatable. Of: {', '.join(CHECKS)}."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
    as_markdown: Annotated[
        bool, typer.Option("--markdown", help="GitHub-flavoured Markdown on stdout.")
    ] = False,
) -> None:
    """Prove that a mirror is complete: connectors run, topics are there, nothing lags, the newest records are
    the same on both sides, consumer groups can move without skipping a record.

    Reads Kafka with the credentials that the stack deployed, at any time, with traffic going on.

      python -m mirror verify --stack lab
      python -m mirror verify --stack prod-west --wait 300 --json > report.json
      python -m mirror verify --stack lab --check lag --check tail-matches
    """
    if as_json and as_markdown:
        raise CouldNotRun("reading the command line", "--json and --markdown exclude each other", "drop one")
    path = stack_file(stack, config_file)
    settings = read_settings(path)
    stderr = Console(stderr=True)
    with stderr.status(f"looking at mirror {settings.mirror.name} ...") as status:
        report = run_verification(
            settings,
            root=root_of(path),
            deadline_seconds=wait,
            progress=lambda report: _show_progress(status, report, wait),
            only=frozenset(check or ()),
        )
    if as_json:
        print(json.dumps(report.to_json(), indent=2, ensure_ascii=False))
    elif as_markdown:
        print(markdown(report), end="")
    else:
        # A pipe has no width of its own; 80 columns would fold every line.
        render(report, Console(width=None if sys.stdout.isatty() else 140, soft_wrap=False))
    raise typer.Exit(PROVEN if report.passed else FOUND)


def _show_progress(status: Status, report: Report, wait: float) -> None:
    if report.passed or not wait:
        return
    failing = ", ".join(check.name for check in report.checks if not check.passed)
    status.update(f"look {report.looks}: not yet proven ({failing}); looking again")


def stack_file(stack: str, config_file: Path | None) -> Path:
    """The stack file that is meant. Raises CouldNotRun, which names the stacks that there are."""
    if config_file is not None:
        if not config_file.is_file():
            raise CouldNotRun("reading the stack file", f"there is no {config_file}", "check --config-file")
        return config_file
    folder = PROJECT / STACK_FOLDER
    known = sorted(one.stem.removeprefix("Pulumi.") for one in folder.glob("Pulumi.*.yaml"))
    there = f"stacks that have a file: {', '.join(known) or 'none'}"
    if not stack:
        raise CouldNotRun("reading the stack file", "no stack is named", f"add --stack NAME; {there}")
    # Pulumi's full names are organization/project/stack.
    path = folder / f"Pulumi.{stack.split('/')[-1]}.yaml"
    if not path.is_file():
        raise CouldNotRun("reading the stack file", f"there is no {STACK_FOLDER}/{path.name}", there)
    return path


def root_of(path: Path) -> Path:
    """Kubeconfig paths in a stack file start from the project folder, wherever the command is run."""
    folder = path.resolve().parent
    for one in (folder, *folder.parents):
        if (one / "Pulumi.yaml").is_file():
            return one
    return PROJECT


def read_settings(path: Path) -> Settings:
    """Raises CouldNotRun with every problem of the file."""
    try:
        return load(parse_stack_file(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotRun(f"reading {path}", str(error), "check the file") from error
    except SettingsError as error:
        raise CouldNotRun(f"reading {path}", str(error), "put these settings right") from error


def main() -> None:
    """Runs the command line; every expected error is a message on stderr and exit code 2."""
    try:
        app(prog_name="python -m mirror")
    except CouldNotRun as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            Text.assemble(("could not run: ", "bold red"), str(error))
        )
        sys.exit(COULD_NOT_RUN)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader went away (`| head`): nothing more to say, and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(COULD_NOT_RUN)
    except Exception as error:
        if os.environ.get("REGION_MIRROR_TRACEBACK"):
            raise
        kind = type(error).__name__
        Console(stderr=True, highlight=False, soft_wrap=True, markup=False).print(
            f"could not run: an error in region-mirror itself ({kind}: {error}).\n"
            "  Way out: set REGION_MIRROR_TRACEBACK=1, run again, and report it with the traceback."
        )
        sys.exit(COULD_NOT_RUN)
