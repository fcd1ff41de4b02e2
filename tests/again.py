"""`python -m tests.again`: run the tests once more that failed in the last `make test`.

Real clusters on a machine of unknown speed sometimes miss a deadline, and a native library has ended a
process of the tests with SIGSEGV once. CI therefore runs the files of a few failed tests a second
time (a lab test in a new lab), and names them in any case: a test that fails twice fails CI, and one that
passes the second time is on record, and has to be mended. `make test` ends before the lab tests where another
test fails, so they are run afterwards. Exit codes: pytest's, and 1 where nothing is run again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.lab.support import time_left

CACHE = Path(".pytest_cache/v")
LAST_FAILED = "cache/lastfailed"
"""Where pytest's cache notes what failed: node id -> true."""
LAST_REASONS = "region-mirror/reasons"
"""Where `tests/conftest.py` notes there what failed tests said: node id -> message."""
REASON_LINES, REASON_WIDTH = 8, 220
LAB_TESTS = "tests/lab/"
MOST = 11
"""One lab that is left behind broken can fail each later test of its process, so files are counted by their
time, not tests. With more failures than this pytest has stopped (`--maxfail` in .ci/run).
"""
LAB_SECONDS, FILE_SECONDS = 150.0, 180.0
"""What a new lab with its mirror takes, and what a file of lab tests takes in it, on a slow machine."""


def files_again(
    failed: Mapping[str, object], seconds_left: float, reasons: Mapping[str, str] | None = None
) -> tuple[list[str], str]:
    """Choose the files to run again, and say why; no file where the failures stand. A file is run as a whole,
    because lab tests go on from one another. Each test is named with the first lines of its reason. Pure.
    """
    listed = _listed(failed, reasons or {})
    files = sorted({node.split("::")[0] for node in failed})
    if not failed:
        return [], "pytest noted no failed test: it ended for another reason"
    if len(failed) > MOST:
        return [], f"{len(failed)} tests failed, more than {MOST}: they are not run again{listed}"
    labs = sum(one.startswith(LAB_TESTS) for one in files)
    if labs and seconds_left < LAB_SECONDS + FILE_SECONDS * labs:
        few = f"{seconds_left:.0f} s are left, too few to run {labs} files of lab tests again"
        return [], few + listed
    return files, f"run again:{listed}"


def _listed(failed: Mapping[str, object], reasons: Mapping[str, str]) -> str:
    """The tests and what they said: the last lines of a run are what people see first."""
    lines: list[str] = []
    for node in sorted(failed):
        said = [line for line in reasons.get(node, "").splitlines() if line.strip()]
        lines += [f"  {node}", *(f"    {line[:REASON_WIDTH]}" for line in said[:REASON_LINES])]
    return "".join(f"\n{line}" for line in lines)


def _cached(key: str) -> dict[str, str]:
    file = CACHE / key
    return json.loads(file.read_text()) if file.is_file() else {}


def main() -> int:
    """Run the files, and then the lab tests where they have not been run. Return an exit code."""
    left = float(os.environ.get(time_left.END_BY, "inf")) - time.monotonic()
    files, why = files_again(_cached(LAST_FAILED), left, _cached(LAST_REASONS))
    print(f"\nfailed tests: {why}", flush=True)
    if not files:
        return 1
    code = subprocess.run([sys.executable, "-m", "pytest", "-v", *files]).returncode
    if code or any(one.startswith(LAB_TESTS) for one in files):
        return code
    return main() if subprocess.run(["make", "test-lab"]).returncode else 0


if __name__ == "__main__":
    sys.exit(main())
