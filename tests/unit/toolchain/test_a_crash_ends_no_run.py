"""A process of the lab tests that ends by a signal is one failed test: the others run all that is left."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
CONFTEST = """
from tests.lab.support.crash_safe import CrashSafe
def pytest_xdist_make_scheduler(config, log):
    return CrashSafe(config, log)
"""
CRASHES = """
import os, time
def test_{}():
    time.sleep(0.5)  # until the report of the test before has left the process
    os.abort()
"""


@pytest.mark.parametrize(("file", "test"), [(13, 2), (13, 3), (16, 2)])
def test_all_tests_run_although_a_process_ends(tmp_path: Path, file: int, test: int) -> None:
    """With the scheduler of pytest-xdist 3.8 this waits for ever, or runs a test twice."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    for number in range(1, 13):
        (tmp_path / f"test_{number:02}.py").write_text("import time\ndef test_1(): time.sleep(0.05)\n")
    for number in range(13, 17):
        tests = [f"def test_{one}(): pass\n" for one in (1, 2, 3)]
        if number == file:
            tests[test - 1] = CRASHES.format(test)
        (tmp_path / f"test_{number:02}.py").write_text("".join(tests))
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"),
            *(
                "--no-loadscope-reorder",
                "-o",
                f"cache_dir={tmp_path / 'cache'}",
                "-c",
                "/dev/null",
                "--rootdir",
                str(tmp_path),
            ),
            str(tmp_path),
        ],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "1 failed, 23 passed" in ran.stdout, ran.stdout + ran.stderr
    noted = json.loads((tmp_path / "cache/v/cache/lastfailed").read_text())
    assert noted == {f"test_{file}.py::test_{test}": True}, "`tests.again` runs what is noted"
