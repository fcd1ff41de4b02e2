"""`make drill-cutover`: the product's drill on the lab that runs, with its production as the load."""

from __future__ import annotations

import os
import subprocess
import sys

from lab.demo import STACK
from lab.env import pulumi_environment
from lab.layout import PROJECT, Lab

RECORD, PAGE = "drill.jsonl", "drill.html"


def main() -> int:
    """Run it in the lab's folder; its exit code."""
    lab = Lab.find()
    if not lab.exists:
        print("there is no lab: run `make demo` first", file=sys.stderr)
        return 2
    record, page = lab.root / RECORD, lab.root / PAGE
    argv = [sys.executable, "-m", "mirror", "drill", "cutover", "--stack", STACK, "--yes"]
    argv += ["--record", str(record), "--html", str(page)]
    environment = {**os.environ, **pulumi_environment(lab)}
    code = subprocess.run(argv, cwd=PROJECT, env=environment, check=False).returncode
    if page.exists():
        print(f"\nthe timeline: {page}\nthe recording: {record}")
        print("region west is promoted; another drill needs another lab: `make lab-down`, `make demo`")
    return code


if __name__ == "__main__":
    sys.exit(main())
