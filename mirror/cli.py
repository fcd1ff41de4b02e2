"""`python -m mirror`: looks at mirrors from the command line; one command of it changes something.

Exit codes: 0 proven, 1 something was found, 2 it could not be looked at (or the command line is wrong).
"""

from __future__ import annotations

import os
import sys

import typer
from rich.console import Console
from rich.text import Text

from mirror.commands import audit, audit_slices, explain, exporter, offsets, plan, source_user, status, verify
from mirror.exit_codes import COULD_NOT_RUN
from mirror.problems import CouldNotRun

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Looks at a Kafka mirror that region-mirror deployed. Every command only reads, but one: `offsets "
    "apply` sets consumer groups' offsets on the target, after it has shown them and asked.",
)
app.command(epilog=verify.EPILOG)(verify.verify)
app.command(epilog=status.EPILOG)(status.status)
app.command(epilog=exporter.EPILOG)(exporter.exporter)
audit.app.command(name="job")(audit_slices.job)
audit.app.command(name="merge", epilog=audit.EPILOG)(audit_slices.merge_reports)
app.add_typer(audit.app, name="audit")
app.command(epilog=explain.EPILOG)(explain.explain)
app.command(epilog=plan.EPILOG)(plan.plan)
app.command(epilog=source_user.EPILOG)(source_user.source_user)
app.add_typer(offsets.app, name="offsets")


def main() -> None:
    """Runs the command line; every expected error is a message on stderr and exit code 2."""
    try:
        app(prog_name="python -m mirror", args=status.spelled_out(sys.argv[1:]))
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
