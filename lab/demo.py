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
from rich.panel import Panel
from rich.rule import Rule

from lab.env import pulumi_environment
from lab.layout import PROJECT, Lab
from lab.up import up

STACK = "lab"

NEXT = """\
[bold]make lab-status[/]        what runs, where, with which memory
[bold]make verify[/]            the same report, any time
[bold]eval "$(make -s lab-env)"[/] then  [bold]pulumi preview --stack lab[/]  after you changed stacks/Pulumi.lab.yaml
[bold]KUBECONFIG=.lab/west/kubeconfig kubectl get kmm2,kafkauser -n kafka[/]
[bold].venv/bin/python -m lab.workload send --topic orders --key you --value hello[/]        write to production …
[bold].venv/bin/python -m lab.workload watch --region west --topic orders[/]                 … and see it arrive
[bold].venv/bin/python -m lab.workload resume --region west --group audit-review --max 10[/]   go on where the group stopped
[bold]make lab-down[/]          stop everything and remove its files"""


def demo(lab: Lab, console: Console) -> int:
    """Bring the lab up, deploy the stack, print the report; the exit code of the step that failed, else 0."""
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
    console.print(Panel(NEXT, title="what next", title_align="left", expand=False))
    console.print(f"make demo took {time.monotonic() - start:.0f} s")
    return code


def _run(argv: list[str], environment: Mapping[str, str]) -> int:
    """Run in the checkout with its output straight to the person."""
    sys.stdout.flush()
    return subprocess.run(argv, cwd=PROJECT, env=dict(environment), check=False).returncode


def _color(console: Console) -> list[str]:
    return ["--color", "always" if console.is_terminal else "never"]
