"""The lab's command line: `python -m lab up | down | status | env | demo ...`; `--help` lists all.

Exit codes: 0 done, 1 findings or a part that failed, 2 could not be done (one message says why).
"""

import functools
import json
from collections.abc import Callable
from typing import Annotated, ParamSpec

import typer
from rich.console import Console

from lab.errors import LabError
from lab.layout import SOURCES, Lab

P = ParamSpec("P")
COULD_NOT = 2

app = typer.Typer(
    help="Two regions, real Kafka and Kubernetes APIs, on this machine. REGION_MIRROR_LAB names its folder.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _clear_errors(command: Callable[P, int]) -> Callable[P, None]:
    """Turn expected errors into one message, and the command's result into the exit code."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        from lab.toolchain import ToolchainIncomplete
        from mirror.problems import CouldNotRun

        try:
            code = command(*args, **kwargs)
        except (LabError, ToolchainIncomplete, CouldNotRun) as problem:
            Console(stderr=True).print(f"lab: {problem}", highlight=False, soft_wrap=True, markup=False)
            code = COULD_NOT
        except KeyboardInterrupt:
            Console(stderr=True).print("stopped half-way; `up` goes on, `down` removes what there is")
            code = 130
        raise typer.Exit(code)

    return run


@app.command()
@_clear_errors
def up(
    without_operator: Annotated[
        bool,
        typer.Option("--without-operator", help="No stand-in for Strimzi, no workload."),
    ] = False,
    owner: Annotated[
        int | None,
        typer.Option("--while", metavar="PID", help="Take the lab down when this process has ended."),
    ] = None,
) -> int:
    """Bring the lab up and wait until it serves. Run it again to repair a lab that is not complete."""
    from lab.up import up as bring_up

    bring_up(Lab.find(), with_operator=not without_operator, owner=owner)
    return 0


@app.command()
@_clear_errors
def down(
    keep_data: Annotated[bool, typer.Option("--keep-data", help="Stop, but keep the lab's folder.")] = False,
) -> int:
    """Stop everything that belongs to the lab and remove its folder."""
    from lab.down import down as bring_down

    bring_down(Lab.find(), keep_data=keep_data)
    return 0


@app.command()
@_clear_errors
def status(
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> int:
    """Show what runs, where and with how much memory. Exit code 1 if a declared process does not run."""
    from lab.status import overview, render

    seen = overview(Lab.find())
    if as_json:
        print(json.dumps(seen.to_json(), indent=2))
    else:
        console = Console()
        render(seen, console if console.is_terminal else Console(width=120))
    return 0 if seen.up else 1


@app.command()
@_clear_errors
def env() -> int:
    """Print export lines, so that `pulumi` works on the lab: eval "$(python -m lab env)"."""
    from lab.env import export_lines

    print(export_lines(Lab.find()), end="")
    return 0


@app.command()
@_clear_errors
def source_up(
    name: Annotated[
        str,
        typer.Argument(
            help="north (PLAIN, SCRAM and OAuth over TLS), south (mTLS), central (mTLS, three brokers) or "
            "older (Kafka 3.9)"
        ),
    ],
) -> int:
    """Start a Kafka cluster outside Kubernetes as a further source, in a lab that is up."""
    from lab.outside import source_up as start
    from lab.outside.tell import tell

    lab = Lab.find()
    tell(start(lab, name), lab, Console())
    return 0


@app.command()
@_clear_errors
def source_down(name: Annotated[str, typer.Argument(help=", ".join(SOURCES))]) -> int:
    """Stop such a cluster. Its data remain until `down`."""
    from lab.outside import source_down as stop

    stop(Lab.find(), name)
    return 0


@app.command()
@_clear_errors
def supervise() -> int:
    """Keep the lab's declared processes running, in the foreground. `up` starts one in the background."""
    from lab.supervisor import supervise as keep

    return keep(Lab.find())


@app.command()
@_clear_errors
def demo() -> int:
    """From nothing to a mirrored and verified cluster."""
    from lab.demo import demo as show

    return show(Lab.find(), Console())


if __name__ == "__main__":
    app()
