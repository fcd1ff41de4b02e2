"""`make demo`: from nothing to a mirrored, verified cluster, with a report to look at.

Everything it does a person can do with the commands it prints: the demo owns no back door.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping

from rich.console import Console
from rich.rule import Rule

from lab.env import pulumi_environment
from lab.errors import LabError
from lab.layout import LAB_VARIABLE, PROJECT, Lab
from lab.up import up

STACK = "lab"

WORKLOAD = ".venv/bin/python -m lab.workload"
NEXT = (
    ("make lab-status", "what runs, where, with which memory"),
    ("make verify", "the same report, any time"),
    ("KUBECONFIG=.lab/west/kubeconfig kubectl get kmm2,kafkauser -n kafka", "what the stack declared"),
    (f"{WORKLOAD} watch --region west --topic orders", "the target, as records arrive ..."),
    (f"{WORKLOAD} send --topic orders --key you --value hello", "... and one more, to the source"),
    (f"{WORKLOAD} resume --region west --group audit-review --max 10", "a group goes on where it stopped"),
    ('eval "$(make -s lab-env)"', "pulumi works on the lab: pulumi preview --stack lab"),
    ("make lab-down", "stop everything and remove its files"),
)
"""What a person can do now, in the order in which it makes sense."""


def demo(lab: Lab, console: Console) -> int:
    """Bring the lab up, deploy the stack, print the report; the exit code of the step that failed, else 0.

    Raises LabError for a lab that the stack file does not mean, before anything is started.
    """
    meant = (PROJECT / ".lab").resolve()
    if lab.root != meant:
        raise LabError(
            f"{LAB_VARIABLE}={lab.root}: stack {STACK} finds its clusters below .lab/ of the checkout. Unset "
            f"{LAB_VARIABLE}, or let .lab be a link to that folder"
        )
    start = time.monotonic()
    console.print(Rule("1 of 3: two regions, one of them in production", align="left"))
    up(lab)
    environment = {**os.environ, **pulumi_environment(lab)}
    console.print(Rule(f"2 of 3: pulumi up --stack {STACK}", align="left"))
    for arguments in (
        ("stack", "select", "--create", "--stack", STACK),
        ("up", "--yes", "--skip-preview", "--stack", STACK),
    ):
        code = _run(["pulumi", *arguments, "--non-interactive", *_color(console)], environment)
        if code:
            console.print(f"[red]pulumi {arguments[0]} ended with {code}[/]; `make demo` goes on from here")
            return code
    console.print(Rule("3 of 3: is the mirror proven?", align="left"))
    code = _run([sys.executable, "-m", "mirror", "verify", "--stack", STACK, "--wait", "60"], environment)
    for command, what in NEXT:
        console.print(f"[bold]{command}[/]\n    {what}", highlight=False, soft_wrap=True)
    console.print(f"make demo took {time.monotonic() - start:.0f} s")
    return code


def _run(argv: list[str], environment: Mapping[str, str]) -> int:
    """Run in the checkout with its output straight to the person."""
    sys.stdout.flush()
    return subprocess.run(argv, cwd=PROJECT, env=dict(environment), check=False).returncode


def _color(console: Console) -> list[str]:
    return ["--color", "always" if console.is_terminal else "never"]
