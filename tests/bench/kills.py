"""`python -m tests.bench.kills`: cutovers in a row, each killed at a random moment and run again.

The producers write all the time. After each round the mirror is promoted or rolled back to a proven mirror,
and every record that the source has accepted is on the target once, in order; each group's offset is exact.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from lab.layout import Lab
from mirror.mm2.phase import PROMOTED, phase_of
from tests.bench.moved_mirror import Moving
from tests.bench.moving import moving

MOVING_SECONDS = 14.0
"""From the fence to the promotion it takes about so long: the command is killed at a moment in it, each as
likely as any other. Before the fence it only reads.
"""
_FENCE_SECONDS = 300.0
_AGAIN_SECONDS = 900.0


@dataclass(frozen=True)
class Round:
    """One round. `reached`: the last step that was done, or begun, when the command was killed."""

    number: int
    after: float
    reached: str
    again: str
    outcome: str
    seconds: float
    problems: tuple[str, ...]


def main() -> int:
    """Run the rounds, print a table; exit code 1 where a record was lost or doubled."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.kills", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    console = Console()
    rounds: list[Round] = []
    with moving(Lab.find(), "kills") as made:
        for number in range(1, given.rounds + 1):
            rounds.append(one_round(made, number, chance))
            console.print(str(rounds[-1]), highlight=False, soft_wrap=True)
            if rounds[-1].problems:
                break
    _show(rounds, given.seed, console)
    return 1 if any(one.problems for one in rounds) else 0


def one_round(made: Moving, number: int, chance: random.Random) -> Round:
    """Begin a cutover, kill it, run it again or roll it back, and compare everything."""
    began = time.monotonic()
    made.commit(chance)
    after = chance.uniform(0.0, MOVING_SECONDS)
    back = chance.random() < 0.25
    with made.writing():
        made.more()
        reached = killed(made, after)
        promoted = _promoted(made)
        again = "rollback" if back and not promoted else "cutover"
        argv = _argv(made, *(["rollback"] if again == "rollback" else []))
        ran = subprocess.run(argv, capture_output=True, text=True, timeout=_AGAIN_SECONDS, check=False)
        problems = []
        if ran.returncode:
            problems.append(f"{again} ended with {ran.returncode}: {ran.stdout[-600:]} {ran.stderr[-300:]}")
        elif again == "rollback":
            made.more()  # producers write again
    outcome = "promoted" if _promoted(made) else "rolled back, proven"
    if outcome == "promoted":
        problems += made.compare()
        made.put_back()
    elif again == "cutover":
        problems.append("neither promoted nor rolled back")
    return Round(number, after, reached, again, outcome, time.monotonic() - began, tuple(problems))


def killed(made: Moving, after: float) -> str:
    """Begin a cutover and send SIGKILL so many seconds after it has begun to act; the last event it told."""
    last, acting = ["nothing"], threading.Event()
    with subprocess.Popen(_argv(made), stdout=subprocess.PIPE, text=True) as process:

        def listen() -> None:
            for line in process.stdout or ():
                event = json.loads(line)
                last[0] = f"{event.get('step', '')} {event['event']}".strip()
                if event["event"] == "acting":
                    acting.set()
            acting.set()

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        acting.wait(_FENCE_SECONDS)
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
        listener.join()
    return last[0]


def _promoted(made: Moving) -> bool:
    with made.world() as world:
        return phase_of(world.resource()) == PROMOTED


def _argv(made: Moving, *words: str) -> list[str]:
    options = ["--yes", "-o", "json", "-q", "--config-file", str(made.file)]
    return [sys.executable, "-m", "mirror", "cutover", *words, *options]


def _show(rounds: list[Round], seed: int, console: Console) -> None:
    table = Table(title=f"{len(rounds)} rounds, seed {seed}", title_justify="left")
    for column in ("round", "killed after", "in", "then", "outcome", "lost or doubled"):
        table.add_column(column)
    for one in rounds:
        found = "; ".join(one.problems) or "none"
        table.add_row(str(one.number), f"{one.after:.1f} s", one.reached, one.again, one.outcome, found)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
