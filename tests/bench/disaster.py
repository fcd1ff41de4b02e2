"""`python -m tests.bench.disaster`: the disaster in a lab of its own, from the kill to production back home.

Each round brings a lab up, deploys its mirror, runs `region-mirror drill failover`, and takes the lab down.
The moment of the kill is random. Reports and recordings remain in the folder that is named in the end.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from lab.env import pulumi_environment
from lab.layout import LAB_VARIABLE, PROJECT, Lab
from lab.region.clients import admin_client_config
from mirror.text.durations import duration
from tests.lab.support.lab import with_compiled_modules
from tests.lab.support.stack import Stack

STACK = "lab"
EARLIEST, LATEST = 3.0, 23.0
"""Seconds under load before the kill: several transactions, polls and commits."""
ROUNDS = 1


def main() -> int:
    """Run the rounds, print a table; exit code 1 where a record is not accounted for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.disaster", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--until", choices=("home", "promoted"), default="home")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    lab, out = Lab(PROJECT / ".lab-drill"), Path(tempfile.mkdtemp(prefix="drill-failover-"))
    console, rounds = Console(), []
    for number in range(1, given.rounds + 1):
        after = chance.uniform(EARLIEST, LATEST)
        try:
            lab_command(lab, "up", "--while", str(os.getpid()))
            rounds.append((after, one_round(lab, deployed(lab), out / f"{number}", after, given.until)))
        finally:
            lab_command(lab, "down")
        _show(rounds, given.seed, console)
    console.print(f"reports and recordings: {out}", soft_wrap=True)
    return 0 if all(found.get("passed") for _, found in rounds) else 1


def lab_command(lab: Lab, *words: str) -> None:
    """Bring the lab up or down. Raises CalledProcessError."""
    environment = {**os.environ, LAB_VARIABLE: str(lab.root)}
    subprocess.run([sys.executable, "-m", "lab", *words], cwd=PROJECT, env=environment, check=True)


def deployed(lab: Lab) -> Stack:
    """Deploy the lab's mirror from a project of its own."""
    environment = with_compiled_modules({**os.environ, **pulumi_environment(lab), "PYTHONPATH": str(PROJECT)})
    stack = Stack.create(lab.root / "project", lab.root, STACK, environment)
    stack.up().ok()
    return stack


def one_round(lab: Lab, stack: Stack, out: Path, after: float, until: str) -> dict[str, Any]:
    """Run the drill; its report. `out`: the files' name without an ending."""
    argv = [sys.executable, "-m", "mirror", "drill", "failover", "--stack", STACK, "--yes", "--until", until]
    argv += ["--kill-after", f"{after:.1f}", "--target-admin-config", str(login(lab)), "--output", "json"]
    argv += ["--record", str(out.with_suffix(".jsonl")), "--html", str(out.with_suffix(".html"))]
    done = subprocess.run(
        argv, cwd=stack.project, env=dict(stack.environment), stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode not in (0, 1):
        return {"passed": False, "problems": [f"it ended with {done.returncode}"]}
    out.with_suffix(".json").write_text(done.stdout)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def login(lab: Lab) -> Path:
    """Write librdkafka properties of region west's super user: no pattern of the mirror covers quarantine."""
    properties = lab.root / "west-admin.properties"
    properties.touch(mode=0o600)
    config = admin_client_config(lab, "west").items()
    properties.write_text("".join(f"{name}={value}\n" for name, value in _one_line_each(config)))
    return properties


def _one_line_each(config: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    """PEM texts have several lines; in a file of properties `\\n` is a line break."""
    for name, value in config:
        yield name, str(value).replace("\n", "\\n")


def _show(rounds: list[tuple[float, dict[str, Any]]], seed: int, console: Console) -> None:
    table = Table(title=f"{len(rounds)} rounds, seed {seed}", title_justify="left")
    columns = (
        "killed after",
        "RPO",
        "first read",
        "first write",
        "recovered",
        "conflicts",
        "doubled",
        "lost",
    )
    for column in (*columns, "problems"):
        table.add_column(column)
    for after, found in rounds:
        rpo, rto = found.get("rpo", {}), found.get("rto", {})
        table.add_row(
            f"{after:.1f} s",
            f"{rpo.get('records')} ({duration(rpo.get('seconds'))})",
            *(_reached(rto.get(name, {})) for name in ("first read", "first write")),
            *(str(found.get(name)) for name in ("recovered", "conflicts", "doubled", "lost")),
            "; ".join(found["problems"]) or "none",
        )
    console.print(table)


def _reached(one: dict[str, Any]) -> str:
    ratio = one.get("ratio")
    from_kill, from_decision = one.get("from_kill_seconds"), one.get("from_decision_seconds")
    return f"{duration(from_kill)}, {duration(from_decision)} ({'?' if ratio is None else f'{ratio:.1f}'})"


if __name__ == "__main__":
    sys.exit(main())
