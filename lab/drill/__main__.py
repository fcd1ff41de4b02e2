"""`python -m lab.drill`: the load of a drill, on the lab that runs. Exit code 2: it could not run."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from lab import processes
from lab.drill.load import Load
from lab.drill.production import of_file, of_lab
from lab.drill.tell import Tell
from lab.layout import Lab
from lab.workload.installation import CONSUMER, PRODUCER
from mirror.problems import CouldNotRun

_STOP_SECONDS = 15.0


def main() -> int:
    """Run the load; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m lab.drill", description=__doc__)
    parser.add_argument("--production", type=Path, help="a JSON file; default: the lab's production")
    chosen = parser.parse_args()
    lab = Lab.find()
    try:
        if chosen.production is None:
            stop_production(lab)
            production = of_lab(lab)
        else:
            production = of_file(chosen.production)
        Load(production, Tell()).run(iter(sys.stdin.readline, ""))
    except (CouldNotRun, TimeoutError) as error:
        print(error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 2
    return 0


def stop_production(lab: Lab) -> None:
    """Stop the lab's own producers and consumers: the load takes their place. `python -m lab up` starts them
    again.
    """
    names = (PRODUCER, CONSUMER)
    for name in names:
        processes.withdraw(lab, name)
    deadline = time.monotonic() + _STOP_SECONDS
    while any(processes.find(lab, name) for name in names) and time.monotonic() < deadline:
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
